/** Sends the requests of many users at the times at which the users would send them. */
import { drawAction } from './actions.ts';
import type { Tally } from './tally.ts';
import type { Visitor } from './visitors.ts';

/** The size of a load. Each user sends a request every `pace` seconds on average, at random moments. */
export interface Load {
  users: number;
  minutes: number;
  pace: number;
}

/** Returns the number of requests of a load. */
export function requestsOf({ users, minutes, pace }: Load): number {
  return Math.round((users * minutes * 60) / pace);
}

/** The services of a load. */
export interface LoadServices {
  visitors: readonly Visitor[];
  tally: Tally;
  /** Returns a number from 0 up to 1. */
  random(): number;
  /** Returns a time in ms. */
  now(): number;
  /** Resolves after some ms. */
  wait(ms: number): Promise<void>;
  /** Is called after each answer with the number of answers so far. */
  onProgress?(answers: number): void;
}

/** The result of a load. */
export interface LoadResult {
  /** The time from the first request to the last answer, in ms. */
  ms: number;
  /** The requests that left more than a second late, because the application answered too slowly. */
  late: number;
}

/** The most requests that wait for an answer at one time. A further request leaves late. */
const MOST_OPEN = 64;
const MINUTE_MS = 60_000;
const LATE_MS = 1_000;

/** Runs a load. Requests without an answer are counted, and do not end the load. */
export async function runLoad(load: Load, services: LoadServices): Promise<LoadResult> {
  const { visitors, tally, random, now, wait } = services;
  const began = now();
  const times = Array.from({ length: requestsOf(load) }, () => random() * load.minutes * MINUTE_MS);
  times.sort((one, other) => one - other);
  let next = 0;
  let answers = 0;
  let late = 0;

  async function user(): Promise<void> {
    for (let at = times[next]; at !== undefined; at = times[next]) {
      next += 1;
      const delay = began + at - now();
      if (delay > 0) await wait(delay);
      else if (delay < -LATE_MS) late += 1;
      const visitor = visitors[Math.floor(random() * visitors.length)] as Visitor;
      const { method, path, route, body } = drawAction(visitor.rows, random);
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      await tally.counted(route, () => visitor.send(path, init)).catch(() => undefined);
      answers += 1;
      services.onProgress?.(answers);
    }
  }

  await Promise.all(Array.from({ length: MOST_OPEN }, user));
  return { ms: now() - began, late };
}
