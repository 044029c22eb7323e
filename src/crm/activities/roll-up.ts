/**
 * The daily roll-up of the feed: the number of activities per day, user and kind (`activity_days`), and the sums of
 * these numbers per day, per day and user, and per day and kind (`activity_sums`). The report (`analytics/activity.ts`)
 * reads only the sums of its form: a year of them is small even if each day has many users and kinds. A day is counted as
 * a whole, after its end. For a day without rows, the report counts the feed, so no answer depends on the time of a
 * roll-up.
 *
 * Days are days of the tenant's time zone, and each row names its zone. Rows of another zone are never read: when a tenant
 * moves to another zone, all days are counted from the feed until the next night, which rolls up all days of the new
 * zone and removes the rows of the old one.
 *
 * If an activity is inserted into a day that already has rows, it is counted when the day is rolled up again. Each
 * nightly run begins with the last day of the previous run, so late activities of that day are counted. The API records
 * activities at the current time, so these are never late. A write that inserts activities of the past must enqueue
 * `rollUpActivities` for their days in the same transaction.
 */
import { z } from '@hono/zod-openapi';
import type { Transaction } from '../../platform/db/index.ts';
import { type DataContext, daySchema } from '../../platform/http/index.ts';
import { continueWith, job } from '../../platform/jobs/index.ts';
import { addDays, dayIn, startOfDay } from '../../platform/rest/index.ts';
import { activityTags } from '../tags.ts';
import { type Days, daysIn, loadSettings } from '../tenant/settings.ts';

const DAYS_PER_SLICE = 31;
/**
 * The time between the end of a day and its roll-up, in ms: longer than a transaction lasts, and longer than the
 * difference between two clocks.
 */
const SETTLED_MS = 5 * 60_000;

/** Returns the last day that is over in a zone at `now`, in ms since the epoch. */
export function lastEndedDay(now: number, timeZone: string): string {
  return addDays(dayIn(timeZone, now - SETTLED_MS), -1);
}

/**
 * Rolls up the days from `from` to `to` of the tenant's time zone, both included, 31 days per slice. Days that are not
 * over are left out. The job may run again at any time, also in parallel. A slice costs 5 requests to Redis, the last
 * slice 4. Each slice costs 3 statements in addition to the statements of every commit.
 */
export const rollUpActivities = job('crm.activities.roll-up', {
  input: z.object({ from: daySchema, to: daySchema }),
  priority: 'low',
  concurrency: 20,
  live: true,
  async run({ from, to }, { cursor = from, transaction, progress, scope, tenant }) {
    const { timeZone } = await loadSettings(await tenant.db(), tenant.tenant);
    const end = earlier(to, lastEndedDay(scope.system.now(), timeZone));
    const first = daySchema.parse(cursor);
    if (first > end) return { to: end };
    const last = earlier(addDays(first, DAYS_PER_SLICE - 1), end);
    await transaction('days', (tx) => rollUp(tx, timeZone, daysIn(timeZone, first, last)));
    if (last === end) return { to: end };
    await progress({ day: last, of: end });
    return continueWith(addDays(last, 1));
  },
});

/** A range of days, both ends included. */
interface DayRange {
  from: string;
  to: string;
}

/**
 * Returns the days that a roll-up at `now` must count. The first day is the last day of the earlier roll-up, because
 * late activities may have been added to that day. The first roll-up, also in a new time zone, begins on the first day of
 * the feed. 2 queries.
 * @returns `null` if no activities have been added since.
 */
export async function daysToRollUp({ tenant, db }: DataContext, now: number): Promise<DayRange | null> {
  const client = await db();
  const [done] = await client.$queryRaw<{ timeZone: string; last: string | null }[]>`
    SELECT z.zone AS "timeZone", (
      SELECT to_char(max(day), 'YYYY-MM-DD') FROM activity_sums
      WHERE tenant_id = ${tenant} AND time_zone = z.zone AND grain = 'day'
        AND NOT EXISTS (SELECT 1 FROM activity_sums WHERE tenant_id = ${tenant} AND time_zone < z.zone)
        AND NOT EXISTS (SELECT 1 FROM activity_sums WHERE tenant_id = ${tenant} AND time_zone > z.zone)
    ) AS last
    FROM tenants t CROSS JOIN LATERAL (SELECT coalesce(t.time_zone, 'UTC') AS zone) AS z WHERE t.id = ${tenant}`;
  if (!done) return null;
  const { timeZone, last } = done;
  const startOf = (day: string) => new Date(startOfDay(day, timeZone));
  const to = lastEndedDay(now, timeZone);
  const since = last === null ? new Date('0001-01-01') : startOf(earlier(addDays(last, 1), addDays(to, -1)));
  const [found] = await client.$queryRaw<{ first: Date | null }[]>`
    SELECT min(occurred_at) AS first FROM activities
    WHERE tenant_id = ${tenant} AND occurred_at >= ${since}::timestamp AND occurred_at < ${startOf(addDays(to, 1))}::timestamp`;
  if (!found?.first) return null;
  return { from: last ?? dayIn(timeZone, found.first.getTime()), to };
}

/** Rolls up days of a zone. Returns the number of new or changed rows. */
async function rollUp(tx: Transaction, timeZone: string, { names, starts, ends }: Days): Promise<number> {
  const { db, tenant } = tx;
  // The lock lets only one roll-up run at a time. Otherwise an earlier count could replace a later and more complete
  // count.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`activity-days:${tenant}`}, 0))`;
  tx.invalidate(activityTags.days);
  return db.$executeRaw`
    WITH days AS (
      SELECT * FROM unnest(${names}::date[], ${starts}::timestamp[], ${ends}::timestamp[]) AS d (day, start, end_)
    ), counted AS (
      SELECT days.day, feed.* FROM days CROSS JOIN LATERAL (
        SELECT coalesce(actor_id, '') AS actor_id, entity_type, verb, count(*)::int AS count FROM activities
        WHERE tenant_id = ${tenant} AND occurred_at >= start AND occurred_at < end_
        GROUP BY 1, 2, 3
      ) AS feed
    ), sums AS (
      SELECT CASE WHEN grouping(actor_id) = 0 THEN 'person' WHEN grouping(verb) = 0 THEN 'kind' ELSE 'day' END AS grain,
        day, coalesce(actor_id, '') AS actor_id, coalesce(entity_type, '') AS entity_type, coalesce(verb, '') AS verb,
        sum(count)::int AS count
      FROM counted GROUP BY day, GROUPING SETS ((), (actor_id), (entity_type, verb))
    ), gone_days AS (
      DELETE FROM activity_days d
      WHERE tenant_id = ${tenant} AND CASE
        -- The same moments are in days up to 2 later in another zone.
        WHEN time_zone <> ${timeZone} THEN day <= ${names.at(-1)}::date + 2
        ELSE day BETWEEN ${names[0]}::date AND ${names.at(-1)}::date AND NOT EXISTS (
          SELECT 1 FROM counted c
          WHERE (c.day, c.actor_id, c.entity_type, c.verb) = (d.day, d.actor_id, d.entity_type, d.verb))
      END
    ), gone_sums AS (
      DELETE FROM activity_sums d
      WHERE tenant_id = ${tenant} AND CASE
        WHEN time_zone <> ${timeZone} THEN day <= ${names.at(-1)}::date + 2
        ELSE day BETWEEN ${names[0]}::date AND ${names.at(-1)}::date AND NOT EXISTS (
          SELECT 1 FROM sums s
          WHERE (s.grain, s.day, s.actor_id, s.entity_type, s.verb) = (d.grain, d.day, d.actor_id, d.entity_type, d.verb))
      END
    ), new_sums AS (
      INSERT INTO activity_sums AS d (tenant_id, time_zone, grain, day, actor_id, entity_type, verb, count)
      SELECT ${tenant}, ${timeZone}, grain, day, actor_id, entity_type, verb, count FROM sums
      ON CONFLICT (tenant_id, time_zone, grain, day, actor_id, entity_type, verb)
        DO UPDATE SET count = excluded.count WHERE d.count <> excluded.count
    )
    INSERT INTO activity_days AS d (tenant_id, time_zone, day, actor_id, entity_type, verb, count)
    SELECT ${tenant}, ${timeZone}, day, actor_id, entity_type, verb, count FROM counted
    ON CONFLICT (tenant_id, time_zone, day, actor_id, entity_type, verb)
      DO UPDATE SET count = excluded.count WHERE d.count <> excluded.count`;
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
