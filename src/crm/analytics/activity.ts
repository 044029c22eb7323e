/**
 * The number of activities in a range of days of the tenant's time zone. For days that were rolled up, the query reads
 * the rows of the roll-up. All other days, such as today, are counted in the feed. So the numbers always equal the
 * numbers of the feed.
 */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, daySchema } from '../../platform/http/index.ts';
import { addDays, dayIn } from '../../platform/rest/index.ts';
import { activityTags, tenantTags, userTags } from '../tags.ts';
import { daysIn, endOfDay, loadSettings } from '../tenant/settings.ts';
import { type ActivityCounts, type ActivityCountsQuery, rangeOf } from './schema.ts';

type By = ActivityCounts['by'];
const countsArgsSchema = z.strictObject({
  from: daySchema.optional(),
  to: daySchema.optional(),
  by: z.enum(['day', 'person', 'kind']),
  open: z.boolean(),
});
type CountsArgs = z.infer<typeof countsArgsSchema>;

/**
 * Returns the arguments of the query. A range is `open` if it may end yesterday or later: a write in the last second of
 * yesterday may still be committing. `today` is the UTC day; yesterday is up to 2 days earlier in some zones.
 */
export function countsArgs({ from, to, by }: ActivityCountsQuery, today: string): CountsArgs {
  return { from, to, by, open: rangeOf({ from, to }, today).to >= addDays(today, -2) };
}

/**
 * Counts activities. Each write of the CRM invalidates a range that is `open`. The numbers of a closed range change
 * only by a roll-up, so writes leave a closed range in the cache. If activities of a past day are inserted without the
 * API, the new numbers become visible after the next roll-up of this day. For a day without rows of the roll-up, the
 * new numbers become visible after `ttl`. A miss costs 2 statements.
 */
export const activityCounts = query('activity-counts', {
  args: countsArgsSchema,
  ttl: '1h',
  stale: '15m',
  // A range without ends moves on at midnight.
  until: ({ to, timeZone }: ActivityCounts, args: CountsArgs) =>
    args.from === undefined && args.to === undefined ? endOfDay({ day: to, timeZone }) : null,
  tags: ({ by, open }: CountsArgs) => [
    tenantTags.settings,
    activityTags.days,
    ...(open ? [activityTags.all] : []),
    ...(by === 'person' ? [userTags.names] : []),
  ],
  load: async ({ by, ...ends }, { tenant, db, now }: DataContext): Promise<ActivityCounts> => {
    const client = await db();
    const { timeZone } = await loadSettings(client, tenant);
    const { from, to } = rangeOf(ends, dayIn(timeZone, now()));
    const days = daysIn(timeZone, from, to);
    const rows = await client.$queryRawUnsafe<({ total: number } & object)[]>(
      `${COUNTED} ${GROUPED[by]}`,
      tenant,
      timeZone,
      days.names,
      days.starts,
      days.ends,
    );
    const counts = rows.map(({ total: _, ...row }) => row);
    // The cast is safe: each statement returns the columns of the schema for its `by`.
    return { by, timeZone, from, to, total: rows[0]?.total ?? 0, counts } as ActivityCounts;
  },
});

/**
 * Parameters: tenant ($1), time zone ($2), days ($3), their begins ($4) and ends ($5). For a day without rows, the
 * statement looks up the feed's index.
 */
const COUNTED = `
  WITH days AS (
    SELECT * FROM unnest($3::date[], $4::timestamp[], $5::timestamp[]) AS d (day, start, end_)
  ), counted AS (
    SELECT day, actor_id, entity_type, verb, count FROM activity_days
    WHERE tenant_id = $1 AND time_zone = $2
      AND day BETWEEN (SELECT min(day) FROM days) AND (SELECT max(day) FROM days)
    UNION ALL
    SELECT days.day, feed.* FROM days CROSS JOIN LATERAL (
      SELECT coalesce(actor_id, '') AS actor_id, entity_type, verb, count(*)::int AS count FROM activities
      WHERE tenant_id = $1 AND occurred_at >= days.start AND occurred_at < days.end_
      GROUP BY 1, 2, 3
    ) AS feed
    WHERE NOT EXISTS (
      SELECT 1 FROM activity_days AS rows WHERE rows.tenant_id = $1 AND rows.time_zone = $2 AND rows.day = days.day)
  )`;

const SUMS = 'coalesce(count, 0)::int AS count, coalesce(sum(count) OVER (), 0)::int AS total';
const sumsBy = (columns: string) => `(SELECT ${columns}, sum(count) AS count FROM counted GROUP BY ${columns}) AS sums`;

const GROUPED: Record<By, string> = {
  day: `SELECT to_char(day, 'YYYY-MM-DD') AS day, ${SUMS} FROM days LEFT JOIN ${sumsBy('day')} USING (day) ORDER BY day`,
  person: `SELECT CASE WHEN actor_id <> '' THEN json_build_object('id', actor_id, 'name', coalesce(u.name, '')) END
      AS person, ${SUMS}
    FROM ${sumsBy('actor_id')} LEFT JOIN users u ON u.tenant_id = $1 AND u.id = actor_id
    ORDER BY count DESC, actor_id LIMIT 100`,
  kind: `SELECT entity_type AS "entityType", verb, ${SUMS} FROM ${sumsBy('entity_type, verb')}
    ORDER BY count DESC, entity_type, verb`,
};
