/** `/schedules`: the schedules, for operators of the service only. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, guarded, json, notFound, problems } from '../../http/index.ts';
import { enqueue } from '../enqueue.ts';
import { runScheduleJob } from '../run-schedule.ts';
import type { ScheduleRegistry } from '../schedule.ts';
import { readSchedules } from '../schedule-status.ts';
import { nameParamsSchema, scheduleSchema, toSchedule } from './admin-schema.ts';
import { operatorsOnly } from './operators.ts';

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
        operationId: 'schedules.list',
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
        operationId: 'schedules.run',
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
