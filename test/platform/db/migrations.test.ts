import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { missingSql } from '../../../prisma/migration.ts';
import { readMigrations, readSchema } from '../../../prisma/migration-files.ts';
import { fieldsOf } from '../../../src/platform/sql/errors.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** Empties the database, as at its creation. */
const empty = () => send(database.connectionString, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');

/** The schema with one part of its text replaced. */
function schemaWith(from: string, to: string) {
  const { files } = readSchema();
  const changed = files.map(({ path, content }) => ({ path, content: content.replace(from, to) }));
  expect(changed).not.toEqual(files);
  return { files: changed };
}

/** The name of a block of the schema: `Outbox` of `model Outbox {`. */
const nameOf = (block: string) => block.split(' ')[1] ?? '';

describe('migrations', () => {
  beforeEach(empty);

  it('create exactly the schema', async () => {
    expect(await missingSql(database.connectionString)).toBeNull();
  });

  it('have the same tables of the platform as the file of the package', async () => {
    const sql = readFileSync(join(import.meta.dirname, '../../../src/platform/sql/platform.sql'), 'utf8');
    const models = [
      ...['Outbox', 'JobStep', 'IdempotentCommit', 'AppliedWrite'],
      ...['Event', 'StreamGroup', 'DeadEvent', 'ProjectionVersion', 'AuditEntry', 'AuditSeal', 'AuditAnchor'],
    ];
    const files = readSchema().files.map(({ path, content }) => {
      const blocks = content.match(/^\w+ \w+ \{\n[\s\S]*?^\}/gm) ?? [];
      const kept = blocks.filter((block) => /^(?:generator|datasource) /.test(block) || models.includes(nameOf(block)));
      return { path, content: kept.join('\n') };
    });
    expect(files[0]?.content.match(/^model /gm)).toHaveLength(models.length);
    expect(
      await missingSql(database.connectionString, [{ name: '20260101000000_platform', sql }], { files }),
    ).toBeNull();
  });

  it('do not match a schema with an additional column', async () => {
    const schema = schemaWith('jobTitle   String?', 'nickname   String?\n  jobTitle   String?');
    const sql = await missingSql(database.connectionString, readMigrations(), schema);
    expect(sql).toContain('ALTER TABLE "contacts" ADD COLUMN     "nickname" TEXT');
  });

  it('of a new reference clear the reference but keep the tenant', async () => {
    const schema = schemaWith(
      'company Company? @relation(fields: [tenantId, companyId], references: [tenantId, id], onDelete: Restrict)',
      'company Company? @relation(fields: [tenantId, companyId], references: [tenantId, id], onDelete: SetNull)',
    );
    const sql = await missingSql(database.connectionString, readMigrations(), schema);
    expect(sql).toContain('ON DELETE SET NULL ("company_id") ON UPDATE CASCADE');
  });

  it('are applied once, oldest first', async () => {
    const names = readMigrations().map(({ name }) => name);
    expect(await applyMigrations(database.connectionString)).toEqual(names);
    expect(await applyMigrations(database.connectionString)).toEqual([]);
    const rows = await send<{ migration_name: string; applied: boolean }>(
      database.connectionString,
      'SELECT migration_name, finished_at IS NOT NULL AS applied FROM _prisma_migrations ORDER BY migration_name',
    );
    expect(rows).toEqual(names.map((migration_name) => ({ migration_name, applied: true })));
  });

  it('give existing amounts the decimal places of their currency, and keep every other amount', async () => {
    // The second migration removes a table whose amounts the first one changes, and the third changes what the second adds.
    const left = /_(?:money_places|care_flow_ledger|care_left_and_departments)$/;
    const before = readMigrations().filter(({ name }) => !left.test(name));
    await applyMigrations(database.connectionString, before);
    await send(
      database.connectionString,
      `INSERT INTO tenants (id, name, currency, updated_at)
         SELECT currency, currency, currency, now() FROM unnest(ARRAY['JPY', 'KWD', 'EUR']) AS currency;
       INSERT INTO deals (tenant_id, id, title, value, updated_at)
         SELECT currency, amount, amount, amount::numeric, now()
         FROM unnest(ARRAY['JPY', 'KWD', 'EUR']) AS currency, unnest(ARRAY['100.50', '100.49', '7.00']) AS amount;
       INSERT INTO deal_moves (tenant_id, generation, deal_id, version, stage, value, moved_at)
         SELECT tenant_id, 1, id, 1, 'lead', value, now() FROM deals;
       INSERT INTO deal_closings (tenant_id, generation, deal_id, won, value, created_at, closed_at)
         SELECT tenant_id, 1, id, true, value, now(), now() FROM deals`,
    );
    expect(await applyMigrations(database.connectionString)).toEqual([
      expect.stringMatching(/_money_places$/),
      expect.stringMatching(/_care_flow_ledger$/),
      expect.stringMatching(/_care_left_and_departments$/),
    ]);
    const rows = await send<{
      currency: string;
      places: number;
      values: string[];
      moves: string[];
      closings: string[];
    }>(
      database.connectionString,
      `SELECT tenant_id AS currency, min(value_places)::int AS places, array_agg(d.value::float8 ORDER BY id) AS values,
         array_agg(m.value::float8 ORDER BY id) AS moves, array_agg(c.value::float8 ORDER BY id) AS closings
       FROM deals d JOIN deal_moves m USING (tenant_id) JOIN deal_closings c USING (tenant_id)
       WHERE m.deal_id = d.id AND c.deal_id = d.id GROUP BY 1 ORDER BY 1`,
    );
    const kept = [100.49, 100.5, 7];
    const rounded = [100, 101, 7];
    expect(rows).toEqual([
      { currency: 'EUR', places: 2, values: kept, moves: kept, closings: kept },
      { currency: 'JPY', places: 0, values: rounded, moves: rounded, closings: rounded },
      { currency: 'KWD', places: 3, values: kept, moves: kept, closings: kept },
    ]);
  });

  it('stop with the reason when one fails', async () => {
    const broken = [{ name: '20200101000000_broken', sql: 'CREATE TABLE a (id no_such_type)' }];
    await expect(applyMigrations(database.connectionString, broken)).rejects.toThrow('no_such_type');
  });
});

describe('the database', () => {
  beforeAll(async () => {
    await empty();
    await applyMigrations(database.connectionString);
  });

  interface ForeignKey {
    name: string;
    source: string;
    target: string;
    columns: string;
    targetColumns: string;
    action: string;
    nulled: string | null;
  }

  const foreignKeys = `
    SELECT conname AS name, conrelid::regclass::text AS source, confrelid::regclass::text AS target,
      (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(conkey) WITH ORDINALITY AS k(num, n)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = num) AS columns,
      (SELECT string_agg(attname, ',' ORDER BY n) FROM unnest(confkey) WITH ORDINALITY AS k(num, n)
        JOIN pg_attribute ON attrelid = confrelid AND attnum = num) AS "targetColumns",
      confdeltype::text AS action,
      (SELECT string_agg(attname, ',') FROM pg_attribute
        WHERE attrelid = conrelid AND attnum = ANY (confdelsetcols)) AS nulled
    FROM pg_constraint WHERE contype = 'f'`;

  it('refers to rows of tenants only together with the tenant, and never sets the tenant to null', async () => {
    const keys = await send<ForeignKey>(database.connectionString, foreignKeys);
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) {
      if (key.target === 'tenants') {
        expect(key).toMatchObject({ columns: 'tenant_id', targetColumns: 'id', action: 'r' });
        continue;
      }
      expect(key).toMatchObject({ targetColumns: 'tenant_id,id' });
      const [first, column] = key.columns.split(',');
      expect(first).toBe('tenant_id');
      if (key.action === 'n') expect(key.nulled).toBe(column);
    }
    expect(keys.some(({ action }) => action === 'n')).toBe(true);
  });

  it('has constraint names from which the field can be read', async () => {
    const constraints = await send<{ name: string; columns: string[] }>(
      database.connectionString,
      `SELECT relname AS name, array_agg(attname::text ORDER BY attnum) AS columns
       FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_attribute ON attrelid = indexrelid
       WHERE indisunique AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_prisma%' GROUP BY relname
       UNION ALL SELECT name, string_to_array(columns, ',') FROM (${foreignKeys}) AS f`,
    );
    expect(constraints.length).toBeGreaterThan(50);
    for (const { name, columns } of constraints) {
      const camel = columns.map((column) => column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
      expect(fieldsOf(name), name).toEqual([camel.at(-1)]);
    }
  });

  it('has the columns for search by prefix', async () => {
    const columns = await send(
      database.connectionString,
      `SELECT table_name AS table, column_name AS column, collation_name AS collation, is_generated AS generated
       FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE 'search\\_%' ORDER BY 1`,
    );
    expect(columns).toEqual([
      { table: 'companies', column: 'search_name', collation: 'C', generated: 'ALWAYS' },
      { table: 'contacts', column: 'search_name', collation: 'C', generated: 'ALWAYS' },
      { table: 'deals', column: 'search_title', collation: 'C', generated: 'ALWAYS' },
    ]);
  });

  it('allows only inserts into the audit trail', async () => {
    const { connectionString } = database;
    await send(connectionString, "INSERT INTO tenants VALUES ('acme', 'Acme', 'USD', now(), now())");
    await send(
      connectionString,
      `INSERT INTO audit_entries (tenant_id, id, actor_type, action, outcome, entity_type, occurred_at)
       VALUES ('acme', 'audit_1', 'user', 'read', 'ok', 'deal', now())`,
    );
    await expect(send(connectionString, "UPDATE audit_entries SET action = 'x'")).rejects.toThrow('append-only');
    await expect(send(connectionString, 'DELETE FROM audit_entries')).rejects.toThrow('append-only');
    await expect(send(connectionString, 'TRUNCATE audit_entries')).rejects.toThrow('append-only');
  });
});
