/**
 * `schedule()` declares work that is done at certain times. A schedule is a value made at module load, without I/O. Each
 * time it falls due is a tick, named by the minute it belongs to; `tick.ts` runs each tick once, however
 * many triggers arrive for it, and by how many ways.
 */
import { Cron } from 'croner';
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Log } from '../log.ts';
import { JobError } from './errors.ts';
import type { JobScope } from './scope.ts';

/** The treatment of a tick that falls due while an earlier one is still being run. */
export type Overlap =
  /** It is not run. */
  | 'skip'
  /** It is run by the first trigger after that. */
  | 'queue';

/** Which missed ticks are run later: those that fell due while no trigger arrived. */
export type CatchUp =
  /** None. */
  | 'none'
  /** The last of them. */
  | 'latest'
  /** Each of them, in their order. */
  | 'all';

/** The declaration of a {@link Schedule}. Only `cron` and `run` are needed. */
export interface ScheduleDefinition {
  /** Five fields: minute, hour, day, month, day of the week. */
  cron: string;
  /**
   * IANA time zone of `cron`. Default UTC. When clocks are put forward, a fixed time that does not exist is run at the
   * end of the gap; when they are put back, a fixed time is run once, and `*` in every hour there is.
   */
  tz?: string;
  /** Default `skip`; with `catchUp: 'all'` it is `queue`. */
  overlap?: Overlap;
  /** Default `latest`. */
  catchUp?: CatchUp;
  /** How long a run may take, at most 14 min. Default 1 min. */
  timeout?: Duration;
  /** How often a tick is begun that fails or dies, unless a newer one takes its place. Default 3. */
  attempts?: number;
  /**
   * Default `true`. With `false` each trigger runs the schedule, on any number of isolates at once, also when Redis is
   * down: for schedules that divide their work themselves and must not depend on a claim.
   */
  exclusive?: boolean;
  /** Does the work. A short result is kept as the last result. */
  run(context: ScheduleContext): Promise<unknown>;
}

/** The argument of a run. */
export interface ScheduleContext {
  /** The time it is run for, in ms since the epoch: the same when it is run again or late. */
  readonly tick: number;
  readonly attempt: number;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The services of this run. */
  readonly scope: JobScope;
}

/** A declared schedule. All times in ms. */
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
   * The last tick at or before `at`; `null` before the first.
   * @throws {JobError} `JOB_DEFINITION` if `cron` never occurs, as {@link checkSchedules} finds out at build time.
   */
  latest(at: number): number | null;
  /** The first tick after `at`; `null` after the last. Throws as `latest` does. */
  next(at: number): number | null;
  execute(context: ScheduleContext): Promise<unknown>;
}

/** Schedules by name, in the order in which they are run if many are due. */
export type ScheduleRegistry = ReadonlyMap<string, Schedule>;

/** Leaves room for the claim and the finish within what functions may take. */
const LONGEST_MS = 14 * 60_000;

/**
 * Declares a schedule. Its cron expression is read when it is first needed: every isolate loads the declarations, but
 * only those that a trigger reaches compute times. {@link checkSchedules} reads all expressions at build time.
 * @throws {JobError} `JOB_DEFINITION` if the declaration does not make sense.
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
    // Croner looks for runs before a moment, not at it.
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
    const times = new Cron(cron, { timezone: tz, mode: '5-part', paused: true });
    if (times.nextRun(new Date(0))) return times;
  } catch {
    // croner's own message names croner's parts, not ours.
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
 * Gathers an app's schedules.
 * @throws {JobError} `JOB_DEFINITION` if two have one name.
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
 * Reads the cron expression and the time zone of every schedule. Call it where an app is built or tested.
 * @throws {JobError} `JOB_DEFINITION` if one is wrong or never occurs; the message names its schedule.
 */
export function checkSchedules(schedules: ScheduleRegistry): void {
  for (const schedule of schedules.values()) schedule.next(0);
}
