/**
 * Counts and logs the commands that Redis refuses. Each room handles refusals by its own rule, so only this log shows
 * the fault itself. The first refusal with a code is logged at once, and further refusals with the same code once a
 * minute.
 */
import type { Log } from '../log.ts';
import type { RedisError } from './errors.ts';

/** The codes with which Redis refuses. */
export const REFUSAL_REPLIES = ['OOM', 'READONLY', 'NOPERM', 'MISCONF'] as const;

/** Redis's code: `OOM` (memory is full), `READONLY`, `NOPERM` or `MISCONF` (Redis cannot write to its disk). */
export type RefusalReply = (typeof REFUSAL_REPLIES)[number];

/** A refused command. */
export interface Refused {
  /** The command's name in upper case. */
  command: string;
  reply: RefusalReply;
}

/** Commands that the app also does without, so that a refusal is no fault: the app's user has no `CONFIG`. */
const OPTIONAL: readonly string[] = ['CONFIG'];

/** Returns the refusal in an error; `undefined` for another error, and for a command that the app does without. */
export function refusalIn({ command = '', reply }: RedisError): Refused | undefined {
  const refusal = REFUSAL_REPLIES.find((each) => each === reply);
  return refusal === undefined || OPTIONAL.includes(command) ? undefined : { command, reply: refusal };
}

const LOG_EVERY_MS = 60_000;

/** The services of the notes. */
export interface RefusalServices {
  now(): number;
  log: Log;
  /** Counts each refusal. */
  count?(reply: RefusalReply): void;
}

/** Returns a function that counts refusals by code. Each log line has the number of refusals since the last line. */
export function createRefusalNotes({ now, log, count }: RefusalServices): (refused: Refused) => void {
  const byReply = new Map<string, { loggedAt: number; count: number }>();
  return ({ command, reply }) => {
    count?.(reply);
    const noted = byReply.get(reply) ?? { loggedAt: Number.NEGATIVE_INFINITY, count: 0 };
    byReply.set(reply, noted);
    noted.count += 1;
    if (now() - noted.loggedAt < LOG_EVERY_MS) return;
    log.error('redis.refuses', { reply, command, refused: noted.count });
    noted.loggedAt = now();
    noted.count = 0;
  };
}
