/**
 * The limits of a job's delay. QStash accepts a message at most a year before its delivery; on the free plan, at most a
 * week before. A job that is due in more than 6 days waits in the outbox first, so it works with the free plan too.
 */
import { JobError } from './errors.ts';

const DAY_MS = 86_400_000;

/** The longest delay of a job, in ms: the limit of QStash's pay-as-you-go plan. */
export const LONGEST_DELAY_MS = 365 * DAY_MS;

/** The maximum time between the publication of a new job to QStash and its due time, in ms. */
export const LONGEST_HANDOVER_MS = 6 * DAY_MS;

/**
 * Returns the delay, unless it is too long.
 *
 * @param delayMs the delay from now, in ms
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
