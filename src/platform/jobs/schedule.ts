/**
 * `schedule()` declares work that runs at certain times. A schedule is a value created at module load, without I/O.
 * Each due time of a schedule is a tick, identified by its minute. `tick.ts` runs each tick once, even if several
 * triggers announce the same minute.
 */
import { Cron } from 'croner';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import { JobError } from './errors.ts';
import type { JobScope } from './scope.ts';

/** The treatment of a tick that is due while an earlier tick is still running. */
export type Overlap =
  /** The tick is skipped. */
  | 'skip'
  /** The tick waits. The first trigger after the end of the earlier run starts the tick. */
  | 'queue';

/** The missed ticks that still run later. A tick is missed if no trigger arrived at its time. */
export type CatchUp =
  /** No missed tick. */
  | 'none'
  /** The last missed tick. */
  | 'latest'
  /** Every missed tick, in order. */
  | 'all';

/** The declaration of a {@link Schedule}. Only `cron` and `run` are required. */
export interface ScheduleDefinition {
  /** The times, as a cron expression of five fields: minute, hour, day, month, day of the week. */
  cron: string;
  /**
   * The IANA time zone of `cron`. Default UTC. If the clock skips an hour, a fixed time in this hour runs at the end of
   * the gap. If the clock repeats an hour, a fixed time in this hour runs once, and a `*` in the hour field runs in
   * both hours.
   */
  tz?: string;
  /** The treatment of overlapping ticks. Default `skip`; with `catchUp: 'all'` the default is `queue`. */
  overlap?: Overlap;
  /** The ticks to run later. Default `latest`. */
  catchUp?: CatchUp;
  /** The time limit of a run, at most 14 min. Default 1 min. */
  timeout?: Duration;
  /**
   * The maximum number of attempts at a tick that fails or crashes. There are fewer attempts if a newer tick replaces
   * the tick. Default 3.
   */
  attempts?: number;
  /**
   * Default `true`. With `false`, every trigger runs the schedule without a claim. Then several isolates may run the
   * schedule at the same time, also while Redis is down, so the runs must divide the work.
   */
  exclusive?: boolean;
  /** Does the work. The result of the last run is stored, if its JSON has at most 500 characters. */
  run(context: ScheduleContext): Promise<unknown>;
}

/** The argument of `run`. */
export interface ScheduleContext {
  /** The due time of the tick, in ms since the epoch: the same in a late run and in every attempt. */
  readonly tick: number;
  readonly attempt: number;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The services of this run. */
  readonly scope: JobScope;
}

/** A declared schedule. All times are in ms. */
export interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly tz: string;
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly exclusive: boolean;
  /**
   * Returns the last tick at or before `at`; `null` before the first tick.
   * @throws {JobError} `JOB_DEFINITION` if `cron` never occurs; {@link checkSchedules} finds this error at build
   * time.
   */
  latest(at: number): number | null;
  /** Returns the first tick after `at`; `null` after the last tick. Throws the same error as `latest`. */
  next(at: number): number | null;
  execute(context: ScheduleContext): Promise<unknown>;
}

/** Schedules by name, in the order in which due schedules run. */
export type ScheduleRegistry = ReadonlyMap<string, Schedule>;

/** The longest `timeout`, in ms. The claim and the finish must also fit into the time limit of the function. */
const LONGEST_MS = 14 * 60_000;

/**
 * Declares a schedule. The cron expression is parsed at its first use: every isolate loads the declarations, but only
 * an isolate that receives a trigger computes times. {@link checkSchedules} parses all expressions at build time.
 * @throws {JobError} `JOB_DEFINITION` if the declaration is invalid.
 * @example
 * ```ts
 * export const nightly = schedule('reports.nightly', {
 *   cron: '30 2 * * *',
 *   tz: 'Europe/Berlin',
 *   run: ({ scope, tick }) => writeReports(scope, tick),
 * });
 * ```
 */
export function schedule(name: string, definition: ScheduleDefinition): Schedule {
  const { cron, tz = 'UTC', catchUp = 'latest' } = definition;
  let parsed: Cron | undefined;
  const times = () => {
    parsed ??= parse(name, cron, tz);
    return parsed;
  };
  const schedule: Schedule = {
    name,
    cron,
    tz,
    overlap: definition.overlap ?? (catchUp === 'all' ? 'queue' : 'skip'),
    catchUp,
    timeoutMs: milliseconds(definition.timeout ?? '1m'),
    attempts: definition.attempts ?? 3,
    exclusive: definition.exclusive ?? true,
    // Croner returns only runs before the given time, so `at + 1` is needed to include a run at `at`.
    latest: (at) =>
      times()
        .previousRuns(1, new Date(at + 1))[0]
        ?.getTime() ?? null,
    next: (at) => times().nextRun(new Date(at))?.getTime() ?? null,
    execute: (context) => definition.run(context),
  };
  const problem = problemOf(schedule);
  if (problem) throw new JobError('JOB_DEFINITION', `Schedule ${name}: ${problem}`);
  declare({ kind: 'schedule', name });
  return schedule;
}

function parse(name: string, cron: string, tz: string): Cron {
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz });
  } catch {
    throw new JobError('JOB_DEFINITION', `Schedule ${name}: ${tz} is not a time zone, such as Europe/Berlin`);
  }
  try {
    const times = new Cron(cron, { timezone: tz, mode: '5-part', paused: true });
    if (times.nextRun(new Date(0))) return times;
  } catch {
    // The error below replaces the error of croner, which does not name the schedule.
  }
  throw new JobError('JOB_DEFINITION', `Schedule ${name}: ${cron} in ${tz} never occurs`);
}

function problemOf(schedule: Schedule): string | null {
  if (!/^[a-z][a-z0-9.-]{0,63}$/.test(schedule.name))
    return 'its name must be lower-case letters, digits, dots and dashes';
  if (!/^\S+( \S+){4}$/.test(schedule.cron) || schedule.cron.includes('?')) return 'cron must have five fields';
  if (schedule.timeoutMs < 1 || schedule.timeoutMs > LONGEST_MS) return 'timeout must be between 1 ms and 14 min';
  if (!Number.isInteger(schedule.attempts) || schedule.attempts < 1) return 'attempts must be a whole number from 1';
  if (schedule.catchUp === 'all' && schedule.overlap === 'skip') return 'to catch up on all, ticks must queue';
  return null;
}

/**
 * Creates the registry of an app's schedules.
 * @throws {JobError} `JOB_DEFINITION` if two schedules have the same name.
 */
export function createSchedules(schedules: readonly Schedule[]): ScheduleRegistry {
  const registry = new Map<string, Schedule>();
  for (const schedule of schedules) {
    if (registry.has(schedule.name)) throw new JobError('JOB_DEFINITION', `Two schedules are named ${schedule.name}`);
    registry.set(schedule.name, schedule);
  }
  return registry;
}

/**
 * Checks the cron expression and the time zone of every schedule. Call this function where an app is built or tested.
 * @throws {JobError} `JOB_DEFINITION` if an expression is invalid or never occurs; the message names the schedule.
 */
export function checkSchedules(schedules: ScheduleRegistry): void {
  for (const schedule of schedules.values()) schedule.next(0);
}
