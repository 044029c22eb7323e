/**
 * Past attempts: one field of the record keeps the last 20 ended runs, one line for each run. The script that notices
 * the end of a run writes the line. This is the script of the finish or, after a crash, the script of the next claim.
 */

/** The outcomes of past attempts. `crashed`: the run ended without reporting an outcome. */
export const ATTEMPT_OUTCOMES = ['done', 'failed', 'dead', 'cancelled', 'snooze', 'continue', 'crashed'] as const;

/** A run that has ended. Times are in ms since the epoch, by Redis's clock. */
export interface PastAttempt {
  slice: number;
  /**
   * The number of the attempt. The count begins at 1 in each slice and after a replay. A run after a snooze has the
   * same number as the run before.
   */
  number: number;
  startedAt: number;
  /** The end of the run. After a crash: the end of the lease, because the time of the crash is unknown. */
  endedAt: number;
  outcome: (typeof ATTEMPT_OUTCOMES)[number];
  /** The reason of a failed, dead or cancelled run: an error's class and code, or the text that the run gave. */
  reason: string | null;
}

const KEPT = 20;
const LONGEST_REASON = 100;

/**
 * The Lua function that adds an attempt to the field. A record that an older release wrote has no start time of the
 * run.
 */
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

/** Returns a reason for a line of the field: without line breaks, and shortened. */
export function briefly(reason: string): string {
  return reason.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON);
}

/** Returns the past attempts in the field, the oldest first. */
export function readAttempts(past: string | null): PastAttempt[] {
  if (past === null) return [];
  return past.split('\n').map((line) => {
    const [slice, number, startedAt, ms, outcome, ...reason] = line.split(' ');
    return {
      slice: Number(slice),
      number: Number(number),
      startedAt: Number(startedAt),
      endedAt: Number(startedAt) + Number(ms),
      // The type is known, because only the function above writes this text, with outcomes of the same list.
      outcome: outcome as PastAttempt['outcome'],
      reason: reason.join(' ') || null,
    };
  });
}
