/**
 * The daily roll-up of the feed: the number of activities per day, user and kind. With these rows, statistics of months
 * need not count the feed. A day is counted as a whole, after its end. For a day without rows, the query
 * (`analytics/activity.ts`) counts the feed, so no answer depends on the time of a roll-up.
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
import { addDays, dayOf } from '../../platform/rest/index.ts';
import { activityTags } from '../tags.ts';

const DAYS_PER_SLICE = 31;
/**
 * The time between the end of a day and its roll-up, in ms: longer than a transaction lasts, and longer than the
 * difference between two clocks.
 */
const SETTLED_MS = 5 * 60_000;

/** Returns the last day that is over at `now`, in ms since the epoch. */
export function lastEndedDay(now: number): string {
  return addDays(dayOf(new Date(now - SETTLED_MS)), -1);
}

/**
 * Rolls up the days from `from` to `to`, both included, 31 days per slice. Days that are not over are left out. The job
 * may run again at any time, also in parallel. A slice costs 5 requests to Redis, the last slice 4. Each slice costs 2
 * statements in addition to the statements of every commit.
 */
export const rollUpActivities = job('crm.activities.roll-up', {
  input: z.object({ from: daySchema, to: daySchema }),
  priority: 'low',
  concurrency: 20,
  live: true,
  async run({ from, to }, { cursor = from, transaction, progress, scope }) {
    const end = earlier(to, lastEndedDay(scope.system.now()));
    const first = daySchema.parse(cursor);
    if (first > end) return { to: end };
    const last = earlier(addDays(first, DAYS_PER_SLICE - 1), end);
    await transaction('days', (tx) => rollUp(tx, first, last));
    if (last === end) return { to: end };
    await progress({ day: last, of: end });
    return continueWith(addDays(last, 1));
  },
});

/**
 * Returns the first day of a roll-up whose last day is `ended`. The first day is the last day of the earlier roll-up,
 * because late activities may have been added to that day. The first roll-up begins on the first day of the feed.
 * 1 query.
 * @returns `null` if no activities have been added since.
 */
export async function firstDayToRollUp({ tenant, db }: DataContext, ended: string): Promise<string | null> {
  const [row] = await (await db()).$queryRaw<{ from: string }[]>`
    WITH done AS (SELECT max(day) AS last FROM activity_days WHERE tenant_id = ${tenant})
    SELECT to_char(coalesce(last, (SELECT min(occurred_at) FROM activities WHERE tenant_id = ${tenant})),
      'YYYY-MM-DD') AS "from"
    FROM done WHERE EXISTS (
      SELECT 1 FROM activities
      WHERE tenant_id = ${tenant} AND occurred_at < ${ended}::date + 1
        AND occurred_at >= least(coalesce(last + 1, '-infinity'), ${ended}::date - 1))`;
  return row?.from ?? null;
}

/** Rolls up days. Returns the number of new or changed rows. */
async function rollUp(tx: Transaction, first: string, last: string): Promise<number> {
  const { db, tenant } = tx;
  // The lock lets only one roll-up run at a time. Otherwise an earlier count could replace a later and more complete
  // count.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`activity-days:${tenant}`}, 0))`;
  tx.invalidate(activityTags.days);
  return db.$executeRaw`
    WITH counted AS (
      SELECT occurred_at::date AS day, coalesce(actor_id, '') AS actor_id, entity_type, verb, count(*)::int AS count
      FROM activities
      WHERE tenant_id = ${tenant} AND occurred_at >= ${first}::date AND occurred_at < ${last}::date + 1
      GROUP BY 1, 2, 3, 4
    ), gone AS (
      DELETE FROM activity_days d
      WHERE tenant_id = ${tenant} AND day BETWEEN ${first}::date AND ${last}::date AND NOT EXISTS (
        SELECT 1 FROM counted c
        WHERE (c.day, c.actor_id, c.entity_type, c.verb) = (d.day, d.actor_id, d.entity_type, d.verb))
    )
    INSERT INTO activity_days AS d (tenant_id, day, actor_id, entity_type, verb, count)
    SELECT ${tenant}, day, actor_id, entity_type, verb, count FROM counted
    ON CONFLICT (tenant_id, day, actor_id, entity_type, verb)
      DO UPDATE SET count = excluded.count WHERE d.count <> excluded.count`;
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
