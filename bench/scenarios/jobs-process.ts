/** The process that measures the jobs: it enqueues the jobs and runs the app or BullMQ's worker. */
import { serveParent } from '../servers/child.ts';
import { type JobsOptions, jobs } from './jobs.ts';

await serveParent(async (options: JobsOptions) => ({ ready: await jobs(options), close: async () => {} }));
