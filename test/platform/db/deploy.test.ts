/** `npm run db:deploy` on a database of its own has the same result as `prisma migrate deploy`. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrations, toMigrationList } from '../../../prisma/migration-files.ts';
import { noFilters, openSchemaEngine } from '../../../prisma/schema-engine.ts';
import { type CommandResult, npmRun, runProgram } from '../../support/npm-run.ts';
import { openTestDatabase, send, type TestDatabase } from './database.ts';

const LIMIT = { timeout: 600_000 };
let database: TestDatabase;
let env: { DATABASE_URL: string };
let first: CommandResult;
beforeAll(async () => {
  database = await openTestDatabase();
  env = { DATABASE_URL: database.connectionString };
  first = await npmRun('db:deploy', { env });
}, 600_000);
afterAll(() => database.close());

const migrations = readMigrations();

test('it applies every migration, oldest first, and a second call has nothing to do', LIMIT, async () => {
  const names = migrations.map(({ name }) => `  ${name}\n`).join('');
  expect(first).toEqual({ status: 0, stdout: `Applied:\n${names}`, stderr: '' });
  expect(await runProgram('db:deploy', { env })).toEqual({
    status: 0,
    stdout: 'Nothing to do: every migration is applied.\n',
    stderr: '',
  });
});

test('Prisma’s table of migrations has a row for each, with the checksum of its file', LIMIT, async () => {
  const rows = await send(
    database.connectionString,
    `SELECT id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS uuid, migration_name AS name, checksum, logs,
            applied_steps_count AS steps, rolled_back_at, finished_at >= started_at AS finished
     FROM _prisma_migrations ORDER BY migration_name`,
  );
  expect(rows).toEqual(
    migrations.map(({ name, sql }) => ({
      uuid: true,
      name,
      checksum: createHash('sha256').update(sql).digest('hex'),
      logs: null,
      steps: 1,
      rolled_back_at: null,
      finished: true,
    })),
  );
  const columns = await send(
    database.connectionString,
    `SELECT column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS column
     FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
  );
  expect(columns.map(({ column }) => column)).toEqual([
    'id character varying NOT NULL',
    'checksum character varying NOT NULL',
    'finished_at timestamp with time zone',
    'migration_name character varying NOT NULL',
    'logs text',
    'rolled_back_at timestamp with time zone',
    'started_at timestamp with time zone NOT NULL',
    'applied_steps_count integer NOT NULL',
  ]);
});

test('Prisma’s own engine finds a complete history and no edited file', LIMIT, async () => {
  const { engine, close } = await openSchemaEngine(database.connectionString);
  try {
    const found = await engine.diagnoseMigrationHistory({
      migrationsList: toMigrationList(migrations),
      optInToShadowDatabase: false,
      filters: noFilters,
    });
    expect(found).toMatchObject({
      hasMigrationsTable: true,
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
    });
  } finally {
    await close();
  }
});

test('a database that does not answer ends the command with 1 and a sentence without the password', LIMIT, async () => {
  const result = await runProgram('db:deploy', { env: { DATABASE_URL: 'postgresql://app:secret@127.0.0.1:1/none' } });
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toMatch(/^Can't reach database server at `127\.0\.0\.1:1`/);
  expect(result.stderr).not.toMatch(/secret|^ +at /m);
});
