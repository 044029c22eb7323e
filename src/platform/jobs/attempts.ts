/**
 * Past attempts: the record keeps the last twenty runs that have ended, in one field, a line each. The scripts that
 * notice the end anyway write them: the finish, or the next claim after a crash.
 */

/** How a past attempt ended; a `crashed` one ended without reporting an outcome. */
export const ATTEMPT_OUTCOMES = ['done', 'failed', 'dead', 'cancelled', 'snooze', 'continue', 'crashed'] as const;

/** A run that has ended. Times in ms since the epoch, by Redis's clock. */
export interface PastAttempt {
  slice: number;
  /** From 1 in each slice. A snooze gives its number back, and a replay begins at 1 again. */
  number: number;
  startedAt: number;
  /** Of a crash, the end of its lease: the moment of the crash is unknown. */
  endedAt: number;
  outcome: (typeof ATTEMPT_OUTCOMES)[number];
  /** Why it failed, died or was cancelled: an error's class and code, or the reason that the run gave. */
  reason: string | null;
}

const KEPT = 20;
const LONGEST_REASON = 100;

/** For scripts: the field with one attempt more. A record of an older release does not know when its run began. */
export const ATTEMPTED_LUA = `
local function attempted(past, slice, number, began, ended, outcome, reason)
  began = began or ended
  local line = table.concat({slice or '0', number or '0', text(began), text(ended - began), outcome, reason}, ' ')
  if not past then return line end
  past = past .. '\\n' .. line
  local _, lines = string.gsub(past, '\\n', '')
  return lines < ${KEPT} and past or string.match(past, '\\n(.*)')
end
`;

/** A reason as written in a line. */
export function briefly(reason: string): string {
  return reason.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON);
}

/** Reads the field, the first attempt first. */
export function readAttempts(past: string | null): PastAttempt[] {
  if (past === null) return [];
  return past.split('\n').map((line) => {
    const [slice, number, startedAt, ms, outcome, ...reason] = line.split(' ');
    return {
      slice: Number(slice),
      number: Number(number),
      startedAt: Number(startedAt),
      endedAt: Number(startedAt) + Number(ms),
      // The type is known: only the scripts above write this text, with outcomes of the same list.
      outcome: outcome as PastAttempt['outcome'],
      reason: reason.join(' ') || null,
    };
  });
}
