/**
 * Requests to Redis in a chosen order. Each request stops twice: before Redis receives it, and before its caller
 * receives the answer. A driver decides which stopped request goes on next: fast-check's scheduler, which draws an
 * order and shrinks it, or {@link everyOrder}, which tries all orders.
 */
import fc from 'fast-check';
import type { TransportFetch } from '../../src/platform/redis/index.ts';
import { nodeFetch } from './node-fetch.ts';

/** Lets a request wait for its turn. */
export type Stop = (label: string) => Promise<unknown>;

/** Requests under way, and work of WebCrypto, which runs on threads of its own. */
let inFlight = 0;

for (const method of ['importKey', 'deriveKey', 'encrypt', 'decrypt', 'sign', 'verify'] as const) {
  // One overload for all: arguments and result are passed on unchanged.
  const real = crypto.subtle[method].bind(crypto.subtle) as (...args: unknown[]) => Promise<unknown>;
  const value = (...args: unknown[]) => counted(() => real(...args));
  Object.defineProperty(crypto.subtle, method, { value, configurable: true });
}

/** Counts work on other threads or in other processes, such as queries, so that {@link quiet} waits for its result. */
export async function counted<Result>(work: () => Promise<Result>): Promise<Result> {
  inFlight += 1;
  try {
    return await work();
  } finally {
    inFlight -= 1;
  }
}

/** Resolves when no work can go on by itself: no request is on its way to Redis, and the event loop is idle. */
export async function quiet(): Promise<void> {
  for (let still = 0; still < 4; still = inFlight === 0 ? still + 1 : 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Draws orders. All work that a step starts comes to rest before the next step is chosen. */
export const scheduler = fc.scheduler({
  act: async (step) => {
    await step();
    await quiet();
  },
});

/** Options for stopped requests. */
export interface Stopping {
  /** Called with the answer when Redis has run a request. */
  onRun?(answer: string): void;
  /** Changes the body before it is sent. */
  rewrite?(commands: unknown[][]): unknown[][];
  /** Which requests stop; the others pass. Default: all. */
  stops?(body: string): boolean;
}

/** A `fetch` whose requests stop. */
export function stoppingFetch(
  stop: Stop,
  label: string,
  { onRun, rewrite, stops = () => true }: Stopping = {},
): TransportFetch {
  return async (url, request) => {
    const isStopped = stops(request.body);
    if (isStopped) await stop(`${label} asks`);
    inFlight += 1;
    let text: string;
    let status: number;
    try {
      const body = rewrite ? JSON.stringify(rewrite(JSON.parse(request.body) as unknown[][])) : request.body;
      const response = await nodeFetch(url, { ...request, body });
      text = await response.text();
      status = response.status;
      onRun?.(text);
    } finally {
      inFlight -= 1;
    }
    if (isStopped) await stop(`${label} hears`);
    return new Response(text, { status });
  };
}

/**
 * Runs a function once for every order of its steps, depth first: a run repeats the choices of the previous run up to
 * the last step with an untried choice, and takes that choice.
 */
export async function everyOrder(run: (stop: Stop) => Promise<unknown>): Promise<number> {
  let choices: { chosen: number; count: number }[] = [];
  for (let runs = 1; ; runs += 1) {
    await oneOrder(run, choices);
    while (choices.length > 0) {
      const last = choices.at(-1);
      if (last && last.chosen + 1 < last.count) {
        last.chosen += 1;
        break;
      }
      choices = choices.slice(0, -1);
    }
    if (choices.length === 0) return runs;
  }
}

/** One run. Follows `choices`, and adds the first choice at each later step. */
async function oneOrder(run: (stop: Stop) => Promise<unknown>, choices: { chosen: number; count: number }[]) {
  const waiting: { label: string; go: () => void }[] = [];
  let finished = false;
  const done = run((label) => new Promise<void>((go) => waiting.push({ label, go }))).finally(() => {
    finished = true;
  });
  // The promise is awaited below; until then a rejection must not count as unhandled.
  done.catch(() => undefined);
  for (let step = 0; ; ) {
    await quiet();
    if (waiting.length === 0) {
      if (finished) break;
      continue;
    }
    waiting.sort((a, b) => (a.label < b.label ? -1 : 1));
    const choice = choices[step] ?? { chosen: 0, count: waiting.length };
    if (choice.count !== waiting.length) throw new Error(`Step ${step} is not the same in every run`);
    choices[step] = choice;
    step += 1;
    waiting.splice(choice.chosen, 1)[0]?.go();
  }
  await done;
}
