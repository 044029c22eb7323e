/**
 * The transport of one instance to Redis, with faults: a `fetch` that recognizes the step of a read or a write in each
 * request and applies the fault that a test sets. Unlike faults of the REST server, these affect one instance only.
 */
import { LEASE_MS } from '../../src/platform/cache/lease.ts';
import { MARKER_TTL_MS } from '../../src/platform/cache/versions.ts';
import type { TransportFetch } from '../../src/platform/redis/index.ts';
import { nodeFetch } from './node-fetch.ts';

/**
 * The steps of reads (lookup, acquire, fill, release), of writes (mark, settle) and of sessions: `session` looks a
 * session up, `create` creates or renews one, `revoke` changes or ends existing ones. `publish` publishes an event, `log`
 * logs an audited read.
 */
export type Step =
  | 'lookup'
  | 'acquire'
  | 'fill'
  | 'release'
  | 'mark'
  | 'settle'
  | 'session'
  | 'create'
  | 'revoke'
  | 'limit'
  | 'publish'
  | 'log'
  | 'other';

/**
 * - `unreachable`: the request is not sent, the connection is refused.
 * - `503`: the request is not run, the server answers 503.
 * - `answer-lost`: the request is run, but the connection breaks instead of the answer.
 * - `hang`: the request is neither run nor answered, until the caller aborts.
 * - `die`: the request is run, and the calling process never goes on: none of its promises ever settles.
 * - `{ before }`, `{ after }`: the request is held before it is sent, or its answer, until the promise resolves.
 */
export type Fault =
  | 'unreachable'
  | '503'
  | 'answer-lost'
  | 'hang'
  | 'die'
  | { before: Promise<unknown> }
  | { after: Promise<unknown> };

export interface FaultyRedis {
  fetch: TransportFetch;
  /** The fault of each step; steps without an entry have none. */
  faults: Partial<Record<Step, Fault>>;
  /** The steps of all requests so far, including failed ones. */
  asked: Step[][];
  /** The number of requests that the caller aborted at its time limit. */
  timeouts: number;
  /** The number of those with the fault `hang`: on a slow machine other requests time out too. */
  hung: number;
  /** Resolves when the next request with this step is made. */
  reached(step: Step): Promise<void>;
  /** Resolves when Redis has run the next request with this step. */
  ran(step: Step): Promise<void>;
}

type Answer = Awaited<ReturnType<TransportFetch>>;

/** Creates a transport without faults: the one of the Lambdas. */
export function faultyRedis(): FaultyRedis {
  const asking = new Map<Step, PromiseWithResolvers<void>>();
  const running = new Map<Step, PromiseWithResolvers<void>>();
  const redis: FaultyRedis = {
    faults: {},
    asked: [],
    timeouts: 0,
    hung: 0,
    reached: (step) => barrierOf(asking, step).promise,
    ran: (step) => barrierOf(running, step).promise,
    async fetch(url, request) {
      const steps = stepsOf(request.body);
      redis.asked.push(steps);
      for (const step of steps) open(asking, step);
      const pass = async () => {
        const response = await nodeFetch(url, request);
        for (const step of steps) open(running, step);
        return response;
      };
      let waiting = true;
      request.signal.addEventListener('abort', () => {
        if (waiting) redis.timeouts += 1;
      });
      try {
        const fault = steps.map((step) => redis.faults[step]).find((each) => each !== undefined);
        if (fault === 'hang') redis.hung += 1;
        return await send(fault, pass, request.signal);
      } finally {
        waiting = false;
      }
    },
  };
  return redis;
}

function barrierOf(barriers: Map<Step, PromiseWithResolvers<void>>, step: Step): PromiseWithResolvers<void> {
  const barrier = barriers.get(step) ?? Promise.withResolvers<void>();
  barriers.set(step, barrier);
  return barrier;
}

function open(barriers: Map<Step, PromiseWithResolvers<void>>, step: Step): void {
  barriers.get(step)?.resolve();
  barriers.delete(step);
}

async function send(fault: Fault | undefined, pass: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  if (fault === undefined) return pass();
  if (typeof fault === 'object') {
    if ('before' in fault) {
      await fault.before;
      return pass();
    }
    const response = await pass();
    await fault.after;
    return response;
  }
  switch (fault) {
    case 'unreachable':
      throw new TypeError('fetch failed');
    case '503':
      return new Response('{"error":"down"}', { status: 503 });
    case 'answer-lost':
      await (await pass()).text();
      throw new TypeError('terminated');
    case 'hang':
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    case 'die':
      await (await pass()).text();
      return new Promise(() => {});
  }
}

/** Recognizes scripts by the families of their keys and by their arguments: EVALSHA sends only a digest of the text. */
function stepsOf(body: string): Step[] {
  const commands = JSON.parse(body) as string[][];
  return commands.map(([name = '', , keyCount = '', ...rest]) => {
    if (name.toLowerCase() === 'mget') return 'lookup';
    if (name.toLowerCase() === 'hmget') return 'session';
    if (!/^eval(sha)?$/i.test(name)) return 'other';
    const families = new Set(rest.slice(0, Number(keyCount)).map((key) => key.split(':')[2]));
    if (families.has('al')) return 'log';
    if (families.has('s')) return rest[0]?.split(':')[2] === 'e' ? 'create' : 'revoke';
    if (families.size === 1 && families.has('e')) return 'revoke';
    if (families.has('rl')) return 'limit';
    if (families.has('fn')) return 'publish';
    if (families.has('sg')) return 'other';
    const argv = new Set(rest.slice(Number(keyCount)));
    if (families.has('jw')) return 'other';
    if (families.size === 1 && families.has('v')) return argv.has(String(MARKER_TTL_MS)) ? 'mark' : 'settle';
    if (families.size === 1) return 'release';
    return argv.has(String(LEASE_MS)) ? 'acquire' : 'fill';
  });
}
