/** The background work: every job, and every schedule in the order of execution. */
import {
  createJobs,
  createSchedules,
  type JobRegistry,
  platformSchedules,
  type ScheduleRegistry,
} from '../platform/jobs/index.ts';
import { modules } from './modules.ts';

/** Every job. */
export const jobs: JobRegistry = createJobs(modules.flatMap((module) => module.jobs));

/** Every schedule. */
export const schedules: ScheduleRegistry = createSchedules([
  ...platformSchedules(jobs),
  ...modules.flatMap((module) => module.schedules),
]);
