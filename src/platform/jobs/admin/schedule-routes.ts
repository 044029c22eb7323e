/** `/schedules`: the schedules of the app, for operators of the service only. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, notFound } from '../../http/index.ts';
import { command, view } from '../../rest/index.ts';
import { enqueue } from '../enqueue.ts';
import { runScheduleJob } from '../run-schedule.ts';
import type { ScheduleRegistry } from '../schedule.ts';
import { readSchedules } from '../schedule-status.ts';
import { nameParamsSchema, scheduleSchema, toSchedule } from './admin-schema.ts';
import { FOR_OPERATORS, operatorsOnly } from './operators.ts';

const all = { path: '/schedules', tag: 'Jobs', access: 'jobs:admin', description: FOR_OPERATORS } as const;

/** Creates the routes of an app's schedules. */
export function scheduleRoutes(schedules: ScheduleRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();
  const runSchedule = runScheduleJob(schedules);

  view(router, {
    ...all,
    id: 'schedules.list',
    summary: 'List schedules with their last outcome and next time',
    answer: z.object({ items: z.array(scheduleSchema) }),
    effect: 'The schedules',
    async load(_input, services) {
      operatorsOnly(services);
      return { items: (await readSchedules(services.scope, schedules.values())).map(toSchedule) };
    },
  });

  command(router, {
    ...all,
    id: 'schedules.run',
    path: '/schedules/{name}/run',
    summary: 'Run a schedule now, as a job',
    params: nameParamsSchema,
    answer: z.object({ jobId: z.string() }),
    status: 202,
    effect: 'The job that runs it',
    problems: [404],
    async run({ params: { name } }, services) {
      operatorsOnly(services);
      const { scope, tenant, caller } = services;
      if (!schedules.has(name)) throw notFound('schedule');
      const jobId = await enqueue(tenant, runSchedule, { name });
      scope.log.info('schedules.admin.run', { schedule: name, by: caller.id });
      return { jobId };
    },
  });

  return router;
}
