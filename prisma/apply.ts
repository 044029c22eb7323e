/**
 * Applies the pending migrations, as `prisma migrate deploy` does: same engine, same lock, same `_prisma_migrations`
 * table. So a database set up here can be deployed to later, and the other way round.
 */
import { readMigrations, toMigrationList } from './migration-files.ts';
import { isMigrated } from './ready.ts';

/** Brings a database up to date over one connection. Returns the names of the migrations applied just now. */
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
