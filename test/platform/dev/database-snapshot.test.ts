/** The database snapshot kept for the next start: its contents, and that it is only a cache. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshotPath } from '../../../dev/postgres/snapshot.ts';
import { startPostgres } from '../../../dev/postgres/start.ts';
import { applyMigrations } from '../../../prisma/apply.ts';
import { openMigratedDatabase, openTestDatabase, send } from '../db/database.ts';

/** All kinds of objects that migrations can create, as text. */
const THINGS = `
  SELECT 'column ' || attrelid::regclass || ' ' || attnum || ' ' || attname || ' ' || format_type(atttypid, atttypmod)
      || ' ' || attnotnull || attgenerated::text || attidentity::text || ' ' || attcollation::regcollation
      || coalesce(' ' || pg_get_expr(adbin, adrelid), '') AS thing
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'type ' || typname || ' ' || coalesce((SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
    FROM pg_enum WHERE enumtypid = pg_type.oid), '') FROM pg_type WHERE typnamespace = 'public'::regnamespace
  UNION ALL SELECT 'extension ' || extname || ' ' || extversion FROM pg_extension
  UNION ALL SELECT 'setting ' || name || ' ' || setting FROM pg_settings
    WHERE source NOT IN ('client', 'session') AND name NOT LIKE 'plpgsql.%' -- there once the language is used
  UNION ALL SELECT 'migration ' || migration_name || ' ' || checksum || ' ' || (finished_at IS NOT NULL)
    FROM _prisma_migrations
  UNION ALL SELECT 'rows ' || relname || ' ' || n_live_tup FROM pg_stat_user_tables WHERE relname NOT LIKE '\\_prisma%'
    AND relname <> 'number_sources' -- has rows of migrations, which the statistics tell late
  ORDER BY 1`;

test('a database from a snapshot has all objects of the migrations, and no rows', async () => {
  // The first start creates the snapshot if it is missing.
  await (await openMigratedDatabase()).close();
  const [kept, empty] = await Promise.all([openMigratedDatabase(), openTestDatabase()]);
  try {
    expect((await applyMigrations(empty.connectionString)).length).toBeGreaterThan(0);
    const things = await send<{ thing: string }>(kept.connectionString, THINGS);
    expect(things.length).toBeGreaterThan(500);
    expect(things).toEqual(await send(empty.connectionString, THINGS));
    expect(things.filter(({ thing }) => thing.startsWith('rows ')).every(({ thing }) => thing.endsWith(' 0'))).toBe(
      true,
    );
    expect(await applyMigrations(kept.connectionString)).toEqual([]);
  } finally {
    await Promise.all([kept.close(), empty.close()]);
  }
});

test('a start works without a snapshot that cannot be written, and does not use a damaged one', async () => {
  const schema = `test-${randomUUID()}`;
  const path = await snapshotPath(schema);
  const tables = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'";
  try {
    // A folder with a file, at the path of the snapshot.
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'file'), '');
    const first = await startPostgres({ schema });
    await send(first.url, 'CREATE TABLE of_the_schema ()');
    await first.keep?.();
    expect(await send(first.url, tables)).toEqual([{ name: 'of_the_schema' }]);
    await rm(path, { recursive: true });
    await first.keep?.();
    await first.close();

    const second = await startPostgres({ schema });
    expect(second.keep).toBeUndefined();
    expect(await send(second.url, tables)).toEqual([{ name: 'of_the_schema' }]);
    await second.close();

    // One changed byte in an otherwise valid archive: only the checksum shows it.
    const bytes = await readFile(path);
    bytes[20_000_000] = (bytes[20_000_000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const third = await startPostgres({ schema });
    expect(third.keep).toBeDefined();
    expect(await send(third.url, tables)).toEqual([]);
    await third.close();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
});
