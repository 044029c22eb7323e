/**
 * Makes the migration from `prisma/migrations` to `schema.prisma`. Prisma's own engine replays the existing migrations
 * on an empty database and compares the result with the schema. No network is needed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  lockfile,
  type Migration,
  migrationsFolder,
  readMigrations,
  readSchema,
  toMigrationList,
} from './migration-files.ts';
import { noFilters, openSchemaEngine } from './schema-engine.ts';

/**
 * Returns the SQL that leads from the migrations to the schema; `null` if the two agree. The migrations are replayed on
 * the given database, which must be empty and must not be used afterwards.
 */
export async function missingSql(
  connectionString: string,
  migrations = readMigrations(),
  schema = readSchema(),
): Promise<string | null> {
  const { engine, close } = await openSchemaEngine(connectionString);
  try {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...toMigrationList(migrations) },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters: noFilters,
    });
    return exitCode === 0 ? null : keepTenant(stdout ?? '');
  } finally {
    await close();
  }
}

/**
 * Changes SET NULL on a reference through (tenant_id, x), so that a deletion sets only the column x to NULL. PostgreSQL
 * 15 has a list of columns for this, but Prisma can neither write nor compare the list. Without the list, a deletion
 * would try to set the tenant to NULL too.
 */
export function keepTenant(sql: string): string {
  return sql.replace(
    /FOREIGN KEY \("tenant_id", ("\w+")\)([^;]*?)ON DELETE SET NULL(?! \()/g,
    'FOREIGN KEY ("tenant_id", $1)$2ON DELETE SET NULL ($1)',
  );
}

/** Returns the name of a migration, as the Prisma CLI does: UTC time to the second, then the given name. */
export function nameMigration(name: string, now: Date): string {
  return `${now.toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`;
}

/** Writes the files of a migration into `prisma/migrations`. */
export function writeMigration({ name, sql }: Migration): void {
  mkdirSync(`${migrationsFolder}/${name}`, { recursive: true });
  writeFileSync(`${migrationsFolder}/${name}/migration.sql`, sql);
  writeFileSync(`${migrationsFolder}/migration_lock.toml`, lockfile);
}
