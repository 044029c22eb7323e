/** The recount: it names exactly the numbers that are wrong, mends them, backfills, and tells operators. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crmNumbers, dealNumbers, taskNumbers } from '../../../src/crm/numbers.ts';
import { type NumberSource, readNumbers, recount } from '../../../src/platform/numbers/index.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import { FORGET_TENANTS } from '../../support/forget-tenants.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { connectTo } from './databases.ts';
import { BEGINNING } from './operations.ts';
import { differences } from './truth.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await openMigratedDatabase();
  client = await connectTo(database);
});
afterAll(async () => {
  await client.end();
  await database.close();
});
beforeEach(async () => {
  await client.query(`${FORGET_TENANTS} DELETE FROM number_states`);
  await client.query(BEGINNING);
  await client.query(`
    INSERT INTO deals (tenant_id, id, title, stage, value, owner_id, created_at, closed_at, updated_at)
      SELECT 'one', 'deal_' || n, 't', (ARRAY['lead', 'won', 'lost'])[1 + n % 3]::deal_stage, n + 0.5, 'user_1',
        '2026-10-10', CASE WHEN n % 3 > 0 THEN timestamp '2026-10-20' END, now()
      FROM generate_series(1, 9) AS n;
    INSERT INTO tasks (tenant_id, id, title, due_date, assignee_id, updated_at)
      SELECT 'one', 'task_' || n, 't', '2026-12-01', 'user_2', now() FROM generate_series(1, 4) AS n`);
});

const NOW = Date.parse('2026-11-30T02:40:00Z');
const store = () =>
  pgStore({ query: client.query.bind(client), connect: async () => Object.assign(client, { release() {} }) });
const count = (source: NumberSource, tenant = 'one') => recount(store(), tenant, source, NOW);
const reader = () => ({
  $queryRawUnsafe: async (text: string, ...values: unknown[]) => (await client.query(text, values)).rows as never,
});
const states = async () =>
  (
    await client.query(`SELECT source, wrong_at IS NOT NULL AS wrong, wrong_keys AS keys FROM number_states
    WHERE tenant_id = 'one' AND checked_at IS NOT NULL ORDER BY 1`)
  ).rows as unknown[];

describe('a recount', () => {
  test.each([
    ['folded', "SELECT numbers_fold('one')"],
    ['waiting', 'SELECT 1'],
  ])('of %s numbers finds nothing after ordinary writes', async (_state, prepare) => {
    await client.query(prepare);
    for (const source of crmNumbers) expect(await count(source)).toEqual({ wasComplete: true, mended: [] });
    expect(await states()).toEqual(
      crmNumbers
        .map(({ table }) => ({ source: table, wrong: false, keys: 0 }))
        .sort((a, b) => (a.source < b.source ? -1 : 1)),
    );
  });

  test('names exactly the numbers that were changed, deleted or added, and mends them', async () => {
    await client.query("SELECT numbers_fold('one')");
    await client.query(`UPDATE numbers SET count = count + 2 WHERE key = 'deals.stage:lead'`);
    await client.query(`UPDATE numbers SET sum = sum - 0.0001 WHERE key = 'deals.owner:user_1|won'`);
    await client.query(`DELETE FROM numbers WHERE key = 'deals.stage:lost'`);
    await client.query(`INSERT INTO numbers VALUES ('one', 'deals.old:x', 7, 0), ('two', 'deals.stage:lead', 1, 1)`);
    expect(await count(dealNumbers)).toEqual({
      wasComplete: true,
      mended: [
        { key: 'deals.old:x', count: -7, sum: '0.000000' },
        { key: 'deals.owner:user_1|won', count: 0, sum: '0.000100' },
        { key: 'deals.stage:lead', count: -2, sum: '0.000000' },
        { key: 'deals.stage:lost', count: 3, sum: expect.stringMatching(/^16\.5/) },
      ],
    });
    expect(await differences(client, 'one')).toEqual([]);
    expect(await states()).toEqual([{ source: 'deals', wrong: true, keys: 4 }]);
    expect(await count(dealNumbers)).toEqual({ wasComplete: true, mended: [] });
    expect(await states()).toEqual([{ source: 'deals', wrong: true, keys: 4 }]);
    // The other tenant is not concerned.
    expect((await differences(client, 'two')).map(({ key }) => key)).toEqual(['deals.stage:lead']);
  });

  test.each([
    [
      'a trigger that was off',
      'ALTER TABLE tasks DISABLE TRIGGER numbers_of_tasks_insert',
      'ALTER TABLE tasks ENABLE TRIGGER ALL',
    ],
    ['a restore without triggers', 'SET session_replication_role = replica', 'SET session_replication_role = DEFAULT'],
  ])('names the numbers that miss the writes of %s', async (_name, off, on) => {
    await client.query(off);
    await client.query(
      `INSERT INTO tasks (tenant_id, id, title, status, updated_at) VALUES ('one', 'new', 't', 'doing', now())`,
    );
    await client.query(on);
    expect(await count(taskNumbers)).toEqual({
      wasComplete: true,
      mended: [
        { key: 'tasks.assigned:', count: 1, sum: '0' },
        { key: 'tasks.status:doing', count: 1, sum: '0' },
      ],
    });
    expect(await differences(client, 'one')).toEqual([]);
  });

  test('removes numbers that have become zero', async () => {
    await client.query("DELETE FROM tasks WHERE tenant_id = 'one'");
    await client.query("SELECT numbers_fold('one')");
    const kept = async () => (await client.query("SELECT FROM numbers WHERE key LIKE 'tasks.%'")).rowCount;
    expect(await kept()).toBeGreaterThan(0);
    expect(await count(taskNumbers)).toEqual({ wasComplete: true, mended: [] });
    expect(await kept()).toBe(0);
  });

  test('of a release whose triggers are not those of the database counts nothing', async () => {
    const other = { ...dealNumbers, version: 'other' };
    expect(await count(other)).toBeNull();
    expect(await states()).toEqual([]);
  });
});

describe('the numbers of a tenant', () => {
  const read = (tenant: string, source = dealNumbers) =>
    readNumbers(reader(), tenant, 2, { totals: { all: source.at('stage') } });

  test('are complete from the beginning', async () => {
    expect(await read('one')).toEqual({ totals: { all: { count: 9, sum: '49.50' } }, groups: {} });
    expect(await read('two')).toEqual({ totals: { all: { count: 0, sum: '0.00' } }, groups: {} });
  });

  test('that is older than the triggers are read after the backfill, which is no fault', async () => {
    await client.query('DELETE FROM numbers; DELETE FROM number_changes; DELETE FROM number_states');
    expect(await read('one')).toBeNull();
    const backfill = await count(dealNumbers);
    expect([backfill?.wasComplete, (backfill?.mended.length ?? 0) > 5]).toEqual([false, true]);
    expect(await states()).toEqual([{ source: 'deals', wrong: false, keys: 0 }]);
    expect((await differences(client, 'one')).filter(({ key }) => key.startsWith('deals.'))).toEqual([]);
    expect(await read('one')).toEqual({ totals: { all: { count: 9, sum: '49.50' } }, groups: {} });
    expect(await read('two')).toBeNull();
  });

  test('are not read by a release with other declarations, nor after a migration with new triggers', async () => {
    const other = dealNumbers.at('stage');
    const range = { ...other, source: { ...other.source, version: 'other' } };
    expect(await readNumbers(reader(), 'one', 2, { totals: { all: range } })).toBeNull();
    await client.query("BEGIN; UPDATE number_sources SET version = 'newer' WHERE source = 'deals'");
    expect(await read('one')).toBeNull();
    await client.query('ROLLBACK');
    expect(await read('one')).not.toBeNull();
  });

  test('are grouped by a part of their keys, without empty groups', async () => {
    await client.query("DELETE FROM deals WHERE stage = 'lost'");
    const groups = { stages: { range: dealNumbers.at('owner', 'user_1'), part: 2 } };
    const found = await readNumbers(reader(), 'one', 1, { groups });
    expect([...(found?.groups.stages ?? [])].sort()).toEqual([
      ['lead', { count: 3, sum: '19.5' }],
      ['won', { count: 3, sum: '13.5' }],
    ]);
  });
});
