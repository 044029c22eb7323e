/**
 * A fresh, empty database for one suite: a PGlite of its own or, if DATABASE_URL names a server, a new database on
 * that server which is dropped afterwards.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { giveSchema } from '../../../dev/cloud/database-setup.ts';
import { startPostgres } from '../../../dev/postgres/start.ts';
import { applyMigrations } from '../../../prisma/apply.ts';
import { schemaName } from '../../../prisma/ready.ts';

export interface TestDatabase {
  connectionString: string;
  close(): Promise<void>;
}

export async function openTestDatabase(server = process.env['DATABASE_URL']): Promise<TestDatabase> {
  if (server === undefined) {
    const { url, close } = await startPostgres();
    return { connectionString: url, close };
  }
  const name = `hf_test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await send(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { connectionString: url.href, close: () => drop(server, name) };
}

/** The same with the current schema. */
export async function openMigratedDatabase(server = process.env['DATABASE_URL']): Promise<TestDatabase> {
  if (server === undefined) {
    const postgres = await startPostgres({ schema: schemaName() });
    await giveSchema(postgres, () => {});
    return { connectionString: postgres.url, close: postgres.close };
  }
  const database = await openTestDatabase(server);
  await applyMigrations(database.connectionString);
  return database;
}

/**
 * Drops a database. Connections that are closing end on their own: PostgreSQL waits some seconds for them. A connection
 * that is ended by force reports an error, perhaps after its pool has forgotten it.
 */
async function drop(server: string, name: string): Promise<void> {
  try {
    await send(server, `DROP DATABASE ${name}`);
  } catch (error) {
    const isInUse = error instanceof pg.DatabaseError && error.code === '55006';
    if (!isInUse) throw error;
    await send(server, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

/** Sends one statement over a separate connection. */
export async function send<Row extends pg.QueryResultRow>(connectionString: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
