/** The triggers of the migrated database are exactly those of the declarations, and they are on. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { missingTriggers } from '../../../prisma/number-triggers.ts';
import { crmNumbers } from '../../../src/crm/numbers.ts';
import { month, numbersOf } from '../../../src/platform/numbers/index.ts';
import { functionOf, sharedFunctions, triggerFunction } from '../../../src/platform/numbers/triggers.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { connectTo } from './databases.ts';

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

describe('the database', () => {
  test('has the triggers of every declared table, all enabled', async () => {
    const { rows } = await client.query(`
      SELECT tgrelid::regclass::text AS table, proname AS function, tgenabled AS enabled, tgtype::int & 28 AS event
      FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
      WHERE proname LIKE 'numbers\\_of\\_%' AND proname <> 'numbers_of_new_tenants' ORDER BY 1, 4`);
    const events = { insert: 4, delete: 8, update: 16 };
    const tables = crmNumbers.map((source) => ({ table: source.table, function: functionOf(source) }));
    const expected = tables
      .toSorted((one, other) => (one.table < other.table ? -1 : 1))
      .flatMap((each) => Object.values(events).map((event) => ({ ...each, enabled: 'O', event })));
    expect(rows).toEqual(expected);
    const truncations = await client.query(`
      SELECT tgrelid::regclass::text AS table FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
      WHERE proname = 'numbers_after_truncate' AND tgenabled = 'O' ORDER BY 1`);
    expect(truncations.rows).toEqual(
      tables.map(({ table }) => ({ table })).sort((a, b) => (a.table < b.table ? -1 : 1)),
    );
  });

  test('has the functions and the versions that the declarations make', async () => {
    const functions = {
      ...sharedFunctions,
      ...Object.fromEntries(crmNumbers.map((each) => [functionOf(each), triggerFunction(each)])),
    };
    for (const [name, text] of Object.entries(functions)) {
      const { rows } = await client.query<{ source: string }>(
        'SELECT prosrc AS source FROM pg_proc WHERE proname = $1',
        [name],
      );
      expect(rows, name).toHaveLength(1);
      expect(text, name).toContain(`AS $$${rows[0]?.source}$$`);
    }
    const { rows } = await client.query('SELECT source, version FROM number_sources ORDER BY 1');
    const versions = crmNumbers.map(({ table: source, version }) => ({ source, version }));
    expect(rows).toEqual(versions.toSorted((one, other) => (one.source < other.source ? -1 : 1)));
  });
});

describe('a new migration', () => {
  test('needs no triggers while the migrations have those of the declarations', () => {
    expect(missingTriggers()).toBe('');
  });

  test('gets the triggers of a declaration that is new or changed, and only these', async () => {
    const changed = numbersOf('companies', { city: { by: ['city', month('created_at')] } });
    const others = crmNumbers.filter(({ table }) => table !== 'companies');
    const sql = missingTriggers(readMigrations(), [...others, changed]);
    expect(sql.match(/CREATE OR REPLACE FUNCTION \w+/g)).toEqual(['CREATE OR REPLACE FUNCTION numbers_of_companies']);
    const migrations = [...readMigrations(), { name: 'later', sql }];
    expect(missingTriggers(migrations, [...others, changed])).toBe('');
    // The earlier declaration is replaced by now, so it is missing.
    expect(missingTriggers(migrations, crmNumbers)).toContain('numbers_of_companies');
    await client.query(`BEGIN; ${sql}`);
    await client.query(sql);
    await client.query('ROLLBACK');
  });
});

describe('number_month', () => {
  test.each([
    ['2026-10-31T09:59:59.999', '2026-10-01T12:00'],
    ['2026-10-31T10:00:00.000', '2026-10-31T10:00'],
    ['2026-10-31T23:59:59.999', '2026-10-31T23:45'],
    ['2026-11-01T00:00:00.000', '2026-11-01T00:00'],
    ['2026-11-01T11:59:59.999', '2026-11-01T11:45'],
    ['2026-11-01T12:00:00.000', '2026-11-01T12:00'],
    ['2026-11-15T00:00:00.000', '2026-11-01T12:00'],
    ['1969-12-31T18:30:00.000', '1969-12-31T18:30'],
    ['0999-12-31T23:59:00.000', '0999-12-31T23:45'],
  ])('puts %s into the bucket %s', async (moment, bucket) => {
    const { rows } = await client.query('SELECT number_month($1::timestamp) AS bucket', [moment]);
    expect(rows).toEqual([{ bucket }]);
  });
});
