/**
 * Applies the pending migrations like `prisma migrate deploy`: same engine, same lock, same `_prisma_migrations`
 * table. So `prisma migrate deploy` can continue on a database that was set up here, and this file on a database of
 * that command.
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
