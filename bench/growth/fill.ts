/**
 * Fills a database: the app's migrations, then the rows of tenants of the wanted sizes. Indexes are made after the rows,
 * as a restore makes them, because a million insertions into each index take longer. References are not checked, because
 * the statements make only references to rows that exist.
 */
import { Client, Pool } from 'pg';
import { applyMigrations } from '../../prisma/apply.ts';
import { crmNumbers } from '../../src/crm/numbers.ts';
import { recount } from '../../src/platform/numbers/index.ts';
import { pgStore } from '../../src/platform/sql/pg-store.ts';
import { FUNCTIONS, rowsOf, sizeOf } from './rows.ts';

/** Fills an empty database with tenants, from the numbers of their deals. */
export async function fillDatabase(url: string, tenants: Readonly<Record<string, number>>): Promise<void> {
  await applyMigrations(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const now = new Date().toISOString().replace('Z', '');
    await client.query(FUNCTIONS);
    await client.query('SET session_replication_role = replica');
    const indexes = await dropIndexes(client);
    for (const [tenant, deals] of Object.entries(tenants)) {
      for (const statement of rowsOf(tenant, sizeOf(deals), now)) await client.query(statement);
    }
    for (const index of indexes) await client.query(index);
    await countNumbers(url, Object.keys(tenants));
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

/** Counts the maintained numbers, as their job does for rows from before the triggers. */
async function countNumbers(connectionString: string, tenants: readonly string[]): Promise<void> {
  const pool = new Pool({ connectionString, max: 1 });
  try {
    const store = pgStore(pool);
    for (const tenant of tenants) for (const source of crmNumbers) await recount(store, tenant, source, Date.now());
  } finally {
    await pool.end();
  }
}

/** Drops the indexes that no constraint needs, and returns the statements that make them again. */
async function dropIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND NOT i.indisunique
       AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}
