/** Background work, delivered by QStash: no job is lost, and guarded effects are never applied twice. */

export type { PastAttempt } from './attempts.ts';
export { type Backlog, readBacklog } from './backlog.ts';
export { type Backoff, backoffMs, type Waits } from './backoff.ts';
export {
  type Cancelled,
  cancelJob,
  type Replayed,
  type RunNowOutcome,
  replayJob,
  replayJobs,
  runJobNow,
} from './control.ts';
export { type JobDefinition, job } from './declare-job.ts';
export { drainAfterRequest } from './drain.ts';
export {
  type EnqueueManyOptions,
  type EnqueueOptions,
  enqueue,
  enqueueMany,
  type Planned,
  plan,
} from './enqueue.ts';
export { enqueueNow, type JobToEnqueue } from './enqueue-now.ts';
export { JobError, type JobErrorCode } from './errors.ts';
export type { Job, JobContext, JobMiddleware, JobRun, Priority, StepContext } from './job.ts';
export { STATES, type State } from './keys.ts';
export { JOB_FEED, jobEventSchema } from './live.ts';
export { cancel, continueWith, done, fatal, JobOutcome, type Outcome, retryLater, snooze } from './outcome.ts';
export type { JobEnv } from './qstash/delivery.ts';
export { deliveryPath } from './qstash/publisher.ts';
export { createRefusals, type Refusal, type Refusals } from './qstash/refusals.ts';
export { countJobs, type JobListing, type JobRecord, listJobs, readJob } from './record.ts';
export { createJobs, type JobRegistry, type JobServices, jobOutboxHandlers, jobServices } from './registry.ts';
export { jobRoutes } from './routes.ts';
export { withScheduleRuns } from './run-schedule.ts';
export {
  type CatchUp,
  checkSchedules,
  createSchedules,
  type Overlap,
  type Schedule,
  type ScheduleContext,
  type ScheduleDefinition,
  type ScheduleRegistry,
  schedule,
} from './schedule.ts';
export { readSchedules, type ScheduleStatus } from './schedule-status.ts';
export { flushSchedule, guardSchedule, platformSchedules } from './schedules.ts';
export type { BaseScope, BaseTenant, JobScope, JobSettings, JobTenant, JobTransaction, JobTypes } from './scope.ts';
export { type SweepResult, sweepJobs } from './sweep.ts';
export { forEachTenant } from './tenants.ts';
export { type TickReport, trigger } from './tick.ts';
export { tickRoutes } from './tick-routes.ts';
