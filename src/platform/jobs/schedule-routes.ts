/** `/schedules`: the schedules, for operators of the service only; and a trigger for deployments without cron. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, createRouter, guarded, json, notFound, problems, type ScopeSource } from '../http/index.ts';
import { nameParamsSchema, scheduleSchema, toSchedule } from './admin/admin-schema.ts';
import { operatorsOnly } from './admin/operators.ts';
import { enqueue } from './enqueue.ts';
import { readDelivery } from './qstash/delivery.ts';
import type { Refusals } from './qstash/refusals.ts';
import { runScheduleJob } from './run-schedule.ts';
import type { ScheduleRegistry } from './schedule.ts';
import { readSchedules } from './schedule-status.ts';
import { trigger } from './tick.ts';

const tags = ['Jobs'];
const access = 'jobs:admin';
const description = 'Concerns all tenants. Only for administrators of the operating tenant.';

/** The routes of an app's schedules. */
export function scheduleRoutes(schedules: ScheduleRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();
  const runSchedule = runScheduleJob(schedules);

  const list = createRoute(
    guarded(
      { access },
      {
        method: 'get',
        path: '/schedules',
        tags,
        summary: 'List schedules with their last outcome and next time',
        description,
        responses: { 200: json(z.object({ items: z.array(scheduleSchema) }), 'The schedules'), ...problems(503) },
      },
    ),
  );
  router.openapi(list, async (c) => {
    operatorsOnly(c);
    const statuses = await readSchedules(c.var.scope, schedules.values());
    return c.json({ items: statuses.map(toSchedule) }, 200);
  });

  const run = createRoute(
    guarded(
      { access },
      {
        method: 'post',
        path: '/schedules/{name}/run',
        tags,
        summary: 'Run a schedule now, as a job',
        description,
        request: { params: nameParamsSchema },
        responses: { 202: json(z.object({ jobId: z.string() }), 'The job that runs it'), ...problems(400, 404) },
      },
    ),
  );
  router.openapi(run, async (c) => {
    operatorsOnly(c);
    const { name } = c.req.valid('param');
    if (!schedules.has(name)) throw notFound('schedule');
    const jobId = await enqueue(c.var.tenant, runSchedule, { name });
    c.var.scope.log.info('schedules.admin.run', { schedule: name, by: c.var.caller.id });
    return c.json({ jobId }, 202);
  });

  return router;
}

/**
 * `POST /schedules/tick`: where a schedule of QStash delivers, `* * * * *`, with any body. Not for API callers, so the
 * route is in no OpenAPI document. Each run has its own scope, from `source`.
 */
export function tickRoutes(
  schedules: ScheduleRegistry,
  source: (c: Context<AppEnv>) => Pick<ScopeSource, 'scope'>,
  refusals: Refusals,
): OpenAPIHono<AppEnv> {
  const router = createRouter();
  router.post('/schedules/tick', async (c) => {
    await readDelivery(c, refusals);
    const { system } = c.var.scope;
    const ran = await trigger({ scope: source(c).scope, schedules }, system.now());
    return c.json({ ran }, 200);
  });
  return router;
}
