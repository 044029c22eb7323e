/** Makes databases on the server of the app's database, and drops them at the end. */
import { Client } from 'pg';

/**
 * Makes an empty database for each name and passes their URLs to `use`. Databases of an earlier run with these names are
 * dropped first.
 */
export async function withDatabases<Name extends string, Result>(
  server: string,
  names: readonly Name[],
  use: (urls: Record<Name, string>) => Promise<Result>,
): Promise<Result> {
  const admin = new Client({ connectionString: server });
  await admin.connect();
  const databaseOf = (name: string) => `holdfast_bench_${name}`;
  const drop = async () => {
    for (const name of names) await admin.query(`DROP DATABASE IF EXISTS ${databaseOf(name)} WITH (FORCE)`);
  };
  try {
    await drop();
    const urls = names.map(async (name) => {
      const url = new URL(server);
      url.pathname = `/${databaseOf(name)}`;
      await admin.query(`CREATE DATABASE ${databaseOf(name)}`);
      return [name, url.href] as const;
    });
    const made = Object.fromEntries(await Promise.all(urls)) as Record<Name, string>;
    return await use(made);
  } finally {
    await drop().finally(() => admin.end());
  }
}

/**
 * @throws {Error} if the server is the embedded PGlite: with its one connection, times of a million rows say nothing
 * about a real server
 */
export function demandServer(database: string): void {
  if (!database.startsWith('PGlite')) return;
  throw new Error(
    'The section `growth` needs a PostgreSQL server. Install one (such as the package postgresql of Debian), or name one in DATABASE_URL.',
  );
}
