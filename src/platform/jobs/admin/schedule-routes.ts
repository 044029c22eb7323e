/** `/schedules`: the schedules of the app, for operators of the service only. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, notFound, ProblemError } from '../../http/index.ts';
import { command, FOR_OPERATORS, operatorsOnly, type Services, view } from '../../rest/index.ts';
import { enqueue } from '../enqueue.ts';
import { JobError } from '../errors.ts';
import type { Job } from '../job.ts';
import { RUN_SCHEDULE, runScheduleJob } from '../run-schedule.ts';
import type { ScheduleRegistry } from '../schedule.ts';
import { pauseSchedule, resumeSchedule } from '../schedule-pause.ts';
import { readSchedules } from '../schedule-status.ts';
import { nameParamsSchema, scheduleSchema, toSchedule } from './admin-schema.ts';
import { pauseRoutes } from './pause-routes.ts';

const all = { path: '/schedules', tag: 'Jobs', access: 'jobs:admin', description: FOR_OPERATORS } as const;

/** Creates the routes of an app's schedules. */
export function scheduleRoutes(schedules: ScheduleRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();
  const jobs = new Map([[RUN_SCHEDULE, runScheduleJob(schedules)]]);

  view(router, {
    ...all,
    id: 'schedules.list',
    summary: 'List schedules with their last outcome and next time',
    cost: { requests: 2, commands: 4, statements: 0 },
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
    cost: { requests: 2, commands: 4, statements: 3, messages: 1 },
    params: nameParamsSchema,
    answer: z.object({ jobId: z.string() }),
    status: 202,
    effect: 'The job that runs it',
    problems: [404],
    run: async ({ params: { name } }, services) => ({ jobId: await runScheduleNow(services, schedules, jobs, name) }),
  });

  pauseRoutes(router, {
    noun: 'schedule',
    effects: 'Ticks during a pause are not made up for.',
    costs: {
      pause: { requests: 2, commands: 5, statements: 1 },
      resume: { requests: 2, commands: 4, statements: 1 },
    },
    change: (services, name, verb) => changeSchedule(services, schedules, name, verb),
  });

  return router;
}

/**
 * Pauses or resumes a schedule, and adds an entry to the audit trail. Only for operators. 1 request to Redis and
 * 1 transaction. A caller whose entry cannot be written gets an error, and may ask again.
 * @throws {ProblemError} 403 `NOT_OPERATOR`, 404 if the schedule does not exist, 409 `JOB_SCHEDULE_NOT_PAUSABLE`.
 */
export async function changeSchedule(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  schedules: ScheduleRegistry,
  name: string,
  action: 'pause' | 'resume',
): Promise<void> {
  operatorsOnly({ scope, tenant });
  const schedule = schedules.get(name);
  if (!schedule) throw notFound('schedule');
  try {
    if (action === 'pause') await pauseSchedule(scope, schedule, caller.id);
    else await resumeSchedule(scope, schedule);
  } catch (error) {
    if (error instanceof JobError) throw new ProblemError(409, error.code, error.message);
    throw error;
  }
  await tenant.commit((tx) => tx.audit({ action: `schedule.${action}d`, entity: { type: 'schedule', id: name } }));
  scope.log.info(`schedules.admin.${action}`, { schedule: name, by: caller.id });
}

/**
 * Enqueues the job that runs a schedule, with its entry of the audit trail, and returns the id of the job. Only for
 * operators. 1 transaction.
 * @throws {ProblemError} 403 `NOT_OPERATOR`, 404 if the schedule does not exist.
 */
export async function runScheduleNow(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  schedules: ScheduleRegistry,
  jobs: ReadonlyMap<string, Job>,
  name: string,
): Promise<string> {
  operatorsOnly({ scope, tenant });
  const job = jobs.get(RUN_SCHEDULE);
  if (!job || !schedules.has(name)) throw notFound('schedule');
  const jobId = await tenant.commit(async (tx) => {
    const id = await enqueue(tx, job, { name });
    await tx.audit({ action: 'schedule.run', entity: { type: 'schedule', id: name }, data: { jobId: id } });
    return id;
  });
  scope.log.info('schedules.admin.run', { schedule: name, by: caller.id });
  return jobId;
}
