/** The feeds of live jobs and of all jobs, for callers who may read all jobs of the tenant. */
import { feed, wakeUpSchema } from '../../feeds/index.ts';
import { JOB_FEED, JOBS_FEED, jobEventSchema } from '../live.ts';

export const jobFeed = feed(JOB_FEED, {
  audience: 'row',
  access: 'jobs:admin',
  event: jobEventSchema,
  description: 'the progress and the end of one job',
});

/** The scripts of jobs wake its listeners in the step that changes a state, so a wake-up costs no command. */
export const jobsFeed = feed(JOBS_FEED, {
  audience: 'tenant',
  access: 'console:view',
  event: wakeUpSchema,
  description: 'the state of a job has changed; at most every 5 s',
});
