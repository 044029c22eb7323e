/** All that Redis and PostgreSQL have of some tenants, as texts with their places. */
import { inject } from 'vitest';
import { sql } from '../../../support/tenant.ts';
import type { Found } from './marks.ts';

/** The command that reads all of a value, by its type. */
const READ: Readonly<Record<string, (key: string) => string[]>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
};
const BATCH = 200;

/** Sends commands to Redis, some in a request. A read of a key that has ended since is empty. */
export async function redis(commands: readonly string[][]): Promise<unknown[]> {
  const { url, adminToken } = inject('cloud').redisRest;
  const results: unknown[] = [];
  for (let at = 0; at < commands.length; at += BATCH) {
    const response = await fetch(`${url}/pipeline`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}` },
      body: JSON.stringify(commands.slice(at, at + BATCH)),
    });
    const answers = (await response.json()) as { result?: unknown; error?: string }[];
    results.push(...answers.map(({ result }) => result));
  }
  return results;
}

/** Every key and value, except those of the tenants of other suites. A value of an unknown type is an error. */
export async function inRedis(tenants: readonly string[]): Promise<Found[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [page] = (await redis([['SCAN', cursor, 'COUNT', '2000']])) as [[string, string[]]];
    for (const key of page[1]) keys.add(key);
    [cursor] = page;
  } while (cursor !== '0');
  const own = [...keys].filter(
    (key) => !/:t-[0-9a-f]{16}(?::|$)/.test(key) || tenants.some((each) => key.includes(each)),
  );
  const types = (await redis(own.map((key) => ['TYPE', key]))) as string[];
  const known = own.flatMap((key, at) => {
    const type = types[at] ?? 'none';
    if (type === 'none') return [];
    const read = READ[type];
    if (!read) throw new TypeError(`The search cannot read a ${type}: ${key}`);
    return [{ key, type, read: read(key) }];
  });
  const values = await redis(known.map(({ read }) => read));
  return known.flatMap(({ key, type }, at) => [
    { place: `the keys of Redis, ${familyOf(key)}`, text: key },
    { place: `Redis, a ${type} of ${familyOf(key)}`, text: JSON.stringify(values[at]) },
  ]);
}

/** The beginning of a key that names its family. */
function familyOf(key: string): string {
  return key.split(':').slice(2, 4).join(':');
}

/** The tables and the materialized views, and whether their rows are of tenants. */
async function tablesOf(): Promise<{ name: string; hasTenant: boolean }[]> {
  const tables = await sql<{ name: string; hasTenant: boolean }>(
    inject('cloud').postgres.url,
    `SELECT c.oid::regclass::text AS name, EXISTS (SELECT 1 FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS "hasTenant"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  if (tables.length < 60) throw new Error(`There are only ${tables.length} tables`);
  return tables;
}

/** Every row of every table and materialized view, except those of the tenants of other suites. */
export async function inPostgres(tenants: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const { name, hasTenant } of await tablesOf()) {
    const where = hasTenant ? 'WHERE tenant_id IS NULL OR tenant_id = ANY($1::text[])' : 'WHERE $1::text[] IS NOT NULL';
    found.push(...(await rowsIn(name, where, tenants)));
  }
  return found;
}

/** Every row of one tenant, in a fixed order. */
export async function ofTenant(tenant: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const { name, hasTenant } of await tablesOf()) {
    if (hasTenant) found.push(...(await rowsIn(name, 'WHERE tenant_id = ANY($1::text[]) ORDER BY 1', [tenant])));
  }
  return found;
}

async function rowsIn(name: string, where: string, tenants: readonly string[]): Promise<Found[]> {
  const { url } = inject('cloud').postgres;
  const rows = await sql<{ row: string }>(url, `SELECT to_jsonb(t)::text AS row FROM ${name} t ${where}`, [tenants]);
  return rows.map(({ row }) => ({ place: `the table ${name}`, text: row }));
}
