/** The composition root: one isolate, the scopes of its requests, and its schedules. */
import type { CacheStatistics } from '../platform/cache/index.ts';
import type { Listener } from '../platform/channels/index.ts';
import type { Counters } from '../platform/counters/index.ts';
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
import { dropOnInvalidation } from '../platform/memory-channel.ts';
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
  scope(requestId?: string, traceparent?: string): Scope;
  /**
   * Runs the schedules that are due. The scheduled function calls this method.
   * @param at the minute of the call, in ms since the epoch. Default: now.
   */
  scheduled(at?: number): Promise<TickReport[]>;
  /**
   * Starts to drop values from the isolate's memory when other processes invalidate them, until `close()`. Only for
   * long-lived Node processes; see docs/channels.md.
   * @throws {TypeError} if the setting `CACHE_MEMORY_CHANNEL` is not `on`: without it, no process publishes.
   */
  listen(): Listener;
  readonly schedules: ScheduleRegistry;
  readonly counters: Counters;
  readonly statistics: CacheStatistics;
  /** This isolate's memory of the limits: blocked callers, and counts for times when Redis does not answer. */
  readonly limitMemory: LimitMemory;
}

/** Builds a platform, without I/O. */
export function createPlatform(options: PlatformOptions): Platform {
  const isolate = createIsolate(options);
  const { system, counters, statistics, limitMemory } = isolate;
  const schedules = options.schedules ?? createSchedules(platformSchedules(createJobs([])));
  const scope = scopesOf(isolate);
  return {
    scope,
    counters,
    statistics,
    limitMemory,
    schedules,
    listen() {
      if (isolate.environment.CACHE_MEMORY_CHANNEL === 'off') throw new TypeError('CACHE_MEMORY_CHANNEL must be on');
      return dropOnInvalidation(scope(), isolate.memory);
    },
    scheduled: (at = system.now()) => trigger({ scope, schedules }, at),
  };
}
