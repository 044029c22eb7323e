/**
 * How a run ends, as data. A run that returns a plain value is done with that value; anything else is one of these, and
 * may be returned or thrown, so that it can be said from deep inside.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { checkedDelay } from './delays.ts';

/** The outcome of a run. */
export type Outcome =
  /** Finished; the result is kept for the job's `keepResult`. */
  | { kind: 'done'; result: unknown }
  /** Failed, and worth another attempt: after `afterMs`, or after the job's backoff. */
  | { kind: 'retry'; afterMs: number | null; reason: string; errorMessage?: string }
  /** Not yet: look again later. No attempt is used up. */
  | { kind: 'snooze'; ms: number }
  /** A slice is done; the next one starts at the cursor, with all its attempts. */
  | { kind: 'continue'; cursor: unknown }
  /** Not wanted any more. */
  | { kind: 'cancel'; reason: string }
  /** Failed, and further attempts would fail too. */
  | { kind: 'fatal'; reason: string };

/** An {@link Outcome} on its way out of a run. Made by the functions below. */
export class JobOutcome {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
}

/** The same as returning the result, for places that can only throw. */
export function done(result: unknown): JobOutcome {
  return new JobOutcome({ kind: 'done', result });
}

/** Another attempt after a time of our choosing, at most a day, or after the job's backoff. Uses up an attempt. */
export function retryLater(after?: Duration, reason = 'RETRY_LATER'): JobOutcome {
  return new JobOutcome({ kind: 'retry', afterMs: after === undefined ? null : milliseconds(after), reason });
}

/**
 * The same slice again after a time, without using up an attempt.
 * @throws {JobError} `JOB_DELAY_TOO_LONG` for more than 365 days.
 */
export function snooze(duration: Duration): JobOutcome {
  return new JobOutcome({ kind: 'snooze', ms: checkedDelay(milliseconds(duration)) });
}

/**
 * Ends this slice of long work and starts the next at once: with `context.cursor` as given here, its own time limit,
 * its own attempts and its own steps. End and start are one atomic change.
 */
export function continueWith(cursor: unknown): JobOutcome {
  return new JobOutcome({ kind: 'continue', cursor });
}

/** Ends the job as cancelled. */
export function cancel(reason: string): JobOutcome {
  return new JobOutcome({ kind: 'cancel', reason });
}

/** Ends the job as dead: it stays with the dead letters, from where it can be replayed. */
export function fatal(reason: string): JobOutcome {
  return new JobOutcome({ kind: 'fatal', reason });
}
