/** The composition root: one isolate, the scopes of its requests, and its schedules. */
import type { CacheStatistics } from '../platform/cache/index.ts';
import type { Scope } from '../platform/http/index.ts';
import {
  createJobs,
  createSchedules,
  platformSchedules,
  type ScheduleRegistry,
  type TickReport,
  trigger,
} from '../platform/jobs/index.ts';
import type { LimitMemory } from '../platform/limits/index.ts';
import { createIsolate, type IsolateOptions } from './isolate.ts';
import { scopesOf } from './scope.ts';

/** The parts for a platform. */
export interface PlatformOptions extends IsolateOptions {
  /** The schedules. Default: only the platform's own schedules. */
  schedules?: ScheduleRegistry;
}

/** An isolate that serves requests and runs schedules. */
export interface Platform {
  /** Makes the services of one request, tick or job. The caller must `end()` the scope. */
  scope(requestId?: string): Scope;
  /**
   * Runs the schedules that are due. The scheduled function calls this method.
   * @param at the minute of the call, in ms since the epoch. Default: now.
   */
  scheduled(at?: number): Promise<TickReport[]>;
  readonly schedules: ScheduleRegistry;
  readonly statistics: CacheStatistics;
  /** This isolate's local state of the limits, and how often each rule admitted and refused. */
  readonly limitMemory: LimitMemory;
}

/** Builds a platform, without I/O. */
export function createPlatform(options: PlatformOptions): Platform {
  const isolate = createIsolate(options);
  const { system, statistics, limitMemory } = isolate;
  const schedules = options.schedules ?? createSchedules(platformSchedules(createJobs([])));
  const scope = scopesOf(isolate);
  return {
    scope,
    statistics,
    limitMemory,
    schedules,
    scheduled: (at = system.now()) => trigger({ scope, schedules }, at),
  };
}
