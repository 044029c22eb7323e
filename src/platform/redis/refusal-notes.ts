/**
 * Counts and logs the commands that Redis refuses. Each room handles refusals by its own rule, so only this log shows
 * the fault itself. The first refusal with a code is logged at once, and further refusals with the same code once a
 * minute.
 */
import type { Log } from '../log.ts';

/** A refused command. */
export interface Refused {
  /** The command's name in upper case. */
  command: string;
  /** Redis's code: `OOM` (memory is full), `READONLY`, `NOPERM` or `MISCONF` (Redis cannot write to its disk). */
  reply: string;
}

/** The codes with which Redis refuses. */
export const REFUSAL_REPLIES: readonly string[] = ['OOM', 'READONLY', 'NOPERM', 'MISCONF'];

const LOG_EVERY_MS = 60_000;

/** Returns a function that counts refusals by code. Each log line has the number of refusals since the last line. */
export function createRefusalNotes({ now, log }: { now(): number; log: Log }): (refused: Refused) => void {
  const byReply = new Map<string, { loggedAt: number; count: number }>();
  return ({ command, reply }) => {
    const noted = byReply.get(reply) ?? { loggedAt: Number.NEGATIVE_INFINITY, count: 0 };
    byReply.set(reply, noted);
    noted.count += 1;
    if (now() - noted.loggedAt < LOG_EVERY_MS) return;
    log.error('redis.refuses', { reply, command, refused: noted.count });
    noted.loggedAt = now();
    noted.count = 0;
  };
}
