/** The addresses of the console, and the declarations of the app that its pages show. */
import type { Alert } from '../platform/alerts/index.ts';
import type { FeedRegistry } from '../platform/feeds/index.ts';
import type { JobRegistry, ScheduleRegistry } from '../platform/jobs/index.ts';
import type { NamedQuery } from '../platform/module.ts';
import type { Consumer } from '../platform/streams/index.ts';

/** The declarations of the app that the console shows. */
export interface ConsoleParts {
  jobs: JobRegistry;
  schedules: ScheduleRegistry;
  queries: ReadonlyMap<string, NamedQuery>;
  alerts: readonly Alert[];
  consumers: readonly Consumer[];
  feeds: FeedRegistry;
}

/** The address of each screen. */
export const SCREENS = {
  overview: '/console',
  jobs: '/console/jobs',
  job: '/console/jobs/:id',
  dead: '/console/dead',
  queues: '/console/queues',
  alerts: '/console/alerts',
  schedules: '/console/schedules',
  cache: '/console/cache',
  sessions: '/console/sessions',
  redis: '/console/redis',
  limits: '/console/limits',
  streams: '/console/streams',
  tail: '/console/tail',
  audit: '/console/audit',
  auditEntry: '/console/audit/entries/:id',
  auditSeals: '/console/audit/seals',
  auditVerification: '/console/audit/verifications/:id',
} as const;

/** The address of each action. A form sends it with POST. */
export const ACTIONS = {
  cancelJob: '/console/jobs/:id/cancel',
  runJob: '/console/jobs/:id/run',
  replayJob: '/console/jobs/:id/replay',
  runSchedule: '/console/schedules/:name/run',
  endSession: '/console/sessions/end',
  silence: '/console/alerts/silence',
  endSilence: '/console/alerts/silences/:id/end',
  verifyTrail: '/console/audit/verify',
} as const;

/** The address of each action that first asks: GET shows the question, and its form sends POST. */
export const QUESTIONS = {
  replayDead: '/console/dead/replay',
  pauseQueue: '/console/queues/:name/pause',
  resumeQueue: '/console/queues/:name/resume',
  pauseSchedule: '/console/schedules/:name/pause',
  resumeSchedule: '/console/schedules/:name/resume',
  invalidateTag: '/console/cache/invalidate',
  newEra: '/console/cache/new-era',
  endSessions: '/console/sessions/end-all',
  replayEvents: '/console/streams/:stream/:group/replay',
} as const;

export type ScreenName = keyof typeof SCREENS;
export type ActionName = keyof typeof ACTIONS | keyof typeof QUESTIONS;
export type QuestionName = keyof typeof QUESTIONS;
