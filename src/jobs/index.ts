/** Background work, delivered by QStash: never lost, and what must not happen twice is not done twice. */
export { jobPayer } from './admit.ts';
export { forgetSteps } from './applied.ts';
export { type Cancelled, cancelJob, type Replayed, replayJob } from './control.ts';
export {
  type EnqueueManyOptions,
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  JOB_DEBT,
  type Planned,
  plan,
} from './enqueue.ts';
export { JobError, type JobErrorCode } from './errors.ts';
export {
  type Backoff,
  type Job,
  type JobContext,
  type JobDefinition,
  job,
  type Priority,
  type StepContext,
} from './job.ts';
export type { State } from './keys.ts';
export { cancel, continueWith, done, fatal, JobOutcome, type Outcome, retryLater, snooze } from './outcome.ts';
export { createPublisher, type Publisher } from './publisher.ts';
export { countJobs, type JobListing, type JobRecord, listJobs, readJob } from './record.ts';
export { createJobs, type JobRegistry, type JobServices, jobServices } from './registry.ts';
export { jobRoutes } from './routes.ts';
export { type SweepResult, sweepJobs } from './sweep.ts';
