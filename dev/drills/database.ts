/**
 * The database of the drills, which can be stopped, copied and put back: an embedded Postgres in a folder, or a database
 * of its own on a PostgreSQL server, whose other databases it leaves alone.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { applyMigrations } from '../../prisma/apply.ts';
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

/**
 * Starts a database with the current schema.
 * @param server the address of a PostgreSQL whose user may create databases; by default the embedded one is started.
 */
export function openDrillDatabase(server?: string): Promise<DrillDatabase> {
  return server === undefined ? openEmbedded() : openOnServer(server);
}

async function openEmbedded(): Promise<DrillDatabase> {
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

/** While its database is stopped, the server ends its connections and refuses new ones, with FATAL 55000. */
async function openOnServer(server: string): Promise<DrillDatabase> {
  const name = `hf_drill_${randomBytes(6).toString('hex')}`;
  const backup = `${name}_backup`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const create = (made: string, template: string) => admin.query(`CREATE DATABASE ${made} TEMPLATE ${template}`);
  const drop = (dropped: string) => admin.query(`DROP DATABASE IF EXISTS ${dropped} WITH (FORCE)`);
  const endConnections = () =>
    admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [name]);
  await create(name, 'template1');
  const url = new URL(server);
  url.pathname = `/${name}`;
  await applyMigrations(url.href);
  const database: DrillDatabase = {
    url: url.href,
    async stop() {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await endConnections();
    },
    async start() {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    },
    async copy() {
      await database.stop();
      await drop(backup);
      await create(backup, name);
      await database.start();
    },
    async restore() {
      await drop(name);
      await create(name, backup);
    },
    async close() {
      await drop(name);
      await drop(backup);
      await admin.end();
    },
  };
  return database;
}
