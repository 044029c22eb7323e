/**
 * The way of one instance to Redis, with faults: a `fetch` that knows which step of a read or a write each request is,
 * and does to it what a test asks. Faults of one instance leave the others alone, unlike those of the REST server.
 */
import { LEASE_MS, MARKER_TTL_MS } from '../../src/platform/cache/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import type { TransportFetch } from '../../src/platform/redis/index.ts';

const nodeFetch = createNodeFetch();

/**
 * The steps of reads (lookup, acquire, fill, release), of writes (mark, settle) and of sessions: `session` looks one up,
 * `create` makes or renews one, `revoke` changes or ends what is there.
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
  | 'other';

/**
 * - `unreachable`: not sent, the connection is refused.
 * - `503`: not run, the server says so.
 * - `answer-lost`: run, but the connection breaks instead of the answer.
 * - `hang`: neither run nor answered, until the caller gives up.
 * - `die`: run, and the process that asked never goes on: nothing it awaits ever settles.
 * - `{ before }`, `{ after }`: held before it is sent, or with its answer, until the promise resolves.
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
  /** The fault of each step; steps without one pass. */
  faults: Partial<Record<Step, Fault>>;
  /** The steps of every request asked for so far, those that failed included. */
  asked: Step[][];
  /** Requests the caller gave up after its time limit. */
  timeouts: number;
  /** Those of them that hung because a test said so: on a slow machine others time out too. */
  hung: number;
  /** Resolves when the next request with this step has been asked for. */
  reached(step: Step): Promise<void>;
  /** Resolves when Redis has run the next request with this step. */
  ran(step: Step): Promise<void>;
}

type Answer = Awaited<ReturnType<TransportFetch>>;

/** A way to Redis without faults yet: the one that the Lambdas take. */
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

/** Scripts are told apart by the families of their keys and by their arguments: by digest their text is not seen. */
function stepsOf(body: string): Step[] {
  const commands = JSON.parse(body) as string[][];
  return commands.map(([name = '', , keyCount = '', ...rest]) => {
    if (name.toLowerCase() === 'mget') return 'lookup';
    if (name.toLowerCase() === 'hmget') return 'session';
    if (!/^eval(sha)?$/i.test(name)) return 'other';
    const families = new Set(rest.slice(0, Number(keyCount)).map((key) => key.split(':')[2]));
    if (families.has('s')) return rest[0]?.split(':')[2] === 'e' ? 'create' : 'revoke';
    if (families.size === 1 && families.has('e')) return 'revoke';
    if (families.has('rl')) return 'limit';
    const argv = new Set(rest.slice(Number(keyCount)));
    if (families.has('jw')) return 'other';
    if (families.size === 1 && families.has('v')) return argv.has(String(MARKER_TTL_MS)) ? 'mark' : 'settle';
    if (families.size === 1) return 'release';
    return argv.has(String(LEASE_MS)) ? 'acquire' : 'fill';
  });
}
