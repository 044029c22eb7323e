/** Jobs, queues, schedules and deliveries over HTTP, for administrators. */
export { jobAdminRoutes } from './admin-routes.ts';
export { formatCursor, jobsQuerySchema, parseCursor } from './admin-schema.ts';
export { readListed } from './browse.ts';
export { changeJob, MOST_REPLAYED, replayDeadJobs } from './change-job.ts';
export { deliveryRoutes } from './delivery-routes.ts';
export { jobFeed, jobsFeed } from './job-feed.ts';
export { type IndexCount, type JobIndexPage, type JobSearch, readJobIndex } from './job-index.ts';
export { listJobs } from './list-jobs.ts';
export { changeQueue, queueRoutes } from './queue-routes.ts';
export { type Queue, readQueues } from './queues.ts';
export { changeSchedule, runScheduleNow, scheduleRoutes } from './schedule-routes.ts';
