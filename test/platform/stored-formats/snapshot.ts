/**
 * A snapshot: all keys of a Redis and all rows of a database as plain JSON that a reviewer can read. Redis values are
 * written by type instead of as DUMP payloads, which depend on the version of the engine.
 */
import pg from 'pg';

/** One key: its type, its value in the form of {@link readValue}, and its remaining TTL in ms; -1 for none. */
export interface StoredKey {
  type: 'string' | 'hash' | 'set' | 'zset' | 'stream';
  ttlMs: number;
  value: unknown;
}

/** All rows of the tables that are not empty. */
export type StoredRows = Record<string, Record<string, unknown>[]>;

type Send = (command: (string | number)[]) => Promise<unknown>;

/** Simple access to a Redis behind the REST server. */
export function plainRedis({ url, token }: { url: string; token: string }): Send {
  return async (command) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) });
    const { result, error } = (await response.json()) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${command[0]}: ${error}`);
    return result;
  };
}

/** Reads every key. */
export async function readKeys(send: Send): Promise<Record<string, StoredKey>> {
  const names = ((await send(['KEYS', 'hf:*'])) as string[]).sort();
  const stored: Record<string, StoredKey> = {};
  for (const name of names) {
    const [type, ttlMs] = [await send(['TYPE', name]), await send(['PTTL', name])];
    if (type === 'none') continue;
    const value = await readValue(send, type as StoredKey['type'], name);
    stored[name] = { type: type as StoredKey['type'], ttlMs: Number(ttlMs), value };
  }
  return stored;
}

async function readValue(send: Send, type: StoredKey['type'], name: string): Promise<unknown> {
  switch (type) {
    case 'string':
      return send(['GET', name]);
    case 'hash':
      return send(['HGETALL', name]);
    case 'set':
      return ((await send(['SMEMBERS', name])) as string[]).sort();
    case 'zset':
      return send(['ZRANGE', name, 0, -1, 'WITHSCORES']);
    case 'stream':
      return send(['XRANGE', name, '-', '+']);
  }
}

/** The shortest TTL of a loaded key: on a slow machine, tests read a key some seconds after it was loaded. */
const SHORTEST_TTL_MS = 60_000;

/** Writes keys into an empty Redis, each with its remaining TTL. */
export async function loadKeys(send: Send, stored: Readonly<Record<string, StoredKey>>): Promise<void> {
  for (const [name, { type, ttlMs, value }] of Object.entries(stored)) {
    for (const command of commandsFor(type, name, value)) await send(command);
    if (ttlMs > 0) await send(['PEXPIRE', name, Math.max(ttlMs, SHORTEST_TTL_MS)]);
  }
}

function commandsFor(type: StoredKey['type'], name: string, value: unknown): (string | number)[][] {
  const list = value as string[];
  switch (type) {
    case 'string':
      return [['SET', name, value as string]];
    case 'hash':
      return [['HSET', name, ...list]];
    case 'set':
      return [['SADD', name, ...list]];
    case 'zset': {
      const pairs = Array.from({ length: list.length / 2 }, (_, at) => [list[at * 2 + 1] ?? '', list[at * 2] ?? '']);
      return [['ZADD', name, ...pairs.flat()]];
    }
    case 'stream':
      return (value as [string, string[]][]).map(([id, fields]) => ['XADD', name, id, ...fields]);
  }
}

/** Reads every row of every table of the application. */
export async function readRows(connectionString: string): Promise<StoredRows> {
  return connected(connectionString, async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' ORDER BY 1`,
    );
    const rows: StoredRows = {};
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: Record<string, unknown> }>(
        `SELECT to_json(stored) AS row FROM "${name}" AS stored ORDER BY to_json(stored)::text`,
      );
      if (found.rows.length > 0) rows[name] = found.rows.map(({ row }) => row);
    }
    return rows;
  });
}

/** Writes rows into the database of a later commit. Columns added since then get their defaults. */
export async function loadRows(connectionString: string, stored: StoredRows): Promise<void> {
  await connected(connectionString, async (client) => {
    // Rows of one table may refer to later rows of another table.
    await client.query(`SET session_replication_role = replica`);
    for (const [table, rows] of Object.entries(stored)) {
      const columns = Object.keys(rows[0] ?? {}).map((column) => `"${column}"`);
      // Migrations write rows too, which a snapshot repeats.
      await client.query(
        `INSERT INTO "${table}" (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::"${table}", $1)
         ON CONFLICT DO NOTHING`,
        [JSON.stringify(rows)],
      );
    }
    await client.query(`SET session_replication_role = DEFAULT`);
  });
}

async function connected<Result>(connectionString: string, work: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
