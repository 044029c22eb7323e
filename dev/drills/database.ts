/** The database of the drills: an embedded Postgres in a folder, which can be stopped, copied and put back. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaName } from '../../prisma/ready.ts';
import { giveSchema } from '../cloud/database-setup.ts';
import { type EmbeddedPostgres, startPostgres } from '../postgres/start.ts';

/** The database; its address stays the same. */
export interface DrillDatabase {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Keeps a copy of the data of now, as a backup does. */
  copy(): Promise<void>;
  /** Puts the copy in the place of the data. */
  restore(): Promise<void>;
  /** Stops the database and removes its data. */
  close(): Promise<void>;
}

/** Starts a database with the current schema. */
export async function openDrillDatabase(): Promise<DrillDatabase> {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-drill-'));
  const [data, backup] = [join(place, 'data'), join(place, 'backup')];
  const open = (port: number) => startPostgres({ port, folder: data, schema: schemaName() });
  let running: EmbeddedPostgres = await open(0);
  await giveSchema(running, () => {});
  const { url, port } = running;
  const database: DrillDatabase = {
    url,
    stop: () => running.close(),
    async start() {
      running = await open(port);
    },
    async copy() {
      await running.close();
      rmSync(backup, { recursive: true, force: true });
      cpSync(data, backup, { recursive: true });
      await database.start();
    },
    async restore() {
      await running.close();
      rmSync(data, { recursive: true, force: true });
      cpSync(backup, data, { recursive: true });
      await database.start();
    },
    async close() {
      await running.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
  return database;
}
