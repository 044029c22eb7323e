/** The context of a run: its steps, transactions, child jobs, progress and heartbeat. */
import { applyOnce } from './applied.ts';
import { type Claim, heartbeat, keepStep } from './claim.ts';
import { sealerOf } from './ending.ts';
import { childId, enqueue } from './enqueue.ts';
import { JobError } from './errors.ts';
import type { Job, JobContext } from './job.ts';
import { leaseMsOf, type Message } from './message.ts';
import { pack, unpack } from './payload.ts';
import type { JobServices } from './registry.ts';
import type { JobScope } from './scope.ts';

/** One run of one job. */
export interface Run {
  scope: JobScope;
  services: JobServices;
  job: Job;
  message: Message;
  claim: Claim;
  cursor: unknown;
  /** Aborts the run: at the deadline, after a cancellation, or when the lease is lost. */
  controller: AbortController;
  /** The latest end of the run, in ms since the epoch. */
  deadline: number;
}

/** Creates the context of a run. */
export function createContext(run: Run): JobContext {
  const { scope, services, job, message, claim, controller } = run;
  const { id, name } = message;
  const { signal } = controller;
  const tenant = scope.tenant(message.tenant);
  const sealer = sealerOf(job, services);
  const placeOf = (what: string) => ({ tenant: message.tenant, name, id, what });

  function stop(code: 'JOB_CANCELLED' | 'JOB_LEASE_LOST', text: string): never {
    const error = new JobError(code, text);
    controller.abort(error);
    throw error;
  }

  async function beat(progress?: string): Promise<void> {
    signal.throwIfAborted();
    const answer = await heartbeat(services, message, claim, leaseMsOf(job), progress);
    if (answer === 'stale') stop('JOB_LEASE_LOST', `The run of job ${name} is not the holder any more`);
    if (answer === 'cancelled') stop('JOB_CANCELLED', `Job ${name} was cancelled`);
  }

  return {
    id,
    attempt: claim.attempt,
    cursor: run.cursor,
    signal,
    deadline: run.deadline,
    fence: claim.fence,
    log: services.log,
    tenant,
    scope,

    async step(step, work) {
      checkName(step);
      const place = placeOf(`step:${claim.slice}:${step}`);
      const known = claim.steps.get(step);
      // An older release may have stored the result, so this release must be able to read it.
      if (known !== undefined) return (await unpack(known, place, sealer)) as Awaited<ReturnType<typeof work>>;
      signal.throwIfAborted();
      const value = await work({ key: effectOf(id, claim.slice, step), signal });
      const kept = await pack(value, place, sealer);
      if (!(await keepStep(services, message, claim, step, kept))) {
        stop('JOB_LEASE_LOST', `The run of job ${name} is not the holder any more`);
      }
      claim.steps.set(step, kept);
      return value;
    },

    async transaction(step, work) {
      checkName(step);
      signal.throwIfAborted();
      const place = placeOf(`step:${claim.slice}:${step}`);
      const written = await applyOnce(
        scope.store,
        tenant,
        id,
        `${claim.slice}:${step}`,
        services.system.now(),
        async (tx) => {
          const value = await work(tx);
          // An aborted run rolls its write back, because the next run may already be writing.
          signal.throwIfAborted();
          return pack(value, place, sealer);
        },
      );
      return (await unpack(written, place, sealer)) as Awaited<ReturnType<typeof work>>;
    },

    heartbeat: () => beat(),
    progress: async (value) => beat(await pack(value, placeOf('progress'), sealer)),

    enqueue(child, input, { key, delay }) {
      const options = { id: childId(id, claim.slice, key), ...(delay === undefined ? {} : { delay }) };
      return enqueue(tenant, child, input, options);
    },
  };
}

/** Returns the idempotency key of a step's effect: the same in every attempt, different in every slice. */
function effectOf(id: string, slice: number, step: string): string {
  return slice === 0 ? `${id}:${step}` : `${id}:${slice}:${step}`;
}

function checkName(step: string): void {
  if (!/^[\w.:-]{1,100}$/.test(step)) throw new JobError('JOB_DEFINITION', 'A step needs a name of [A-Za-z0-9_.:-]');
}
