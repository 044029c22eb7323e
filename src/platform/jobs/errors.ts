/**
 * - `JOB_DEFINITION`: a job was declared or asked for in a way that makes no sense.
 * - `JOB_INPUT_INVALID`: the input does not fit the job's schema; nothing was enqueued.
 * - `JOB_INPUT_TOO_LARGE`: the message would be larger than what is delivered; store the data and pass its id.
 * - `JOB_DELAY_TOO_LONG`: the job would be due in more than 365 days, which QStash does not take; nothing was enqueued.
 * - `JOB_SEAL_KEYS`: the job is sensitive, and there are no SEAL_KEYS (or not the one that sealed it).
 * - `JOB_NOT_PUBLISHED`: QStash did not accept a message; its entry stays in the outbox.
 * - `JOB_TIMEOUT`: a run took longer than its job allows.
 * - `JOB_CANCELLED`: the end of the run was requested.
 * - `JOB_LEASE_LOST`: the run took longer than its lease, and may have been begun again elsewhere.
 * - `JOB_QUEUE_UNREACHABLE`: QStash did not pause or resume a queue.
 * - `JOB_MIDDLEWARE`: a middleware called `next` twice, or neither called it nor said how the run ends.
 * - `JOB_PARTLY_FAILED`: a schedule did its work for some tenants only.
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
  | 'JOB_MIDDLEWARE'
  | 'JOB_PARTLY_FAILED';

/** An error of jobs. Its message never quotes an input. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: JobErrorCode;

  constructor(code: JobErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
