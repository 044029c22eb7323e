/** A seal reads the entries that wait, and none that has a seal: its plan does not walk the trail. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLeaves } from '../../../src/platform/audit/entries-table.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { statementsOf } from './plans.ts';

const TENANT = 'sealed';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.connectionString, max: 1 });
  await pool.query(
    `INSERT INTO audit_entries (tenant_id, id, actor_type, action, outcome, entity_type, occurred_at, salt, commitment, leaf)
     SELECT $1, 'audit_' || i, 'system', 'deal.created', 'ok', 'deal', now(), 'salt', 'commitment', 'leaf'
     FROM generate_series(1, 3000) AS i`,
    [TENANT],
  );
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

test('also while the statistics are from a time when most entries had no seal', async () => {
  await pool.query('ANALYZE audit_entries');
  const store = pgStore(pool);
  const [read] = await statementsOf(() => store.transaction((tx) => readLeaves(store, TENANT, 1_000, tx)));
  if (read === undefined) throw new Error('No statement was sent');
  const plan = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${read.text}`, read.values);
  const indexes = plan.rows.flatMap((line) => /using (\S+)/.exec(line['QUERY PLAN'])?.[1] ?? []);
  expect(indexes).toEqual(['audit_entries_seal_tenant_id_position_key']);
});
