/** 4/A6: a start with data of an earlier start and a newer migration. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { applicationDatabase } from '../../../dev/cloud/database-setup.ts';
import { startLocalCloud } from '../../../dev/cloud/local-cloud.ts';
import { startPostgres } from '../../../dev/postgres/start.ts';
import { openDataFolder } from '../../../dev/saved/folder.ts';
import { applyMigrations } from '../../../prisma/apply.ts';
import { readMigrations } from '../../../prisma/migration-files.ts';
import { send } from '../db/database.ts';

const path = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

test('4/A6 a start applies a new migration and keeps existing rows', async () => {
  const folder = await openDataFolder(path);
  if (folder === undefined) throw new Error('The folder is in use');
  const migrations = readMigrations();
  const newest = migrations.at(-1)?.name ?? expect.fail('There are no migrations');
  const earlier = await startPostgres({ folder: folder.path('postgres') });
  expect(await applyMigrations(earlier.url, migrations.slice(0, -1))).not.toContain(newest);
  // A tenant of the demo, so that no demo data is added.
  await send(earlier.url, `INSERT INTO tenants VALUES ('acme', 'Kept', 'USD', now(), now())`);
  await earlier.close();

  const said: string[] = [];
  const cloud = await startLocalCloud({ application: applicationDatabase, folder, log: (line) => said.push(line) });
  try {
    const applied = 'SELECT migration_name FROM _prisma_migrations ORDER BY started_at';
    expect((await send(cloud.postgres.url, applied)).at(-1)).toEqual({ migration_name: newest });
    expect(await send(cloud.postgres.url, 'SELECT id, name FROM tenants')).toEqual([{ id: 'acme', name: 'Kept' }]);
    expect(said).toContain('database: migrations applied: 1');
  } finally {
    await cloud.close();
    await folder.close();
  }
});
