/** The changes of jobs that an administrator makes, by the API or in the console, each with its entry in the audit trail. */
import { notFound, ProblemError } from '../../http/index.ts';
import type { Services } from '../../rest/index.ts';
import { cancelJob, replayJob, replayJobs, runJobNow } from '../control.ts';
import { jobServices } from '../registry.ts';
import { readJobIndex } from './job-index.ts';

/** The maximum number of jobs of one replay: QStash takes as many messages in one request. */
export const MOST_REPLAYED = 100;

/**
 * A change of one job. Each outcome that is not in `good` is a refusal, whose problem contains the `participle` in its
 * text.
 */
interface Change {
  /** The action of the audit trail. */
  action: string;
  participle: string;
  good: readonly string[];
  run: typeof cancelJob | typeof runJobNow | typeof replayJob;
}

const CHANGES: Readonly<Record<'cancel' | 'retry' | 'replay', Change>> = {
  cancel: {
    action: 'job.cancelled',
    participle: 'cancelled',
    good: ['cancelled', 'requested'],
    run: cancelJob,
  },
  retry: { action: 'job.advanced', participle: 'run now', good: ['queued'], run: runJobNow },
  replay: { action: 'job.replayed', participle: 'queued again', good: ['queued'], run: replayJob },
};

/**
 * Changes a job of the caller's tenant, and adds an entry to the audit trail. 1 transaction, and the costs of the
 * change. A caller whose entry cannot be written gets an error, although the job has changed.
 * @returns the new state, or `requested` if the job's run has been asked to stop.
 * @throws {ProblemError} 404 if the job does not exist, 409 `JOB_STATE` if its state does not allow the change.
 */
export async function changeJob(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  verb: keyof typeof CHANGES,
  jobId: string,
): Promise<string> {
  const { action, run, good, participle } = CHANGES[verb];
  const state = await run(jobServices(scope), tenant.tenant, jobId);
  if (state === 'missing') throw notFound('job');
  if (!good.includes(state)) {
    const detail = `The job cannot be ${participle}: its state is ${state}`;
    throw new ProblemError(409, 'JOB_STATE', detail, { members: { state } });
  }
  await tenant.commit((tx) => tx.audit({ action, entity: { type: 'job', id: jobId } }));
  scope.log.info(`jobs.admin.${verb}`, { jobId, by: caller.id });
  return state;
}

/** The dead jobs to replay. */
export interface DeadJobs {
  names: readonly string[];
  /** Only jobs that died before this time, in ms since the epoch. */
  before: number;
  /** The maximum number of jobs, at most {@link MOST_REPLAYED}. */
  limit: number;
}

/**
 * Queues dead jobs of the caller's tenant again, the latest first, and adds one entry to the audit trail. 1 transaction;
 * 1 request and 1 command to Redis, and the costs of {@link replayJobs}.
 * @returns the number of queued jobs.
 */
export async function replayDeadJobs(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  { names, before, limit }: DeadJobs,
): Promise<number> {
  const { jobs } = await readJobIndex(scope.redis, tenant.tenant, { names, state: 'dead', to: before, limit });
  const ids = jobs.map(({ id }) => id);
  const outcomes = await replayJobs(jobServices(scope), tenant.tenant, ids);
  const count = outcomes.filter((outcome) => outcome === 'queued').length;
  const [name] = names;
  const entity = { type: 'job', ...(names.length === 1 && name !== undefined && { id: name }) };
  await tenant.commit((tx) => tx.audit({ action: 'jobs.replayed', entity, data: { jobs: count } }));
  scope.log.info('jobs.admin.replayDead', { names: names.length, jobs: count, by: caller.id });
  return count;
}
