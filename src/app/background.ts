/** The background work: every job, every alert, and every schedule in the order of execution. */
import { type Alert, alertSchedule, journalAge, missedSchedules, standardAlerts } from '../platform/alerts/index.ts';
import {
  anchorSchedule,
  drainReadsSchedule,
  readLogAlert,
  sealSchedule,
  unsealedAlert,
} from '../platform/audit/index.ts';
import {
  createJobs,
  createSchedules,
  type JobRegistry,
  platformSchedules,
  type ScheduleRegistry,
} from '../platform/jobs/index.ts';
import { maintainNumbers } from '../platform/numbers/index.ts';
import { observeSchedules } from '../platform/observe/index.ts';
import { wakeSchedule } from '../platform/streams/index.ts';
import { modules } from './modules.ts';

const numbers = maintainNumbers(modules.flatMap((module) => module.numbers));

/** Every job. */
export const jobs: JobRegistry = createJobs([...modules.flatMap((module) => module.jobs), ...numbers.jobs]);

/** Every alert. */
export const alerts: readonly Alert[] = [
  ...standardAlerts,
  unsealedAlert,
  readLogAlert,
  missedSchedules(() => [...schedules.values()]),
  journalAge(modules.flatMap((module) => [...module.queries.values()])),
  ...numbers.alerts,
  ...modules.flatMap((module) => module.alerts),
];

/** Every schedule. */
export const schedules: ScheduleRegistry = createSchedules([
  ...platformSchedules(jobs),
  wakeSchedule,
  ...observeSchedules,
  alertSchedule(alerts),
  ...numbers.schedules,
  drainReadsSchedule,
  sealSchedule,
  anchorSchedule,
  ...modules.flatMap((module) => module.schedules),
]);
