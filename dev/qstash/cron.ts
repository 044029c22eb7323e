/**
 * Cron expressions of schedules: five fields, with a resolution of one minute, in UTC or in the time zone of a prefix
 * `CRON_TZ=<IANA name>`. At a clock change, a schedule for a local time that is skipped runs at the end of the gap, and
 * a schedule for a local time that occurs twice runs once. A schedule with `*` in the hour field runs in every real
 * hour.
 */
import { Cron } from 'croner';
import { RequestError } from './request-error.ts';

/** The times of a schedule. */
export interface CronTimes {
  /** Returns the first time of the schedule after `after`; both are in ms since the epoch. */
  next(after: number): number | undefined;
}

const PREFIX = /^CRON_TZ=(\S+)\s+/;
const NAMES = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat';
/**
 * The documented syntax of a field. Croner accepts more (`L`, `W`, `#`, `?`), but such an expression would work only
 * here and not at QStash.
 */
const FIELD = new RegExp(
  `^(\\*|(\\d+|${NAMES})(-(\\d+|${NAMES}))?)(/\\d+)?(,(\\*|(\\d+|${NAMES})(-(\\d+|${NAMES}))?)(/\\d+)?)*$`,
  'i',
);

/**
 * Reads a cron expression.
 *
 * @throws RequestError if the expression is invalid or never runs, or its zone is unknown
 */
export function parseCron(expression: string): CronTimes {
  const zone = PREFIX.exec(expression)?.[1] ?? 'UTC';
  const pattern = expression.replace(PREFIX, '').trim();
  const refuse = (why: string): never => {
    throw new RequestError(400, `invalid cron expression ${JSON.stringify(expression)}: ${why}`);
  };
  const fields = pattern.split(/\s+/);
  if (fields.length !== 5 || !fields.every((field) => FIELD.test(field))) refuse('expected five fields');
  const times: CronTimes = { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  let cron: Cron;
  try {
    cron = new Cron(pattern, { timezone: zone, mode: '5-part', paused: true });
    if (times.next(0) === undefined) refuse('it never runs');
  } catch (error) {
    if (error instanceof RequestError) throw error;
    return refuse(error instanceof Error ? error.message : String(error));
  }
  return times;
}
