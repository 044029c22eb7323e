/**
 * Applies the pending migrations as `prisma migrate deploy` does, with the same engine, the same lock and the same
 * table `_prisma_migrations`. So `prisma migrate deploy` can continue on a database that this file set up, and this
 * file can continue on a database that `prisma migrate deploy` set up.
 */
import { readMigrations, toMigrationList } from './migration-files.ts';
import { isMigrated } from './ready.ts';

/** Brings a database up to date over one connection. Returns the names of the migrations that this call applied. */
export async function applyMigrations(connectionString: string, migrations = readMigrations()): Promise<string[]> {
  if (await isMigrated(connectionString, migrations)) return [];
  const { noFilters, openSchemaEngine } = await import('./schema-engine.ts');
  const { engine, close } = await openSchemaEngine(connectionString);
  try {
    const list = { migrationsList: toMigrationList(migrations), filters: noFilters };
    return (await engine.applyMigrations(list)).appliedMigrationNames;
  } finally {
    await close();
  }
}
