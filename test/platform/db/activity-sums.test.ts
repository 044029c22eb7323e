/** The migration that derives the sums of activities from the days that were rolled up before. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyMigrations } from '../../../prisma/apply.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  const migrations = readMigrations();
  const own = migrations.findIndex(({ name }) => name.endsWith('_activity_sums'));
  await applyMigrations(database.connectionString, migrations.slice(0, own));
  await send(
    database.connectionString,
    `INSERT INTO tenants (id, name, currency, updated_at) VALUES ('t', 'T', 'EUR', now()), ('u', 'U', 'EUR', now());
    INSERT INTO activity_days (tenant_id, time_zone, day, actor_id, entity_type, verb, count) VALUES
      ('t', 'UTC', '2026-10-01', '', 'deal', 'won', 1),
      ('t', 'UTC', '2026-10-01', 'user_1', 'deal', 'won', 20),
      ('t', 'UTC', '2026-10-01', 'user_1', 'task', 'won', 300),
      ('t', 'UTC', '2026-10-02', 'user_1', 'task', 'won', 4000),
      ('u', 'Asia/Tokyo', '2026-10-02', 'user_1', 'task', 'won', 50000)`,
  );
  await applyMigrations(database.connectionString);
});
afterAll(() => database.close());

test('each day has one row, one for each person and one for each kind', async () => {
  const rows = await send<{ text: string }>(
    database.connectionString,
    `SELECT concat_ws('|', tenant_id, time_zone, day, grain, actor_id, entity_type, verb, count) AS text
     FROM activity_sums`,
  );
  expect(rows.map(({ text }) => text).toSorted()).toEqual([
    't|UTC|2026-10-01|day||||321',
    't|UTC|2026-10-01|kind||deal|won|21',
    't|UTC|2026-10-01|kind||task|won|300',
    't|UTC|2026-10-01|person|user_1|||320',
    't|UTC|2026-10-01|person||||1',
    't|UTC|2026-10-02|day||||4000',
    't|UTC|2026-10-02|kind||task|won|4000',
    't|UTC|2026-10-02|person|user_1|||4000',
    'u|Asia/Tokyo|2026-10-02|day||||50000',
    'u|Asia/Tokyo|2026-10-02|kind||task|won|50000',
    'u|Asia/Tokyo|2026-10-02|person|user_1|||50000',
  ]);
});
