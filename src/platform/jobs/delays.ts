/**
 * How far ahead a job may be. QStash takes a message a year before its delivery at most, on its free plan a week. A job
 * that is due later than a message may be waits in the outbox until then, so that the plan makes no difference.
 */
import { JobError } from './errors.ts';

const DAY_MS = 86_400_000;

/** The longest delay that is taken, in ms: what QStash's pay-as-you-go plan allows. */
export const LONGEST_DELAY_MS = 365 * DAY_MS;

/** A message is handed to QStash this long before its delivery at most, in ms. */
export const LONGEST_HANDOVER_MS = 6 * DAY_MS;

/**
 * Lets a delay pass that is not too long.
 *
 * @param delayMs from now on
 * @throws {JobError} `JOB_DELAY_TOO_LONG`.
 */
export function checkedDelay(delayMs: number): number {
  if (!(delayMs > LONGEST_DELAY_MS)) return delayMs;
  const days = (delayMs / DAY_MS).toFixed(1);
  throw new JobError(
    'JOB_DELAY_TOO_LONG',
    `A job may be due in ${LONGEST_DELAY_MS / DAY_MS} days at most, not ${days}`,
  );
}
