/** Alerts: conditions that operators must know, their messages and their silences. They work while Redis is down. */
export {
  type Alert,
  type AlertContext,
  type AlertDefinition,
  alert,
  type Reading,
  type Severity,
  type Unit,
} from './alert.ts';
export { alertRoutes, endSilenceNow, readAlerts, silenceAlert } from './routes.ts';
export { type AlertScope, alertSchedule, runAlerts } from './schedule.ts';
export type { AlertSettings } from './settings.ts';
export { journalAge, missedSchedules, standardAlerts } from './standard.ts';
export type { AlertState } from './state.ts';
export { readChanges } from './table.ts';
