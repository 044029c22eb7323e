/** The databases of these suites: the embedded one and, if one is installed, a real PostgreSQL. */
import pg from 'pg';
import { startBenchPostgres } from '../../../bench/servers/postgres.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

/** Opens a migrated database on an installed PostgreSQL or on the server of `DATABASE_URL`; `null` without a server. */
export async function openInstalled(): Promise<TestDatabase | null> {
  const server = await startBenchPostgres();
  if (server.url === null) return null;
  const database = await openMigratedDatabase(server.url);
  return {
    connectionString: database.connectionString,
    async close() {
      await database.close();
      server.close();
    },
  };
}

/** Opens a connection. A statement that waits for a lock longer than `lockTimeout` fails with 55P03. */
export async function connectTo({ connectionString }: TestDatabase, lockTimeout = '10s'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`SET lock_timeout = '${lockTimeout}'`);
  return client;
}

/** Makes the next change of numbers fold: its id will be one that the triggers choose. */
export const FOLD_NEXT = `
  SELECT setval('number_changes_id_seq', (SELECT last_value / 199 + 1 FROM number_changes_id_seq) * 199 - 1)`;
