import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { readRow } from '../../../src/crm/imports/read/index.ts';
import type { FilePlan, SourceRow } from '../../../src/crm/imports/read/plan.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  const migrations = readMigrations();
  const own = migrations.findIndex(({ name }) => name.endsWith('_imports'));
  await applyMigrations(database.connectionString, migrations.slice(0, own));
  await send(
    database.connectionString,
    `INSERT INTO tenants (id, name, currency, updated_at) VALUES ('t', 'T', 'EUR', now());
    INSERT INTO imports (tenant_id, id, status, fields, create_companies, rows, rejected, rejections, created_at)
      VALUES ('t', 'import_1', 'running',
        '[{"column":"Shoe","field":null},{"column":"Name","field":"name"},{"column":"X","field":null},
          {"column":"Mail","field":"email"}]',
        true, 4, 1, '[{"row":2,"field":"email","message":"is wrong"}]', now()),
      ('t', 'import_2', 'done', '[{"column":"Name","field":"name"}]', true, 1, 0, '[]', now());
    INSERT INTO import_chunks (tenant_id, import_id, seq, rows)
      VALUES ('t', 'import_1', 1, '[[3,["Ada","ada@x.example"]],[4,null],[5,["Bob",""]]]')`,
  );
  await applyMigrations(database.connectionString);
});
afterAll(() => database.close());

it('keeps the columns, the waiting rows, the rejections and the status of imports under way', async () => {
  const imports = await send<{ status: string; plan: FilePlan<'contacts'>; rejections: unknown; kind: string }>(
    database.connectionString,
    'SELECT status, plan, rejections, kind FROM imports ORDER BY id',
  );
  expect(imports.map(({ status, kind }) => [status, kind])).toEqual([
    ['running', 'contacts'],
    ['done', 'contacts'],
  ]);
  expect(imports.map(({ rejections }) => rejections)).toEqual([
    [{ row: 2, field: 'email', message: 'is wrong', kept: false }],
    [],
  ]);
  const [chunk] = await send<{ rows: SourceRow[] }>(database.connectionString, 'SELECT rows FROM import_chunks');
  const plan = imports[0]?.plan ?? expect.fail('there is no import');
  expect(plan.columns.map(({ column, field }) => [column, field])).toEqual([
    ['Shoe', null],
    ['Name', 'name'],
    ['X', null],
    ['Mail', 'email'],
  ]);
  expect((chunk?.rows ?? []).map((row) => readRow(row, plan))).toMatchObject([
    { row: 3, values: { name: 'Ada', email: 'ada@x.example' }, problems: [] },
    { row: 4, values: null, problems: [{ message: 'has more cells than the header: is a comma not in quotes?' }] },
    { row: 5, values: { name: 'Bob' }, problems: [] },
  ]);
});
