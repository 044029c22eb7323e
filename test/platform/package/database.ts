/** The database of the installed application. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Makes the tables of the package, as its file has them, and one of the application's own. */
export async function prepareDatabase(connectionString: string, folder: string): Promise<void> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  await database.query(await readFile(join(folder, 'node_modules/holdfast/platform.sql'), 'utf8'));
  await database.query(
    'CREATE TABLE invoices (tenant_id text, id text, total int, sent boolean DEFAULT false, PRIMARY KEY (tenant_id, id))',
  );
  await database.end();
}
