/** The background work: every job, and every schedule in the order of execution. */

import { crmJobs, crmSchedules } from '../crm/index.ts';
import { authJobs, authSchedules } from '../identity/index.ts';
import {
  createJobs,
  createSchedules,
  type JobRegistry,
  platformSchedules,
  type ScheduleRegistry,
} from '../platform/jobs/index.ts';

/** Every job. */
export const jobs: JobRegistry = createJobs([...authJobs, ...crmJobs]);

/** Every schedule. */
export const schedules: ScheduleRegistry = createSchedules([
  ...platformSchedules(jobs),
  ...authSchedules,
  ...crmSchedules,
]);
