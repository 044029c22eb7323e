/**
 * Checks whether a database is ready, without the schema engine and Prisma's client. Loading these takes a second, and
 * at most starts the database is ready.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { demoTenants } from './demo.ts';
import { type Migration, readMigrations } from './migration-files.ts';

/**
 * Returns whether Prisma's table lists exactly these migrations as applied, with the checksums of their files. Returns
 * `false` also if the database cannot be queried; the schema engine will then report the reason.
 */
export async function isMigrated(connectionString: string, migrations: readonly Migration[]): Promise<boolean> {
  const rows = await ask<{ name: string; checksum: string; applied: boolean }>(
    connectionString,
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AND rolled_back_at IS NULL AS applied
     FROM _prisma_migrations ORDER BY migration_name COLLATE "C"`,
  );
  return (
    rows !== undefined &&
    rows.length === migrations.length &&
    migrations.every(({ name, sql }, i) => {
      const row = rows[i];
      return row?.applied && row.name === name && row.checksum === sha256(sql);
    })
  );
}

/** Returns whether the demo tenants exist. Returns `false` also if the database cannot be queried. */
export async function hasDemo(connectionString: string): Promise<boolean> {
  const tenants = demoTenants.map((id) => `'${id}'`).join(', ');
  const rows = await ask(connectionString, `SELECT 1 FROM tenants WHERE id IN (${tenants})`);
  return rows !== undefined && rows.length > 0;
}

/** Returns a name for the schema of this repository's migrations. If any of their files changes, the name changes. */
export function schemaName(): string {
  return sha256(JSON.stringify(readMigrations())).slice(0, 16);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function ask<Row extends pg.QueryResultRow>(connectionString: string, query: string): Promise<Row[] | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 60_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(query)).rows;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}
