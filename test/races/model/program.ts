/**
 * An actor: a reader, a writer or the drain, running the real code. All it can do is ask (Redis or the database) and be
 * told; all it draws is deterministic. So what it does next follows from what it was told so far, and it can be put
 * into any of its states by telling it the same again.
 */
import { createHash } from 'node:crypto';
import { commandError } from '../../../src/platform/redis/errors.ts';
import { RedisClient, RedisError } from '../../../src/platform/redis/index.ts';
import type { TransportRequest } from '../../../src/platform/redis/transport.ts';
import type { System } from '../../../src/platform/system.ts';
import type { Words } from './engine.ts';
import { NOON } from './noon.ts';

/** A row of the outbox. */
export interface Owed {
  id: string;
  kind: string;
  payload: unknown;
}

/** What an actor can ask. Each is one step, and takes effect at one moment. */
export type Request =
  | { to: 'redis'; command: Words }
  | { to: 'sql'; statement: 'SELECT' | 'take owed' }
  | { to: 'sql'; statement: 'COMMIT'; owed: readonly Owed[] }
  | { to: 'sql'; statement: 'delete owed'; ids: readonly string[] }
  /** Settled invalidations stay for a second look. */
  | { to: 'sql'; statement: 'keep owed'; ids: readonly string[] }
  /** Waits for its turn, or says what a read was served: for programs that act without asking. */
  | { to: 'clock'; served?: string };

/** What an actor is told. `LOST` is no answer within the time limit. */
export type Told = { result: unknown; at?: number } | { error: string; at?: number };
/** One thing an actor was told: the answer to the n-th request it made. */
export type Heard = readonly [request: number, told: Told];

/** What a program is handed. */
export interface Tools {
  redis: RedisClient;
  system: System;
  ask(request: Request): Promise<unknown>;
  after(work: Promise<unknown>): void;
}

export type Program = (tools: Tools) => Promise<unknown>;

/** Where an actor stands. */
export interface Standing {
  /** What it has asked and not been told, by the number of the request. */
  waiting: readonly (readonly [number, Request])[];
  /** What became of it, once that is known; it may still be at work after its answer. */
  outcome: { value: unknown } | { error: string } | null;
}

const texts = new Map<string, string>();

/** Runs a program up to where it has heard all this. */
export async function stand(
  program: Program,
  name: string,
  history: readonly Heard[],
  startsAt = NOON,
): Promise<Standing> {
  const asked: { request: Request; tell(told: Told): void }[] = [];
  const answered = new Set<number>();
  let now = startsAt;
  let tokens = 0;

  function ask(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      asked.push({
        request,
        tell(told) {
          if ('result' in told) resolve(told.result);
          else if (request.to !== 'redis') reject(new Error(told.error));
          else if (told.error === 'LOST') reject(new RedisError('REDIS_TIMEOUT', 'Lost by the model'));
          else reject(commandError(request.command[0] ?? '', told.error));
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
    sleep: () => Promise.reject(new Error('Nobody sleeps in the model')),
    // Time limits are faults here: a request is lost because the explorer says so.
    timer: () => () => undefined,
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
  for (const [index, told] of history) {
    now = told.at ?? now;
    answered.add(index);
    const waiting = asked[index];
    if (!waiting) throw new Error(`${name} is not deterministic: it made no request ${index}`);
    waiting.tell(told);
    await everythingElse();
  }
  const waiting = asked.flatMap(({ request }, index) => (answered.has(index) ? [] : [[index, request] as const]));
  return { waiting, outcome };
}

/** Nothing in the code under test waits for anything but its requests, so one turn is enough. */
const everythingElse = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A script by digest and by text is the same request: which one is sent depends on what this process sent before. */
function spelledOut(body: readonly unknown[]): Words {
  const [name = '', script = '', ...rest] = body.map(String);
  if (/^evalsha$/i.test(name)) return ['eval', texts.get(script) ?? '', ...rest];
  if (/^eval$/i.test(name)) texts.set(sha1(script), script);
  return [name, script, ...rest];
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
