/** The facts about a database that tell whether a deployment can use it. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { type Migration, readMigrations } from './migration-files.ts';

/** The state of the migrations, by their names. */
export interface MigrationState {
  /** Not applied yet. */
  pending: string[];
  /** Applied with another text than the file has. */
  changed: string[];
  /** Started and not finished. */
  unfinished: string[];
  /** Applied, and not among the files: the database is newer than the code. */
  unknown: string[];
}

/** The facts about a database. */
export interface DatabaseFacts {
  /** The version of PostgreSQL, as the setting `server_version_num` has it: 150004. */
  version: number;
  /** The time of the server, in ms since the epoch. */
  now: number;
  /** True if the role of the connection may change entries of the audit trail; null without the table. */
  canChangeTrail: boolean | null;
  migrations: MigrationState;
}

interface MigrationRow {
  name: string;
  checksum: string;
  finished: boolean;
}

/**
 * Reads the facts. 2 statements on a connection of its own.
 * @param timeoutMs the longest wait for the connection and for each statement.
 * @throws the error of `pg` if the database does not answer, or refuses the connection.
 */
export async function diagnose(connectionString: string, timeoutMs: number): Promise<DatabaseFacts> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Omit<DatabaseFacts, 'migrations'>>(
      `SELECT current_setting('server_version_num')::int AS version,
              (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
              has_table_privilege(to_regclass('audit_entries'), 'UPDATE') AS "canChangeTrail"`,
    );
    const [facts] = rows;
    if (!facts) throw new Error('The database answered without a row');
    return { ...facts, migrations: migrationState(await appliedIn(client), readMigrations()) };
  } finally {
    await client.end().catch(() => {});
  }
}

async function appliedIn(client: pg.Client): Promise<MigrationRow[]> {
  try {
    const { rows } = await client.query<MigrationRow>(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
    );
    return rows;
  } catch (error) {
    // The table does not exist before the first migration.
    if ((error as { code?: unknown }).code === '42P01') return [];
    throw error;
  }
}

function migrationState(rows: readonly MigrationRow[], migrations: readonly Migration[]): MigrationState {
  const applied = new Map(rows.map((row) => [row.name, row]));
  const known = new Set(migrations.map(({ name }) => name));
  const isChanged = ({ name, sql }: Migration) => {
    const row = applied.get(name);
    return row?.finished === true && row.checksum !== createHash('sha256').update(sql).digest('hex');
  };
  return {
    pending: migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name),
    changed: migrations.filter(isChanged).map(({ name }) => name),
    unfinished: rows.filter(({ finished }) => !finished).map(({ name }) => name),
    unknown: rows.filter(({ name, finished }) => finished && !known.has(name)).map(({ name }) => name),
  };
}
