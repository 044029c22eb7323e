/**
 * Counts what one operation costs: requests, commands, and the round trips its caller waits for. The REST server
 * holds every request back until no more arrive, then releases all of them at once: each release is one round trip,
 * even on a slow machine. Requests sent after the caller has its answer are counted, but not as round trips waited
 * for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestProcess } from '../servers/rest.ts';

/** The cost of an operation. */
export interface Cost {
  requests: number;
  commands: number;
  /** Round trips before the caller had its answer. */
  waited: number;
}

/** If no request arrives in this time, all requests that need no earlier answer have been sent. */
const QUIET_MS = 15;
const AFTERWARDS_MS = 30;

/** Runs an operation and counts. No other client may use the server meanwhile. */
export async function costOf(rest: RestProcess, operation: () => Promise<unknown>): Promise<Cost> {
  const before = await rest.hold();
  let done = false;
  const running = operation().finally(() => {
    done = true;
  });
  // The last line reports its failure; here it must not count as unhandled.
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

/** Waits until background work has ended. */
export async function idle(rest: RestProcess): Promise<{ requests: number; commands: number }> {
  for (let before = await rest.status(); ; ) {
    await sleep(AFTERWARDS_MS);
    const now = await rest.status();
    if (now.received === before.received) return now;
    before = now;
  }
}
