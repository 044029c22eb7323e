/**
 * Enqueues jobs at once, without a write and without outbox entries: for jobs that another trigger repeats if they are
 * lost, such as the runs of consumer groups.
 */
import { admit } from './admit.ts';
import { type EnqueueOptions, messageFor } from './enqueue.ts';
import type { Job } from './job.ts';
import { jobServices } from './registry.ts';
import type { BaseScope } from './scope.ts';

/** A job for {@link enqueueNow}. */
export interface JobToEnqueue extends Pick<EnqueueOptions, 'delay'> {
  tenant: string;
  job: Job;
  input: object;
}

/**
 * Enqueues jobs. Each hundred jobs cost 1 request to Redis (1 command each) and 1 to QStash.
 * @returns the number of jobs that were not published. The sweep publishes a job later if Redis has its record.
 */
export async function enqueueNow(scope: BaseScope, jobs: readonly JobToEnqueue[]): Promise<number> {
  const { system, sealer } = scope;
  const traceparent = scope.trace?.traceparent;
  const messages = await Promise.all(
    jobs.map(({ tenant, job, input, ...options }) =>
      messageFor({ tenant, system, sealer, traceparent }, job, input, options),
    ),
  );
  const outcomes = await admit(jobServices(scope), messages);
  return outcomes.filter(({ status }) => status === 'rejected').length;
}
