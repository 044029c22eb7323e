/**
 * Records the statements that the app sends, with their values, and reads the plans that PostgreSQL makes for them. The
 * plan of a statement is asked for as the app asks for its rows: over the same protocol, with the same values.
 */
import pg from 'pg';

/** A statement as the driver got it. */
export interface Sent {
  text: string;
  values: unknown[];
}

/** A node of a plan, as `EXPLAIN (FORMAT JSON)` shows it. */
interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Total Cost': number;
  /** The mean over the loops; only after `EXPLAIN (ANALYZE)`. */
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  Plans?: Node[];
}

/** Runs `work`, and returns the statements that this process sends meanwhile. Control of transactions is left out. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const { query } = pg.Client.prototype;
  // The driver of Prisma is the same module, so its clients have the same prototype.
  pg.Client.prototype.query = function recorded(this: pg.Client, ...args: unknown[]) {
    const [config, values] = args as [string | { text: string; values?: unknown[] }, unknown];
    const text = typeof config === 'string' ? config : config.text;
    const own = typeof config === 'string' ? undefined : config.values;
    if (/^\s*(?:SELECT|WITH)\b/i.test(text)) sent.push({ text, values: own ?? (Array.isArray(values) ? values : []) });
    return Reflect.apply(query, this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}

/**
 * Returns the parts of a statement's plan that may read rows of other tenants: a scan of a whole table, or of an index
 * without the value of the tenant. `large` are the tables to look at, with their indexes; in a small table a scan is right.
 */
export async function neighbourlyScans(
  client: pg.Client,
  { text, values }: Sent,
  large: ReadonlySet<string>,
): Promise<string[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return plan === undefined ? ['no plan'] : scansIn(plan, large);
}

function scansIn(node: Node, large: ReadonlySet<string>): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Name': index = '' } = node;
  const inner = (node.Plans ?? []).flatMap((child) => scansIn(child, large));
  if (type === 'Seq Scan' && large.has(table)) return [`Seq Scan on ${table}`, ...inner];
  if (!/^(?:Index|Bitmap Index)/.test(type) || !(large.has(table) || large.has(index))) return inner;
  // A condition with the value of the tenant. With the column of another table the planner would not know which tenant.
  return /\btenant_id = '/.test(node['Index Cond'] ?? '')
    ? inner
    : [`${type} of ${index} without the value of the tenant`, ...inner];
}

/** Runs statements, and returns the rows that they read from each table, and the cost that PostgreSQL expected. */
export async function readingOf(client: pg.Client, statements: readonly Sent[], tables: RegExp) {
  const rows: Record<string, number> = {};
  let cost = 0;
  const add = (node: Node): void => {
    const table = node['Relation Name'] ?? '';
    const read = Math.round((node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 0));
    if (tables.test(table)) rows[table] = (rows[table] ?? 0) + read;
    node.Plans?.forEach(add);
  };
  for (const { text, values } of statements) {
    const explained = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    const plan = explained.rows[0]?.['QUERY PLAN'][0].Plan;
    if (plan === undefined) throw new Error('PostgreSQL returned no plan');
    cost += plan['Total Cost'];
    add(plan);
  }
  return { rows, cost };
}

/** Returns the tables of at least `rows` rows and their indexes, by the statistics of `ANALYZE`. */
export async function largeTables(client: pg.Client, rows: number): Promise<Set<string>> {
  const found = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'i') AND c.reltuples >= $1`,
    [rows],
  );
  return new Set(found.rows.map(({ name }) => name));
}
