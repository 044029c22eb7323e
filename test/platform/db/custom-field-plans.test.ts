/** The plans of filters by custom fields: each finds an index, whether a value is common, rare or missing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { openDatabase } from '../../../src/platform/db/index.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
const statements: string[] = [];
const contacts = async (tenantId: string, ...values: [fieldId: string, value: string][]) => {
  statements.length = 0;
  const meter = { queries: 0, ms: 0, onStatement: (sql: string) => void statements.push(sql) };
  const opened = openDatabase({ connectionString: database.connectionString, meter });
  const AND = values.map(([fieldId, value]) => ({ values: { some: { tenantId, fieldId, value } } }));
  const found = await (await opened.client()).contact.findMany({
    where: { tenantId, AND },
    take: 26,
    orderBy: { id: 'desc' },
  });
  await opened.close();
  const parameters = [tenantId, ...values.flatMap(([fieldId, value]) => [tenantId, fieldId, value]), 26, 0];
  const literals = parameters.map((each) => (typeof each === 'number' ? String(each) : `'${each}'`));
  const sql = (statements[0] ?? '').replace(/\$(\d+)/g, (_all, at: string) => literals[Number(at) - 1] ?? 'null');
  const plan = await send<Record<string, string>>(database.connectionString, `EXPLAIN ${sql}`);
  return { found: found.length, plan: plan.map((line) => Object.values(line)[0]).join('\n') };
};

beforeAll(async () => {
  database = await openTestDatabase();
  await applyMigrations(database.connectionString);
  await send(
    database.connectionString,
    `INSERT INTO tenants (id, name, currency, updated_at) VALUES ('big', 'B', 'EUR', now()), ('small', 'S', 'EUR', now());
    INSERT INTO contacts (tenant_id, id, name, custom, updated_at)
      SELECT 'big', 'contact_' || lpad(n::text, 6, '0'), 'Name', jsonb_build_object(
        'field_half', CASE WHEN n % 2 = 0 THEN 'North' ELSE 'South' END, 'field_rare', 'c' || n % 200), now()
      FROM generate_series(1, 4000) AS n;
    INSERT INTO contacts (tenant_id, id, name, custom, updated_at)
      SELECT 'small', 'contact_' || n, 'Name', '{"field_own": "North"}', now() FROM generate_series(1, 12) AS n;
    ANALYZE contacts; ANALYZE contact_values;`,
  );
});
afterAll(() => database.close());

test.each<[string, number, string, ...[string, string][]]>([
  ['every second row', 26, 'big', ['field_half', 'North']],
  ['few rows', 20, 'big', ['field_rare', 'c17']],
  ['no row', 0, 'big', ['field_rare', 'none']],
  ['two values', 20, 'big', ['field_half', 'South'], ['field_rare', 'c17']],
  ['two values that no row has together', 0, 'big', ['field_half', 'North'], ['field_rare', 'c17']],
  ['a value of a small tenant beside a large one', 12, 'small', ['field_own', 'North']],
])('a filter by a value of %s reads no whole table', async (_name, count, tenant, ...values) => {
  const { found, plan } = await contacts(tenant, ...values);
  expect(found).toBe(count);
  expect(plan).toMatch(/contact_values_tenant_id_row_id/);
  expect(plan).not.toMatch(/Seq Scan/);
});
