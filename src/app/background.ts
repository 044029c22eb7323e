/** What is done in the background: every job, and everything that is done at certain times, in the order of its doing. */

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
