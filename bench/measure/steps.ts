/**
 * Counts the cost of one operation: requests, commands, and the round trips for which the caller waits. The REST
 * server holds every request back until no further request arrives, then releases all requests at once: each release
 * is one round trip, even on a slow machine. Requests after the caller's response count as requests, but not as round
 * trips.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestProcess } from '../servers/rest.ts';

/** The cost of an operation. */
export interface Cost {
  requests: number;
  commands: number;
  /** The number of round trips before the caller got its response. */
  waited: number;
}

/** The time without a request after which no further request is expected before a release. */
const QUIET_MS = 15;
const AFTERWARDS_MS = 30;

/** Runs an operation and counts its cost. No other client may use the server meanwhile. */
export async function costOf(rest: RestProcess, operation: () => Promise<unknown>): Promise<Cost> {
  const before = await rest.hold();
  let done = false;
  const running = operation().finally(() => {
    done = true;
  });
  // `await running` below reports a failure; until then, the rejection must not count as unhandled.
  running.catch(() => {});
  let waited = 0;
  let last = before.received;
  let quietSince = performance.now();
  while (!done) {
    await sleep(2);
    const { held, received } = await rest.status();
    if (received !== last) {
      last = received;
      quietSince = performance.now();
    }
    if (done || held === 0 || performance.now() - quietSince < QUIET_MS) continue;
    await rest.release();
    waited += 1;
    quietSince = performance.now();
  }
  await rest.letThrough();
  const after = await idle(rest);
  await running;
  return { requests: after.requests - before.requests, commands: after.commands - before.commands, waited };
}

/** Waits until no request arrives any more, and returns the counts. */
export async function idle(rest: RestProcess): Promise<{ requests: number; commands: number }> {
  for (let before = await rest.status(); ; ) {
    await sleep(AFTERWARDS_MS);
    const now = await rest.status();
    if (now.received === before.received) return now;
    before = now;
  }
}
