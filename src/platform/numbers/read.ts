/**
 * Reads numbers: the kept rows plus the changes that wait, in one statement and so in one snapshot. The cost follows the
 * number of keys, not the number of rows that they count.
 */
import type { PrismaQueryable } from '../sql/index.ts';
import type { KeyRange } from './source.ts';

/** How many rows, and the sum of their amounts as exact text. */
export interface Tally {
  count: number;
  sum: string;
}

/** A range whose numbers are grouped by one part of their keys. The first part is 1. */
export interface GroupedRange {
  range: KeyRange;
  part: number;
}

/** The numbers of the requested ranges, by the labels of the request. */
export interface NumbersRead<Label extends string, GroupLabel extends string> {
  totals: Readonly<Record<Label, Tally>>;
  /** The numbers by the requested part of their keys, without groups that have no row. */
  groups: Readonly<Record<GroupLabel, ReadonlyMap<string, Tally>>>;
}

interface Row {
  label: string;
  part: string;
  count: number;
  sum: string;
}

/**
 * Reads numbers of a tenant. 1 statement.
 * @param client a Prisma client, or a transaction.
 * @param places the decimal places of the sums, which are rounded half away from zero.
 * @returns `null` if the numbers are not complete yet: the caller must count the rows.
 */
export async function readNumbers<Label extends string = never, GroupLabel extends string = never>(
  client: PrismaQueryable,
  tenant: string,
  places: number,
  request: { totals?: Readonly<Record<Label, KeyRange>>; groups?: Readonly<Record<GroupLabel, GroupedRange>> },
): Promise<NumbersRead<Label, GroupLabel> | null> {
  const totals = entriesOf<Label, KeyRange>(request.totals).map(([label, range]) => ({ label, range, part: 0 }));
  const groups = entriesOf<GroupLabel, GroupedRange>(request.groups).map(([label, of]) => ({ label, ...of }));
  const ranges = [...totals, ...groups];
  const sources = [...new Map(ranges.map(({ range: { source } }) => [source.table, source])).values()];
  const rows = await client.$queryRawUnsafe<Row[]>(
    READ,
    tenant,
    places,
    ranges.map(({ label }) => label),
    ranges.map(({ range }) => range.from),
    ranges.map(({ range }) => range.to),
    ranges.map(({ part }) => String(part)),
    sources.map(({ table }) => table),
    sources.map(({ version }) => version),
  );
  if (rows.length === 0) return null;
  const found: NumbersRead<string, string> & { totals: Record<string, Tally>; groups: Record<string, Groups> } = {
    totals: {},
    groups: Object.fromEntries(groups.map(({ label }): [string, Groups] => [label, new Map()])),
  };
  for (const { label, part, count, sum } of rows) {
    const group = found.groups[label];
    if (!group) found.totals[label] = { count, sum };
    else if (count !== 0) group.set(part, { count, sum });
  }
  // The statement returns at least one row for each range, so no total is missing.
  return found as NumbersRead<Label, GroupLabel>;
}

type Groups = Map<string, Tally>;

function entriesOf<Label extends string, Of>(record: Readonly<Record<Label, Of>> | undefined): [Label, Of][] {
  return Object.entries(record ?? {}) as [Label, Of][];
}

/**
 * Parameters: tenant ($1), decimal places ($2), labels ($3), begins ($4) and ends ($5) of the ranges, parts to group by
 * ($6), tables ($7) and their versions ($8). No row is returned unless all numbers of these tables are complete.
 */
const READ = `
  WITH waiting AS MATERIALIZED (
    SELECT change.key, sum(change.count) AS count, sum(change.sum) AS sum
    FROM number_changes CROSS JOIN LATERAL unnest(keys, counts, sums) AS change (key, count, sum)
    WHERE tenant_id = $1 GROUP BY change.key
  )
  SELECT wanted.label, CASE wanted.part WHEN 0 THEN ''
      ELSE coalesce(split_part(substr(found.key, strpos(found.key, ':') + 1), '|', wanted.part), '') END AS part,
    coalesce(sum(found.count), 0)::float8 AS count, round(coalesce(sum(found.sum), 0), $2::int)::text AS sum
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]::int[]) AS wanted (label, first, past, part)
  LEFT JOIN LATERAL (
    SELECT key, count, sum FROM numbers WHERE tenant_id = $1 AND key >= wanted.first AND key < wanted.past
    UNION ALL
    SELECT key, count, sum FROM waiting WHERE key >= wanted.first AND key < wanted.past
  ) AS found ON true
  WHERE (
    SELECT count(*) FROM unnest($7::text[], $8::text[]) AS declared (source, version)
    JOIN number_sources USING (source, version)
    JOIN number_states AS state USING (source, version) WHERE state.tenant_id = $1
  ) = cardinality($7::text[])
  GROUP BY 1, 2`;
