/** `/jobs`: administrators see and change their tenant's jobs. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, notFound, ProblemError, pageSchema } from '../../http/index.ts';
import type { RedisClient } from '../../redis/index.ts';
import { command, nameTopic, type Services, view } from '../../rest/index.ts';
import { cancelJob, replayJob, runJobNow } from '../control.ts';
import { JOB_FEED } from '../live.ts';
import { readJob } from '../record.ts';
import { type JobRegistry, jobServices } from '../registry.ts';
import {
  formatCursor,
  jobDetailSchema,
  jobParamsSchema,
  jobSchema,
  jobsQuerySchema,
  parseCursor,
  toJob,
  toJobDetail,
} from './admin-schema.ts';
import { browseJobs } from './browse.ts';

const all = { path: '/jobs', tag: 'Jobs', access: 'jobs:admin' } as const;
const stateSchema = z.object({ state: z.string() });

/** Creates the routes for the registered jobs. */
export function jobAdminRoutes(jobs: JobRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'jobs.list',
    summary: 'List jobs, latest change first',
    search: jobsQuerySchema,
    answer: pageSchema(jobSchema),
    effect: 'A page of jobs',
    load: (search, { scope, tenant }) => listJobs(scope.redis, tenant.tenant, [...jobs.keys()], search),
  });

  view(router, {
    ...all,
    id: 'jobs.get',
    path: '/jobs/{id}',
    summary: 'Get a job with its attempts, times, errors, progress and result',
    description: 'For a live job, `Link` with the relation `monitor` names the topic of its progress and its end.',
    params: jobParamsSchema,
    answer: jobDetailSchema,
    effect: 'The job',
    missing: 'job',
    async load({ id }, { scope: { redis }, tenant }, _day, c) {
      const record = await readJob({ redis, sealer: 'redact' }, tenant.tenant, id);
      if (record && jobs.get(record.name)?.live) nameTopic(c, `${JOB_FEED}:${id}`);
      return record && toJobDetail(record);
    },
  });

  for (const verb of ['cancel', 'retry', 'replay'] as const) {
    const { summary, harmlessTwice } = ACTIONS[verb];
    command(router, {
      ...all,
      id: `jobs.${verb}`,
      path: `/jobs/{id}/${verb}`,
      summary,
      harmlessTwice,
      commits: false,
      params: jobParamsSchema,
      answer: stateSchema,
      status: 202,
      effect: 'The outcome',
      problems: [404, 409],
      run: async ({ params: { id } }, services) => ({ state: await changeJob(services, verb, id) }),
    });
  }
  return router;
}

/**
 * An action on a job. Each outcome that is not in `good` is a refusal, whose problem contains the `participle` in its
 * text.
 */
interface Action {
  summary: string;
  participle: string;
  good: readonly string[];
  harmlessTwice: boolean;
  run: typeof cancelJob | typeof runJobNow | typeof replayJob;
}

const ACTIONS: Readonly<Record<'cancel' | 'retry' | 'replay', Action>> = {
  cancel: {
    summary: 'Cancel a job, or ask its run to stop',
    participle: 'cancelled',
    good: ['cancelled', 'requested'],
    harmlessTwice: true,
    run: cancelJob,
  },
  retry: {
    summary: 'Run a waiting job now',
    participle: 'run now',
    good: ['queued'],
    harmlessTwice: false,
    run: runJobNow,
  },
  replay: {
    summary: 'Queue a dead or cancelled job again, under its id',
    participle: 'queued again',
    good: ['queued'],
    harmlessTwice: false,
    run: replayJob,
  },
};

/**
 * Changes a job of the caller's tenant.
 * @returns the new state, or `requested` if the job's run has been asked to stop.
 * @throws {ProblemError} 404 if the job does not exist, 409 `JOB_STATE` if its state does not allow the action.
 */
async function changeJob(
  { scope, tenant, caller }: Services,
  verb: keyof typeof ACTIONS,
  jobId: string,
): Promise<string> {
  const { run, good, participle } = ACTIONS[verb];
  const state = await run(jobServices(scope), tenant.tenant, jobId);
  if (state === 'missing') throw notFound('job');
  if (!good.includes(state)) {
    const detail = `The job cannot be ${participle}: its state is ${state}`;
    throw new ProblemError(409, 'JOB_STATE', detail, { members: { state } });
  }
  scope.log.info(`jobs.admin.${verb}`, { jobId, by: caller.id });
  return state;
}

/**
 * Returns a page of a tenant's jobs: jobs with the name in the query or, without a name in the query, jobs with any of
 * the given names.
 */
async function listJobs(
  redis: RedisClient,
  tenant: string,
  names: readonly string[],
  { name, state, from, to, limit, cursor }: z.output<typeof jobsQuerySchema>,
) {
  const page = await browseJobs({ redis, sealer: 'redact' }, tenant, {
    names: name === undefined ? names : [name],
    state,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    limit,
    cursor: parseCursor(cursor),
  });
  return { items: page.jobs.map(toJob), nextCursor: formatCursor(page.next) };
}
