/**
 * The job that runs a schedule on request. A job has a longer time limit than a request, a record, and a result that
 * operators can read.
 */
import { z } from 'zod';
import { job } from './declare-job.ts';
import type { Job } from './job.ts';
import { cancel, fatal } from './outcome.ts';
import { createJobs, type JobRegistry } from './registry.ts';
import type { ScheduleRegistry } from './schedule.ts';
import { runNow } from './tick.ts';

/** The name of the job that runs a schedule. */
export const RUN_SCHEDULE = 'schedules.run';

const input = z.object({ name: z.string() });

/** Declares the job that runs one of these schedules. If the schedule is already running, the job is cancelled. */
export function runScheduleJob(schedules: ScheduleRegistry): Job<typeof input> {
  return job(RUN_SCHEDULE, {
    input,
    retries: 0,
    timeout: '15m',
    unique: ({ name }) => name,
    async run({ name }, { scope, id }) {
      const schedule = schedules.get(name);
      if (!schedule) return fatal('UNKNOWN_SCHEDULE');
      const ending = await runNow(scope, schedule, id);
      if (ending === 'busy') return cancel('BUSY');
      return ending.outcome === 'ok' ? ending : fatal(ending.detail);
    },
  });
}

/** Returns an app's jobs and the job that runs its schedules, all with the app's middleware. */
export function withScheduleRuns(jobs: JobRegistry, schedules: ScheduleRegistry): JobRegistry {
  return createJobs([...jobs.values(), runScheduleJob(schedules)], { middleware: jobs.middleware });
}
