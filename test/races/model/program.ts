/**
 * An actor: a reader, a writer or the drain, running the real code. An actor can only send requests (to Redis or the
 * database) and receive answers, and its random values are deterministic. The answers so far therefore decide its next
 * request, and the same answers put a new actor into the same state.
 */
import { createHash } from 'node:crypto';
import { commandError } from '../../../src/platform/redis/errors.ts';
import { RedisClient, RedisError } from '../../../src/platform/redis/index.ts';
import type { TransportRequest } from '../../../src/platform/redis/transport.ts';
import type { System } from '../../../src/platform/system.ts';
import type { Words } from './engine.ts';
import { NOON } from './noon.ts';

/** A row of the outbox. */
export interface OutboxRow {
  id: string;
  kind: string;
  payload: unknown;
}

/** The requests of an actor. Each is one step and takes effect at one time. */
export type Request =
  | { to: 'redis'; command: Words }
  | { to: 'sql'; statement: 'SELECT' | 'read entries' }
  | { to: 'sql'; statement: 'COMMIT'; rows: readonly OutboxRow[] }
  | { to: 'sql'; statement: 'delete entries'; ids: readonly string[] }
  /** Settled invalidations stay in the outbox for a second look. */
  | { to: 'sql'; statement: 'keep entries'; ids: readonly string[] }
  /** The statements of writers with a guard, and of the rebuild of its filter. */
  | { to: 'sql'; statement: 'INSERT' | 'xmax' | 'xmin' | 'page' }
  /** Waits for a turn, or reports the value of a read: for programs that act without a request. */
  | { to: 'clock'; served?: string };

/** An answer to an actor. `LOST` means no answer within the time limit. */
export type Answer = { result: unknown; at?: number } | { error: string; at?: number };
/** The answer to the n-th request of an actor. */
export type Received = readonly [request: number, answer: Answer];

/** The arguments of a program. */
export interface Tools {
  redis: RedisClient;
  system: System;
  ask(request: Request): Promise<unknown>;
  after(work: Promise<unknown>): void;
}

export type Program = (tools: Tools) => Promise<unknown>;

/** The progress of an actor. */
export interface Standing {
  /** The requests without an answer so far, by number. */
  waiting: readonly (readonly [number, Request])[];
  /** The outcome, once it is known; the actor may still work after its answer. */
  outcome: { value: unknown } | { error: string } | null;
}

const texts = new Map<string, string>();

/**
 * Runs a program up to the state after these answers.
 * @param timers how many timers of the program may fire; later ones never do.
 */
export async function stand(
  program: Program,
  name: string,
  history: readonly Received[],
  startsAt = NOON,
  timers = 0,
): Promise<Standing> {
  const asked: { request: Request; tell(answer: Answer): void }[] = [];
  const answered = new Set<number>();
  let now = startsAt;
  let tokens = 0;

  function ask(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      asked.push({
        request,
        tell(answer) {
          if ('result' in answer) resolve(answer.result);
          else if (request.to !== 'redis') reject(new Error(answer.error));
          else if (answer.error === 'LOST') reject(new RedisError('REDIS_TIMEOUT', 'Lost by the model'));
          else reject(commandError(request.command[0] ?? '', answer.error));
        },
      });
    });
  }
  const transport = {
    unexpectedReply: (command: string) => new RedisError('REDIS_REPLY', `The model answered ${command} wrongly`),
    async request<Result>({ path, body }: TransportRequest): Promise<{ result?: Result }> {
      if (path?.[0] === 'pipeline' || path?.[0] === 'multi-exec') throw new Error('The model expects single commands');
      return { result: (await ask({ to: 'redis', command: spelledOut(body as readonly unknown[]) })) as Result };
    },
  };
  const system: System = {
    now: () => now,
    random: () => 0.5,
    token: () => `${name}${String.fromCharCode(97 + tokens++)}`,
    secret: () => {
      throw new Error('The model has no secrets');
    },
    digits: (length) => '0'.repeat(length),
    rowId: (prefix) => `${prefix}_${name}`,
    sleep: async (ms) => {
      await ask({ to: 'clock' });
      now += ms;
    },
    // A timer fires at any time or, if it is cleared before, does nothing. Time limits are faults here: the explorer
    // decides that a request is lost.
    timer(_ms, run) {
      let isSet = timers > 0;
      if (isSet) {
        timers -= 1;
        ask({ to: 'clock' }).then(
          () => isSet && run(),
          () => undefined,
        );
      }
      return () => {
        isSet = false;
      };
    },
  };

  let outcome: Standing['outcome'] = null;
  const after = (work: Promise<unknown>) => void work.catch(() => undefined);
  program({ redis: new RedisClient(transport), system, ask, after }).then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error: String(error) };
    },
  );
  await everythingElse();
  for (const [index, answer] of history) {
    now = answer.at ?? now;
    answered.add(index);
    const waiting = asked[index];
    if (!waiting) throw new Error(`${name} is not deterministic: it made no request ${index}`);
    waiting.tell(answer);
    await everythingElse();
  }
  const waiting = asked.flatMap(({ request }, index) => (answered.has(index) ? [] : [[index, request] as const]));
  return { waiting, outcome };
}

/** The code under test only waits for its requests, so one turn of the event loop is enough. */
const everythingElse = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A script sent by digest or by text is the same request: the form depends on earlier requests of the process. */
function spelledOut(body: readonly unknown[]): Words {
  const [name = '', script = '', ...rest] = body.map(String);
  if (/^evalsha$/i.test(name)) return ['eval', texts.get(script) ?? '', ...rest];
  if (/^eval$/i.test(name)) texts.set(sha1(script), script);
  return [name, script, ...rest];
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
