/**
 * Reads the groups of an activity report. The first statement reads the sums of the days that were rolled up
 * (`activity_sums`, at most one row per day and group), and finds the days without sums. A second statement counts the
 * feed of these days, if the feed has activities on them; usually this is today alone. The second statement contains the
 * begin and the end of each gap as values, so PostgreSQL expects the rows of the gaps and not of the whole feed: from a
 * wrong expectation of millions of rows, it would compile the statement (JIT), which takes longer than to run it.
 *
 * The sums and the gaps come from one snapshot, and the feed is read only within the gaps. So no day counts twice if a
 * roll-up ends between the two statements.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import type { Days } from '../tenant/settings.ts';
import type { ActivityCounts } from './schema.ts';

/** The forms of the report, which are the grains of `activity_sums`. */
export type Grain = ActivityCounts['by'];

/** The activities of a group. */
export interface Group {
  /** The day, the user's id (empty for API keys), or the type of entity. */
  key: string;
  /** The user's name, the verb, or empty. */
  label: string;
  count: number;
}

/** The groups to read. */
interface Question {
  tenant: string;
  timeZone: string;
  days: Days;
  grain: Grain;
}

/** Consecutive days without sums: the moments at which the first day begins and the last day ends. */
interface Gap {
  start: string;
  end: string;
}

/** Whether a day has sums. A day without sums is `open` if the feed has activities on it, else `empty`. */
type DayState = 'summed' | 'open' | 'empty';

/** Loads the groups with activities, in no order. 1 statement, or 2 if days with activities are not rolled up. */
export async function loadGroups(client: PrismaClient, question: Question): Promise<Group[]> {
  const { tenant, timeZone, days, grain } = question;
  const ends = [days.names[0], days.names.at(-1)];
  const values = [tenant, timeZone, days.names, days.starts, days.ends, ...ends];
  const [read] = await client.$queryRawUnsafe<{ states: DayState[]; groups: Group[] }[]>(summed(grain), ...values);
  if (!read) return [];
  const gaps = gapsOf(read.states, days);
  if (gaps.length === 0) return read.groups;
  const moments = gaps.flatMap(({ start, end }) => [start, end]);
  const dayValues = grain === 'day' ? [days.names, days.starts] : [];
  const counted = await client.$queryRawUnsafe<Group[]>(fed(grain, gaps.length), tenant, ...moments, ...dayValues);
  return merged(read.groups, counted);
}

/** Returns the longest runs of days without sums, as far as the feed has activities on one of their days. */
function gapsOf(states: readonly DayState[], { starts, ends }: Days): Gap[] {
  const gaps: (Gap & { open: boolean })[] = [];
  for (const [index, state] of states.entries()) {
    if (state === 'summed') continue;
    const [start = '', end = ''] = [starts[index], ends[index]];
    const open = state === 'open';
    const last = states[index - 1] === 'summed' ? undefined : gaps.at(-1);
    if (last) Object.assign(last, { end, open: last.open || open });
    else gaps.push({ start, end, open });
  }
  return gaps.filter(({ open }) => open);
}

function merged(groups: readonly Group[], others: readonly Group[]): Group[] {
  const byName = new Map<string, Group>();
  for (const group of [...groups, ...others]) {
    const name = JSON.stringify([group.key, group.label]);
    byName.set(name, { ...group, count: group.count + (byName.get(name)?.count ?? 0) });
  }
  return [...byName.values()];
}

const GROUPS: Record<Grain, { key: string; label: string }> = {
  day: { key: `to_char(day, 'YYYY-MM-DD')`, label: `''` },
  person: {
    key: 'actor_id',
    label: `coalesce((SELECT name FROM users u WHERE u.tenant_id = $1 AND u.id = actor_id), '')`,
  },
  kind: { key: 'entity_type', label: 'verb' },
};
const COLUMNS: Record<Grain, string> = { day: 'day', person: 'actor_id', kind: 'entity_type, verb' };

/** Names and counts the groups of rows with the columns of a grain and `count`. */
function groupsOf(grain: Grain, rows: string): string {
  const { key, label } = GROUPS[grain];
  return `SELECT ${key} AS key, ${label} AS label, count
    FROM (SELECT ${COLUMNS[grain]}, sum(count)::int AS count FROM (${rows}) AS r GROUP BY ${COLUMNS[grain]}) AS sums`;
}

/** Parameters: tenant ($1), time zone ($2), days ($3), their begins ($4) and ends ($5), the first ($6) and last day ($7). */
function summed(grain: Grain): string {
  const sums = (of: Grain) => `SELECT * FROM activity_sums
    WHERE tenant_id = $1 AND time_zone = $2 AND grain = '${of}' AND day BETWEEN $6::date AND $7::date`;
  return `SELECT (
      SELECT json_agg(CASE WHEN s.day IS NOT NULL THEN 'summed' WHEN EXISTS (
          SELECT 1 FROM activities WHERE tenant_id = $1 AND occurred_at >= d.start AND occurred_at < d.end_
        ) THEN 'open' ELSE 'empty' END ORDER BY d.day)
      FROM unnest($3::date[], $4::timestamp[], $5::timestamp[]) AS d (day, start, end_) LEFT JOIN (${sums('day')}) AS s USING (day)
    ) AS states, (
      SELECT coalesce(json_agg(g), '[]') FROM (${groupsOf(grain, sums(grain))}) AS g
    ) AS groups`;
}

/** Parameters: tenant ($1), the begin and the end of each gap, and for days also the days of the report and their begins. */
function fed(grain: Grain, gaps: number): string {
  const [days, starts] = [`$${2 + 2 * gaps}::date[]`, `$${3 + 2 * gaps}::timestamp[]`];
  const columns: Record<Grain, string> = {
    // The begins of days ascend, so the number of begins up to a moment is the number of the moment's day.
    day: `(${days})[width_bucket(occurred_at, ${starts})] AS day`,
    person: `coalesce(actor_id, '') AS actor_id`,
    kind: 'entity_type, verb',
  };
  const rows = Array.from(
    { length: gaps },
    (_each, gap) => `SELECT ${columns[grain]}, count(*) AS count FROM activities
      WHERE tenant_id = $1 AND occurred_at >= $${2 + 2 * gap}::timestamp AND occurred_at < $${3 + 2 * gap}::timestamp
      GROUP BY ${grain === 'kind' ? '1, 2' : '1'}`,
  );
  return groupsOf(grain, rows.join(' UNION ALL '));
}
