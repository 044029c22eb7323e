/** The registry of an app's jobs, and the services that run the jobs. */

import type { Log } from '../log.ts';
import type { OutboxHandlers } from '../outbox/index.ts';
import type { Sealer } from '../redis/index.ts';
import { type AdmitServices, jobOutboxHandler } from './admit.ts';
import { JOB } from './enqueue.ts';
import { JobError } from './errors.ts';
import type { Job, JobMiddleware } from './job.ts';
import { createPublisher, deliveryOrigin } from './qstash/publisher.ts';
import type { BaseScope } from './scope.ts';

/** Jobs by name, and the middleware that wraps the runs of all jobs. */
export type JobRegistry = ReadonlyMap<string, Job> & { readonly middleware: readonly JobMiddleware[] };

/**
 * Creates the registry of an app's jobs. `middleware` wraps every run, outermost first; see {@link JobMiddleware}.
 * @throws {JobError} `JOB_DEFINITION` if two jobs have the same name.
 */
export function createJobs(
  jobs: readonly Job[],
  { middleware = [] }: { middleware?: readonly JobMiddleware[] } = {},
): JobRegistry {
  const registry = new Map<string, Job>();
  for (const job of jobs) {
    if (registry.has(job.name)) throw new JobError('JOB_DEFINITION', `Two jobs are named ${job.name}`);
    registry.set(job.name, job);
  }
  return Object.assign(registry, { middleware });
}

/** The services that run, publish and sweep jobs. */
export interface JobServices extends AdmitServices {
  log: Log;
  sealer: Sealer | null;
}

/** Creates the services of jobs for one scope, without I/O. */
export function jobServices(scope: BaseScope): JobServices {
  const { redis, system, log, sealer, environment, sendToQstash: fetch = scope.fetch } = scope;
  const { QSTASH_URL: url, QSTASH_TOKEN: token } = environment;
  const publisher = createPublisher({ url, token, deliverTo: deliveryOrigin(environment), fetch, system });
  return { redis, system, log, sealer, publisher };
}

/** Returns the outbox handlers of jobs. */
export function jobOutboxHandlers(scope: BaseScope): OutboxHandlers {
  return { [JOB]: (entries) => jobOutboxHandler(jobServices(scope))(entries) };
}
