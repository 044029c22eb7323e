/**
 * An isolate's notes of a Redis that answers and refuses. Each room goes on by its own rule, and a refusal is not an
 * outage, so no other signal would show it. Refusals of any command are counted here, and logged at once and then once
 * a minute, not for each request.
 */
import type { Log } from '../log.ts';

/** A refused command. */
export interface Refused {
  /** The command's name in upper case. */
  command: string;
  /** Redis's own code: `OOM` for a full one, `READONLY`, `NOPERM`, `MISCONF` for one that cannot write its disk. */
  reply: string;
}

/** The codes with which Redis refuses. */
export const REFUSAL_REPLIES: readonly string[] = ['OOM', 'READONLY', 'NOPERM', 'MISCONF'];

const LOG_EVERY_MS = 60_000;

/** Counts refusals, by code; each log line has the number since the line before. */
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
