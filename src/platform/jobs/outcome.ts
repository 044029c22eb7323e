/**
 * Outcomes: the ways in which a run can end. A run that returns a plain value is done, with this value as its result.
 * Any other outcome is a {@link JobOutcome}, which the run may return, or throw from a nested function.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { checkedDelay } from './delays.ts';

/** The outcome of a run. */
export type Outcome =
  /** The job is finished; the result is kept for the job's `keepResult`. */
  | { kind: 'done'; result: unknown }
  /** The run failed; the job is retried after `afterMs`, at the time `atMs` (epoch), or after the job's backoff. */
  | { kind: 'retry'; afterMs: number | null; atMs?: number; reason: string; errorMessage?: string }
  /** The job runs again after `ms`. The run uses up no attempt. */
  | { kind: 'snooze'; ms: number }
  /** The slice is done; the next slice starts at the cursor, with all its attempts. */
  | { kind: 'continue'; cursor: unknown }
  /** The job is no longer needed. */
  | { kind: 'cancel'; reason: string }
  /** The run failed, and further attempts would fail too. */
  | { kind: 'fatal'; reason: string };

/** An {@link Outcome} that a run returns or throws. The functions below create it. */
export class JobOutcome {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
}

/**
 * Ends the job as done, like a returned value. A nested function that cannot return from the run throws this outcome.
 */
export function done(result: unknown): JobOutcome {
  return new JobOutcome({ kind: 'done', result });
}

/**
 * Ends the run as failed, which uses up an attempt. The next attempt starts after a duration or at a date, or after the
 * wait of the job's backoff. The wait is at most a day. A date in the past means at once.
 * @throws {TypeError} if `when` is neither a duration nor a valid date.
 */
export function retryLater(when?: Duration | Date, reason = 'RETRY_LATER'): JobOutcome {
  if (when instanceof Date) {
    const atMs = when.getTime();
    if (Number.isNaN(atMs)) throw new TypeError('Not a valid date');
    return new JobOutcome({ kind: 'retry', afterMs: null, atMs, reason });
  }
  return new JobOutcome({ kind: 'retry', afterMs: when === undefined ? null : milliseconds(when), reason });
}

/**
 * Runs the same slice again after a time, without using up an attempt.
 * @throws {JobError} `JOB_DELAY_TOO_LONG` for more than 365 days.
 */
export function snooze(duration: Duration): JobOutcome {
  return new JobOutcome({ kind: 'snooze', ms: checkedDelay(milliseconds(duration)) });
}

/**
 * Ends this slice of a long job and starts the next slice at once: with `cursor` as its `context.cursor`, and with
 * its own time limit, attempts and steps. The end and the start are one atomic change.
 */
export function continueWith(cursor: unknown): JobOutcome {
  return new JobOutcome({ kind: 'continue', cursor });
}

/** Ends the job as cancelled. */
export function cancel(reason: string): JobOutcome {
  return new JobOutcome({ kind: 'cancel', reason });
}

/** Ends the job as dead: the job is kept as a dead letter, and can be replayed. */
export function fatal(reason: string): JobOutcome {
  return new JobOutcome({ kind: 'fatal', reason });
}
