/** The feed of live jobs, for callers who may read all jobs of the tenant. */
import { feed } from '../../feeds/index.ts';
import { JOB_FEED, jobEventSchema } from '../live.ts';

export const jobFeed = feed(JOB_FEED, {
  audience: 'row',
  access: 'jobs:admin',
  event: jobEventSchema,
  description: 'the progress and the end of one job',
});
