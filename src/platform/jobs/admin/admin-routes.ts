/** `/jobs` and `/queues`: administrators see and change their tenant's jobs. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  type AppEnv,
  createRouter,
  guarded,
  json,
  notFound,
  ProblemError,
  pageSchema,
  problems,
} from '../../http/index.ts';
import { cancelJob, replayJob, runJobNow } from '../control.ts';
import { JobError } from '../errors.ts';
import { readJob } from '../record.ts';
import { type JobRegistry, jobServices } from '../registry.ts';
import {
  formatCursor,
  jobDetailSchema,
  jobParamsSchema,
  jobSchema,
  jobsQuerySchema,
  nameParamsSchema,
  parseCursor,
  queueSchema,
  toJob,
  toJobDetail,
} from './admin-schema.ts';
import { browseJobs } from './browse.ts';
import { operatorsOnly } from './operators.ts';
import { concurrencyOf, queuesOf, readQueues, switchQueue } from './queues.ts';

const tags = ['Jobs'];
const access = 'jobs:admin';
const stateSchema = z.object({ state: z.string() });
/** The actions on a job, as the problem of a refusal names them. */
const PARTICIPLES = { cancel: 'cancelled', retry: 'run now', replay: 'queued again' } as const;

/** The routes, for the registered jobs. */
export function jobAdminRoutes(jobs: JobRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();

  const list = createRoute(
    guarded(
      { access },
      {
        operationId: 'jobs.list',
        method: 'get',
        path: '/jobs',
        tags,
        summary: 'List jobs, latest change first',
        request: { query: jobsQuerySchema },
        responses: { 200: json(pageSchema(jobSchema), 'A page of jobs'), ...problems(400, 503) },
      },
    ),
  );
  router.openapi(list, async (c) => {
    const { name, state, from, to, limit, cursor } = c.req.valid('query');
    const names = name === undefined ? [...jobs.keys()] : [name];
    const page = await browseJobs({ redis: c.var.scope.redis, sealer: 'redact' }, c.var.tenant.tenant, {
      names,
      ...(state ? { states: [state] } : {}),
      from: from === undefined ? undefined : Date.parse(from),
      to: to === undefined ? undefined : Date.parse(to),
      limit,
      cursor: parseCursor(cursor),
    });
    return c.json({ items: page.jobs.map(toJob), nextCursor: formatCursor(page.next) }, 200);
  });

  const one = createRoute(
    guarded(
      { access },
      {
        operationId: 'jobs.get',
        method: 'get',
        path: '/jobs/{id}',
        tags,
        summary: 'Get a job with its attempts, times, errors, progress and result',
        request: { params: jobParamsSchema },
        responses: { 200: json(jobDetailSchema, 'The job'), ...problems(400, 404, 503) },
      },
    ),
  );
  router.openapi(one, async (c) => {
    const { redis } = c.var.scope;
    const record = await readJob({ redis, sealer: 'redact' }, c.var.tenant.tenant, c.req.valid('param').id);
    if (!record) throw notFound('job');
    return c.json(toJobDetail(record), 200);
  });

  /** Adds the route of an action on a job of the caller's tenant. An outcome outside `good` is a refusal. */
  function change<const Verb extends keyof typeof PARTICIPLES>(
    verb: Verb,
    summary: string,
    good: readonly string[],
    run: typeof cancelJob | typeof runJobNow | typeof replayJob,
    harmlessTwice = false,
  ): void {
    const route = createRoute(
      guarded(
        { access, harmlessTwice },
        {
          method: 'post',
          operationId: `jobs.${verb}`,
          path: `/jobs/{id}/${verb}`,
          tags,
          summary,
          request: { params: jobParamsSchema },
          responses: { 202: json(stateSchema, 'The outcome'), ...problems(400, 404, 409, 503) },
        },
      ),
    );
    router.openapi(route, async (c) => {
      const state = await run(jobServices(c.var.scope), c.var.tenant.tenant, c.req.valid('param').id);
      if (state === 'missing') throw notFound('job');
      if (!good.includes(state)) {
        throw new ProblemError(409, 'JOB_STATE', `The job cannot be ${PARTICIPLES[verb]}: its state is ${state}`, {
          members: { state },
        });
      }
      c.var.scope.log.info(`jobs.admin.${verb}`, { jobId: c.req.valid('param').id, by: c.var.caller.id });
      return c.json({ state }, 202);
    });
  }
  change('cancel', 'Cancel a job, or ask its run to stop', ['cancelled', 'requested'], cancelJob, true);
  change('retry', 'Run a waiting job now', ['queued'], runJobNow);
  change('replay', 'Queue a dead or cancelled job again, under its id', ['queued'], replayJob);

  const queues = createRoute(
    guarded(
      { access },
      {
        operationId: 'queues.list',
        method: 'get',
        path: '/queues',
        tags,
        summary: 'List queues with their numbers of jobs',
        description: 'The tenant’s jobs in each state, and those ended in the last hour.',
        responses: { 200: json(z.object({ items: z.array(queueSchema) }), 'The queues'), ...problems(503) },
      },
    ),
  );
  router.openapi(queues, async (c) => {
    const { scope, tenant } = c.var;
    return c.json({ items: await readQueues(scope, tenant.tenant, jobs, scope.system.now()) }, 200);
  });

  for (const action of ['pause', 'resume'] as const) {
    const route = createRoute(
      guarded(
        { access, harmlessTwice: true },
        {
          method: 'post',
          operationId: `queues.${action}`,
          path: `/queues/{name}/${action}`,
          tags,
          summary: action === 'pause' ? 'Pause a queue' : 'Resume a queue',
          description: 'Concerns all tenants. Only for administrators of the operating tenant.',
          request: { params: nameParamsSchema },
          responses: { 202: json(z.object({ paused: z.boolean() }), 'Done'), ...problems(400, 404, 409, 503) },
        },
      ),
    );
    router.openapi(route, async (c) => {
      operatorsOnly(c);
      const { name } = c.req.valid('param');
      const members = queuesOf(jobs).get(name);
      if (!members) throw notFound('queue');
      if (concurrencyOf(members) === null) {
        throw new ProblemError(409, 'QUEUE_UNLIMITED', 'Only queues with a concurrency limit can be paused');
      }
      try {
        await switchQueue(c.var.scope, name, action);
      } catch (error) {
        if (error instanceof JobError) throw new ProblemError(503, 'QSTASH_UNREACHABLE', error.message);
        throw error;
      }
      c.var.scope.log.info(`queues.admin.${action}`, { queue: name, by: c.var.caller.id });
      return c.json({ paused: action === 'pause' }, 202);
    });
  }
  return router;
}
