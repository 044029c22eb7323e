/**
 * - `JOB_DEFINITION`: the declaration of a job or schedule, or a name or id, is invalid.
 * - `JOB_INPUT_INVALID`: the input does not fit the job's schema; nothing was enqueued.
 * - `JOB_INPUT_TOO_LARGE`: the message would exceed the largest size; store the data and pass its id.
 * - `JOB_DELAY_TOO_LONG`: the job would be due in more than 365 days, the limit of QStash; nothing was enqueued.
 * - `JOB_SEAL_KEYS`: the job is sensitive, and SEAL_KEYS is missing or lacks the key that sealed the value.
 * - `JOB_NOT_PUBLISHED`: QStash did not accept a message; its entry stays in the outbox.
 * - `JOB_TIMEOUT`: a run exceeded its time limit.
 * - `JOB_CANCELLED`: a caller cancelled the job.
 * - `JOB_LEASE_LOST`: the run exceeded its lease, so another run of the job may have begun.
 * - `JOB_QUEUE_UNREACHABLE`: QStash did not confirm that it paused or resumed a queue.
 * - `JOB_SCHEDULE_NOT_PAUSABLE`: each trigger runs the schedule, so it cannot be paused.
 * - `JOB_MIDDLEWARE`: a middleware called `next` twice, or neither called `next` nor returned an outcome.
 * - `JOB_PARTLY_FAILED`: a schedule's work failed for some of the tenants.
 */
export type JobErrorCode =
  | 'JOB_DEFINITION'
  | 'JOB_INPUT_INVALID'
  | 'JOB_INPUT_TOO_LARGE'
  | 'JOB_DELAY_TOO_LONG'
  | 'JOB_SEAL_KEYS'
  | 'JOB_NOT_PUBLISHED'
  | 'JOB_TIMEOUT'
  | 'JOB_CANCELLED'
  | 'JOB_LEASE_LOST'
  | 'JOB_QUEUE_UNREACHABLE'
  | 'JOB_SCHEDULE_NOT_PAUSABLE'
  | 'JOB_MIDDLEWARE'
  | 'JOB_PARTLY_FAILED';

/** An error of jobs. Its message never quotes an input. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: JobErrorCode;
  /** The time that QStash asks to wait before the next attempt, in ms; `undefined` if QStash asks for none. */
  readonly retryAfterMs: number | undefined;

  constructor(code: JobErrorCode, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
