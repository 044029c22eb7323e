/**
 * The number of activities in a range of days of the tenant's time zone. For days that were rolled up, the query reads
 * the sums of the roll-up. All other days, such as today, are counted in the feed. So the numbers always equal the
 * numbers of the feed.
 */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import { type DataContext, daySchema } from '../../platform/http/index.ts';
import { addDays, dayIn } from '../../platform/rest/index.ts';
import { activityTags, tenantTags, userTags } from '../tags.ts';
import { daysIn, endOfDay, loadSettings } from '../tenant/settings.ts';
import { type Grain, type Group, loadGroups } from './activity-groups.ts';
import { type ActivityCounts, type ActivityCountsQuery, rangeOf } from './schema.ts';

/** The number of persons that a report shows. */
const MOST_PERSONS = 100;
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
 * new numbers become visible after `ttl`. A miss costs 2 statements, or 3 if a day with activities is not rolled up.
 */
export const activityCounts = query('activity-counts', {
  args: countsArgsSchema,
  ttl: '1h',
  stale: '15m',
  // If the request does not name both ends of the range, the range moves on at midnight.
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
    const groups = await loadGroups(client, { tenant, timeZone, days, grain: by });
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    // The cast is safe: the counts have the columns of the schema for their `by`.
    return { by, timeZone, from, to, total, counts: inOrder(by, groups, days.names) } as ActivityCounts;
  },
});

/** Puts the groups of the report in their order: every day, or the greatest groups first. */
function inOrder(grain: Grain, groups: readonly Group[], days: readonly string[]) {
  if (grain === 'day') {
    const counts = new Map(groups.map(({ key, count }) => [key, count]));
    return days.map((day) => ({ day, count: counts.get(day) ?? 0 }));
  }
  const ordered = groups.toSorted((one, other) => other.count - one.count || compare(one, other));
  if (grain === 'kind') return ordered.map(({ key, label, count }) => ({ entityType: key, verb: label, count }));
  const toPerson = ({ key, label }: Group) => (key === '' ? null : { id: key, name: label });
  return ordered.slice(0, MOST_PERSONS).map((group) => ({ person: toPerson(group), count: group.count }));
}

function compare(one: Group, other: Group): number {
  if (one.key !== other.key) return one.key < other.key ? -1 : 1;
  return one.label < other.label ? -1 : 1;
}
