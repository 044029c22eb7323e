/**
 * The numbers of the CRM, counted from its rows by a statement that is written by hand: independent of the declarations
 * from which the triggers and the recount are made.
 */

/** A number that differs from the rows: its key, the kept and the counted number. */
export interface Difference {
  key: string;
  kept: string;
  counted: string;
}

/** Anything that sends a statement: a client of `pg`, or a pool. */
export interface Sender {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

const open = "status IN ('todo', 'doing', 'blocked')";
const ofMonth = (column: string) => `number_month(${column})`;

/** Each number: its key, its amount, its table, and which rows have it. */
const NUMBERS: [key: string, amount: string, table: string, where: string][] = [
  ["'deals.stage:' || stage", 'value', 'deals', 'true'],
  ["'deals.owner:' || coalesce(owner_id, '') || '|' || stage", 'value', 'deals', 'true'],
  [`'deals.created:' || ${ofMonth('created_at')}`, '0', 'deals', 'true'],
  [`'deals.closed:' || stage || '|' || ${ofMonth('closed_at')}`, 'value', 'deals', 'closed_at IS NOT NULL'],
  [
    `'deals.won:' || ${ofMonth('closed_at')} || '|' || coalesce(owner_id, '')`,
    ...['value', 'deals', "stage = 'won' AND closed_at IS NOT NULL"],
  ] as [string, string, string, string],
  ["'tasks.status:' || status", '0', 'tasks', 'true'],
  [`'tasks.done:' || ${ofMonth('completed_at')}`, '0', 'tasks', 'completed_at IS NOT NULL'],
  ["'tasks.due:' || to_char(due_date, 'YYYY-MM-DD')", '0', 'tasks', `due_date IS NOT NULL AND ${open}`],
  ["'tasks.assigned:' || coalesce(assignee_id, '')", '0', 'tasks', open],
  [
    "'tasks.assigned_due:' || coalesce(assignee_id, '') || '|' || to_char(due_date, 'YYYY-MM-DD')",
    ...['0', 'tasks', `due_date IS NOT NULL AND ${open}`],
  ] as [string, string, string, string],
  ...['companies', 'contacts'].flatMap((table): [string, string, string, string][] => [
    [`'${table}.owner:' || coalesce(owner_id, '')`, '0', table, 'true'],
    [`'${table}.created:' || ${ofMonth('created_at')}`, '0', table, 'true'],
  ]),
  ["'projects.status:' || status", '0', 'projects', 'true'],
  [
    `'deal_closings.closed:' || generation || '|' || ${ofMonth('closed_at')}`,
    ...['extract(epoch FROM closed_at - created_at)', 'deal_closings', 'true'],
  ] as [string, string, string, string],
  [`'deal_closings.won:' || generation || '|' || ${ofMonth('closed_at')}`, 'value', 'deal_closings', 'won'],
];

const COUNTED = NUMBERS.map(
  ([key, amount, table, where]) =>
    `SELECT ${key} AS key, count(*) AS count, sum(${amount})::numeric AS sum
     FROM ${table} WHERE tenant_id = $1 AND ${where} GROUP BY 1`,
).join(' UNION ALL ');

const DIFFERENCES = `
  WITH counted AS (${COUNTED}), kept AS (
    SELECT key, sum(count) AS count, sum(sum) AS sum FROM (
      SELECT key, count, sum FROM numbers WHERE tenant_id = $1
      UNION ALL
      SELECT change.key, change.count, change.sum
      FROM number_changes, unnest(keys, counts, sums) AS change (key, count, sum) WHERE tenant_id = $1
    ) AS parts GROUP BY key
  )
  SELECT key, concat_ws(' ', kept.count, kept.sum::float8) AS kept,
    concat_ws(' ', counted.count, counted.sum::float8) AS counted
  FROM counted FULL JOIN kept USING (key)
  WHERE coalesce(counted.count, 0) <> coalesce(kept.count, 0) OR coalesce(counted.sum, 0) <> coalesce(kept.sum, 0)
  ORDER BY key`;

/** Returns the numbers of a tenant that differ from its rows, in one statement and so in one snapshot. */
export async function differences(sender: Sender, tenant: string): Promise<Difference[]> {
  return (await sender.query(DIFFERENCES, [tenant])).rows as Difference[];
}
