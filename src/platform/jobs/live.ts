/** The live events of jobs. The scripts add them in the same step as the change, so an event costs no request. */
import { z } from 'zod';

/** The name of the feed of live jobs: a job's topic is `job:{id}`. */
export const JOB_FEED = 'job';

/** The name of the feed that wakes the listeners when the state of any job of the tenant has changed. */
export const JOBS_FEED = 'jobs';

/**
 * A change of a live job. `failed`: an attempt failed, and the job waits for the next attempt. `queued`: a job that had
 * ended was queued again. The event is a hint without data: a caller reads the job again.
 */
export const jobEventSchema = z.object({
  type: z.enum(['job.progress', 'job.failed', 'job.done', 'job.dead', 'job.cancelled', 'job.queued']),
  id: z.string(),
  /** When the change was made, by the clock of Redis, in ms since the epoch. */
  at: z.number(),
});
