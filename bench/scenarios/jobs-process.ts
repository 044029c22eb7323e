/** The process of the jobs: the app, or BullMQ's worker, and the enqueuing side. */
import { serveParent } from '../servers/child.ts';
import { type JobsOptions, jobs } from './jobs.ts';

await serveParent(async (options: JobsOptions) => ({ ready: await jobs(options), close: async () => {} }));
