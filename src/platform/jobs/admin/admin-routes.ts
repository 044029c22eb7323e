/** `/jobs`: administrators see and change their tenant's jobs. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, pageSchema } from '../../http/index.ts';
import { command, nameTopic, view } from '../../rest/index.ts';
import { JOB_FEED } from '../live.ts';
import { readJob } from '../record.ts';
import type { JobRegistry } from '../registry.ts';
import { jobDetailSchema, jobParamsSchema, jobSchema, jobsQuerySchema, toJobDetail } from './admin-schema.ts';
import { changeJob } from './change-job.ts';
import { listJobs } from './list-jobs.ts';

const all = { path: '/jobs', tag: 'Jobs', access: 'jobs:admin' } as const;
const stateSchema = z.object({ state: z.string() });

/** The description of a command on one job. */
interface Command {
  summary: string;
  /** Whether the job is published again. */
  publishes: boolean;
  harmlessTwice: boolean;
}

const COMMANDS: Readonly<Record<'cancel' | 'retry' | 'replay', Command>> = {
  cancel: { summary: 'Cancel a job, or ask its run to stop', publishes: false, harmlessTwice: true },
  retry: { summary: 'Run a waiting job now', publishes: true, harmlessTwice: false },
  replay: { summary: 'Queue a dead or cancelled job again, under its id', publishes: true, harmlessTwice: false },
};

/** Creates the routes for the registered jobs. */
export function jobAdminRoutes(jobs: JobRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'jobs.list',
    summary: 'List jobs, latest change first',
    cost: { requests: 3, commands: 14, statements: 0 },
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
    cost: { requests: 2, commands: 5, statements: 0 },
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

  for (const [verb, one] of Object.entries(COMMANDS) as [keyof typeof COMMANDS, Command][]) {
    const { summary, publishes, harmlessTwice } = one;
    command(router, {
      ...all,
      id: `jobs.${verb}`,
      path: `/jobs/{id}/${verb}`,
      summary,
      cost: { requests: 3, commands: 5, statements: 1, messages: publishes ? 1 : 0 },
      harmlessTwice,
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
