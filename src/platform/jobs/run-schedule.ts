/** Running a schedule by hand is a job, so that it has the time it needs, a record and a result. */
import { z } from 'zod';
import { type Job, job } from './job.ts';
import { cancel, fatal } from './outcome.ts';
import { createJobs, type JobRegistry } from './registry.ts';
import type { ScheduleRegistry } from './schedule.ts';
import { runNow } from './tick.ts';

/** The name of the job. */
export const RUN_SCHEDULE = 'schedules.run';

const input = z.object({ name: z.string() });

/** The job that runs one of these schedules. It is cancelled if the schedule is being run. */
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

/** An app's jobs, and the one that runs its schedules, all inside of the app's middleware. */
export function withScheduleRuns(jobs: JobRegistry, schedules: ScheduleRegistry): JobRegistry {
  return createJobs([...jobs.values(), runScheduleJob(schedules)], { middleware: jobs.middleware });
}
