/** Isolates of one app over one Redis with schedules of its own; only the test moves the clock. */
import { randomBytes } from 'node:crypto';
import type { Scope } from '../../src/platform/http/index.ts';
import {
  createSchedules,
  readSchedules,
  type Schedule,
  type ScheduleContext,
  type ScheduleDefinition,
  type ScheduleStatus,
  schedule,
  type TickReport,
} from '../../src/platform/jobs/index.ts';
import { pauseSchedule, resumeSchedule } from '../../src/platform/jobs/schedule-pause.ts';
import { createTestApp, type TestAppOptions } from './app.ts';

export interface ScheduleWorld {
  /** Sets the clock to a time, ISO 8601, and triggers an isolate for it. */
  at(moment: string, isolate?: 0 | 1): Promise<TickReport[]>;
  /** Sets the clock, ISO 8601. */
  set(moment: string): void;
  /** Triggers an isolate for the clock's minute. */
  trigger(isolate?: 0 | 1): Promise<TickReport[]>;
  /** The started ticks as `HH:MM`, or as `MM-DD HH:MM` after the first day; `#2` is the attempt. */
  begun: string[];
  /** Whether a run times out as soon as it begins. Default: no run times out by itself. */
  timesOut: boolean;
  /** The work of runs. Default: none. */
  run: (context: ScheduleContext) => Promise<unknown>;
  status(): Promise<ScheduleStatus>;
  /** Works with the services of an isolate and the schedule; the requests are not in `asked`. */
  read<Result>(work: (scope: Scope, schedule: Schedule) => Promise<Result>): Promise<Result>;
  pause(by: string): Promise<void>;
  resume(): Promise<void>;
  /** The number of commands in each request to Redis so far. */
  asked: number[];
  lines(): string[];
  /** Whether Redis is unreachable. */
  down: boolean;
  /** The number of answers that will be lost although the command runs. */
  lost: number;
  close(): Promise<void>;
}

/** Opens a world with one schedule. */
export function openScheduleWorld(
  definition: Omit<ScheduleDefinition, 'run'>,
  options: Pick<TestAppOptions, 'environment'> = {},
): ScheduleWorld {
  let ahead = 0;
  let first: string | undefined;
  const own = schedule(`test.${randomBytes(6).toString('hex')}`, {
    ...definition,
    run(context) {
      const minute = new Date(context.tick).toISOString().slice(5, 16).replace('T', ' ');
      const day = minute.slice(0, 5);
      first ??= day;
      const again = context.attempt > 1 ? ` #${context.attempt}` : '';
      world.begun.push((day === first ? minute.slice(6) : minute) + again);
      return world.run(context);
    },
  });
  const schedules = createSchedules([own]);
  const isolates = [open(), open()] as const;

  function open() {
    return createTestApp({
      ...options,
      // The clock moves by months, and a flush of counters would add a command.
      environment: { COUNTERS_FLUSH_MS: String(Number.MAX_SAFE_INTEGER), ...options.environment },
      schedules,
      system: {
        now: () => Date.now() + ahead,
        redisAhead: () => ahead,
        timer(ms, run) {
          if (world.timesOut && ms === own.timeoutMs) setImmediate(run);
          return () => {};
        },
      },
      async fetch(input, init) {
        world.asked.push((JSON.parse(init.body) as unknown[]).length);
        if (world.down) throw new TypeError('fetch failed');
        const response = await fetch(input, init);
        if (world.lost > 0) {
          world.lost -= 1;
          await response.text();
          throw new TypeError('terminated');
        }
        return response;
      },
    });
  }

  /** Works with Redis, without counting the requests. */
  async function unasked<Result>(work: (scope: Scope) => Promise<Result>): Promise<Result> {
    const scope = isolates[0].platform.scope();
    const before = world.asked.length;
    const result = await work(scope);
    world.asked.length = before;
    await scope.end();
    return result;
  }

  const world: ScheduleWorld = {
    begun: [],
    timesOut: false,
    asked: [],
    down: false,
    lost: 0,
    run: async () => undefined,
    set(moment) {
      ahead = Date.parse(moment) - Date.now();
    },
    trigger: (isolate = 0) => isolates[isolate].platform.scheduled(Math.floor((Date.now() + ahead) / 60_000) * 60_000),
    at(moment, isolate) {
      world.set(moment);
      return world.trigger(isolate);
    },
    read: (work) => unasked((scope) => work(scope, own)),
    pause: (by) => unasked((scope) => pauseSchedule(scope, own, by)),
    resume: () => unasked((scope) => resumeSchedule(scope, own)),
    async status() {
      const [status] = await unasked((scope) => readSchedules(scope, schedules.values()));
      if (!status) throw new Error('There is no schedule');
      return status;
    },
    lines: () => isolates.flatMap(({ lines }) => lines),
    async close() {
      await Promise.all(isolates.map((each) => each.close()));
    },
  };
  return world;
}
