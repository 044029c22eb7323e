/** The status of schedules: the last run and its outcome, and the next run. */
import type { ScriptServices } from './lua.ts';
import type { Schedule } from './schedule.ts';
import { scheduleKey } from './schedule-claim.ts';

/** The status of a schedule. Times are in ms since the epoch. */
export interface ScheduleStatus {
  name: string;
  cron: string;
  tz: string;
  /** The tick that is running, or that waits for its next attempt. */
  running: { tick: number; attempt: number; startedAt: number; leaseUntil: number } | null;
  last: {
    tick: number;
    endedAt: number;
    /** `crashed`: the run reported no outcome, or its outcome could not be recorded. */
    outcome: 'ok' | 'failed' | 'timeout' | 'crashed';
    ms: number | null;
    /** The result of the run, or the reason for its failure. */
    detail: string | null;
  } | null;
  nextTick: number | null;
  /** Since when the schedule is paused, and by whom; `null` if it is not. */
  paused: { at: number; by: string } | null;
  /** The end of the last pause; `null` without one. */
  resumedAt: number | null;
  /**
   * The number of runs with each outcome, and the numbers of ticks that were skipped or missed. A run of a
   * non-exclusive schedule counts as `ok` unless the run records another outcome. So a crashed run of such a schedule
   * also counts as `ok`.
   */
  counts: Record<'ok' | 'failed' | 'timeout' | 'crashed' | 'skipped' | 'missed', number>;
}

const COUNTED = ['ok', 'failed', 'timeout', 'crashed', 'skipped', 'missed'] as const;

/** Reads the status of schedules. 1 request, 1 command for each schedule. */
export async function readSchedules(
  { redis, system }: ScriptServices,
  schedules: Iterable<Schedule>,
): Promise<ScheduleStatus[]> {
  const now = system.now();
  return Promise.all(
    [...schedules].map(async (schedule) => {
      const flat = await redis.exec<string[] | null>(['HGETALL', scheduleKey(schedule)]);
      return statusOf(schedule, fieldsOf(flat ?? []), now);
    }),
  );
}

function fieldsOf(flat: readonly string[]): ReadonlyMap<string, string> {
  return new Map(Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']));
}

function statusOf(schedule: Schedule, fields: ReadonlyMap<string, string>, now: number): ScheduleStatus {
  const number = (field: string) => Number(fields.get(field) ?? 0);
  const { name, cron, tz } = schedule;
  const ms = fields.get('lastMs') ?? '';
  return {
    name,
    cron,
    tz,
    running: fields.has('tick')
      ? {
          tick: number('tick'),
          attempt: number('attempt'),
          startedAt: number('startedAt'),
          leaseUntil: number('leaseUntil'),
        }
      : null,
    last: fields.has('lastTick')
      ? {
          tick: number('lastTick'),
          endedAt: number('lastEndedAt'),
          outcome: outcomeOf(fields.get('lastOutcome')),
          ms: ms === '' ? null : Number(ms),
          detail: fields.get('lastDetail') || null,
        }
      : null,
    nextTick: schedule.next(now),
    paused: fields.has('pausedAt') ? { at: number('pausedAt'), by: fields.get('pausedBy') ?? '' } : null,
    resumedAt: fields.has('resumedAt') ? number('resumedAt') : null,
    counts: Object.fromEntries(COUNTED.map((each) => [each, number(each)])) as ScheduleStatus['counts'],
  };
}

function outcomeOf(text: string | undefined): 'ok' | 'failed' | 'timeout' | 'crashed' {
  return text === 'failed' || text === 'timeout' || text === 'crashed' ? text : 'ok';
}
