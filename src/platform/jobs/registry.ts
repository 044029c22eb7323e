/** The jobs an app knows, and the services that run them. */

import type { Log } from '../log.ts';
import type { OutboxHandlers } from '../outbox/index.ts';
import type { Sealer } from '../redis/index.ts';
import { type AdmitServices, jobOutboxHandler } from './admit.ts';
import { JOB } from './enqueue.ts';
import { JobError } from './errors.ts';
import type { Job, JobMiddleware } from './job.ts';
import { createPublisher, deliveryOrigin } from './qstash/publisher.ts';
import type { BaseScope } from './scope.ts';

/** Jobs by name, and what wraps the runs of all of them. */
export type JobRegistry = ReadonlyMap<string, Job> & { readonly middleware: readonly JobMiddleware[] };

/**
 * Gathers an app's jobs. `middleware` wraps every run, the first one outermost; see {@link JobMiddleware}.
 * @throws {JobError} `JOB_DEFINITION` if two have one name.
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

/** The services that run jobs and look after them. */
export interface JobServices extends AdmitServices {
  log: Log;
  sealer: Sealer | null;
}

/** The services of jobs in one scope, without I/O. */
export function jobServices(scope: BaseScope): JobServices {
  const { redis, system, log, sealer, environment, fetch } = scope;
  const { QSTASH_URL: url, QSTASH_TOKEN: token } = environment;
  const publisher = createPublisher({ url, token, deliverTo: deliveryOrigin(environment), fetch });
  return { redis, system, log, sealer, publisher };
}

/** The outbox handlers of jobs. */
export function jobOutboxHandlers(scope: BaseScope): OutboxHandlers {
  return { [JOB]: (entries) => jobOutboxHandler(jobServices(scope))(entries) };
}
