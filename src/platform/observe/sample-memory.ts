/**
 * Estimates the memory of each family of keys: SCAN counts the keys, and MEMORY USAGE measures at most 100 keys of each
 * family, drawn at random. Of the drawn users, the sessions that are alive are counted too. The SCAN has no filter: with one, Redis would read all keys and answer few of them.
 * Source of the draw: Vitter, “Random Sampling with a Reservoir”, algorithm R.
 */
import { readCounters } from '../counters/index.ts';
import { type Family, families, type RedisClient } from '../redis/index.ts';
import { countAlive } from '../sessions/index.ts';
import type { SampleServices } from './sample-server.ts';

/** The number of keys that one SCAN reads. */
const KEYS_PER_SCAN = 1_000;
/** The maximum number of SCANs. Of a larger Redis, the numbers are estimated from the part that was read. */
const MOST_SCANS = 200;
/** The number of keys of a family that are measured. */
const MEASURED = 100;
/** The number of tenants whose memory is kept. */
const LARGEST_TENANTS = 20;

/** The keys of one family: their number by tenant, and the drawn ones. */
interface Found {
  keys: number;
  byTenant: Map<string, number>;
  /** The number of keys by the first part after the family: of entries, the name of the query. */
  byName: Map<string, number>;
  drawn: string[];
}

const OTHER = 'other';
const NONE: Found = { keys: 0, byTenant: new Map(), byName: new Map(), drawn: [] };
const FAMILY_OF_CODE = new Map<string, Family>(
  (Object.keys(families) as Family[]).map((family) => [families[family].code, family]),
);

/** The limits of a sample of memory. */
export interface SampleLimits {
  /** Ends the sample early, with an error. */
  signal?: AbortSignal;
  /** Default: {@link MOST_SCANS}. */
  mostScans?: number;
}

/** The services of a sample of memory. */
export interface MemoryServices extends SampleServices {
  system: { now(): number; random(): number };
}

/**
 * Takes a sample. 1 request for each 1,000 keys, at most 200, 1 for each family, and 1 for the number of all keys and
 * the tenants of the sample before.
 * @throws {RedisError}
 */
export async function sampleMemory(services: MemoryServices, limits: SampleLimits = {}): Promise<{ keys: number }> {
  const { redis, counters, system } = services;
  const [all, before] = await Promise.all([
    redis.dbsize(),
    readCounters(services, { group: 'memory', window: 'total' }),
  ]);
  const { found, read, isComplete } = await findKeys(services, limits);
  const factor = isComplete || read === 0 ? 1 : Math.max(1, all / read);
  const byTenant = new Map<string, number>();
  // A family without keys must not keep its last size.
  for (const family of [...FAMILY_OF_CODE.values(), OTHER]) {
    const { keys, drawn, byTenant: owners } = found.get(family) ?? NONE;
    const [mean] = await Promise.all([
      meanBytes(redis, drawn),
      family === 'sessions' ? noteSessions(services, drawn, (keys / Math.max(1, drawn.length)) * factor) : undefined,
    ]);
    counters.note('memory.keys', { family }, Math.round(keys * factor));
    counters.note('memory.bytes', { family }, Math.round(keys * mean * factor));
    for (const [tenant, owned] of owners) {
      byTenant.set(tenant, (byTenant.get(tenant) ?? 0) + owned * mean * factor);
    }
  }
  const largest = [...byTenant].sort(([, one], [, other]) => other - one).slice(0, LARGEST_TENANTS);
  for (const [tenant, bytes] of largest) counters.note('memory.tenants', { tenant }, Math.round(bytes));
  const noted = new Set(largest.map(([tenant]) => tenant));
  // A tenant that is not among the largest any more must not keep its last size.
  for (const { tenant } of before.labels('memory.tenants')) {
    if (!noted.has(tenant)) counters.end('memory.tenants', { tenant });
  }
  const byQuery = found.get('entry')?.byName ?? NONE.byName;
  for (const [query, entries] of byQuery) counters.note('memory.entries', { query }, Math.round(entries * factor));
  for (const { query } of before.labels('memory.entries')) {
    if (!byQuery.has(query)) counters.end('memory.entries', { query });
  }
  counters.note('memory.sampled', {}, system.now());
  return { keys: read };
}

/** Notes the sessions that are alive. Each drawn user stands for `weight` users. 1 command. */
async function noteSessions(
  { redis, counters, system }: MemoryServices,
  drawn: readonly string[],
  weight: number,
): Promise<void> {
  const { users, sessions, families } = await countAlive(redis, drawn, system.now());
  counters.note('sessions.users', {}, Math.round(users * weight));
  counters.note('sessions.alive', { kind: 'browser' }, Math.round(sessions * weight));
  counters.note('sessions.alive', { kind: 'program' }, Math.round(families * weight));
}

async function findKeys({ redis, system }: MemoryServices, { signal, mostScans = MOST_SCANS }: SampleLimits) {
  const found = new Map<string, Found>();
  let read = 0;
  let cursor = '0';
  for (let scans = 0; scans < mostScans; scans += 1) {
    signal?.throwIfAborted();
    const [next, keys] = await redis.scan(cursor, { count: KEYS_PER_SCAN });
    cursor = String(next);
    read += keys.length;
    for (const key of keys) put(found, key, system.random);
    if (cursor === '0') break;
  }
  return { found, read, isComplete: cursor === '0' };
}

/** Counts a key, and keeps it with the probability that makes each key of the family equally likely to be drawn. */
function put(found: Map<string, Found>, key: string, random: () => number): void {
  const [, tenant = '', code = '', name = ''] = key.startsWith('hf:') ? key.split(':', 4) : [];
  const family = FAMILY_OF_CODE.get(code) ?? OTHER;
  const own: Found = found.get(family) ?? { keys: 0, byTenant: new Map(), byName: new Map(), drawn: [] };
  found.set(family, own);
  own.keys += 1;
  if (tenant !== '') own.byTenant.set(tenant, (own.byTenant.get(tenant) ?? 0) + 1);
  if (family === 'entry') own.byName.set(name, (own.byName.get(name) ?? 0) + 1);
  // The app's user may not read keys of other programs, so these are counted and not measured.
  if (!key.startsWith('hf:')) return;
  if (own.drawn.length < MEASURED) own.drawn.push(key);
  else {
    const place = Math.floor(random() * own.keys);
    if (place < MEASURED) own.drawn[place] = key;
  }
}

/** Returns the mean size of some keys, in bytes. A key that has ended meanwhile is left out. 1 request. */
async function meanBytes(redis: RedisClient, keys: readonly string[]): Promise<number> {
  const sizes = await Promise.all(keys.map((key) => redis.exec<number | null>(['MEMORY', 'USAGE', key])));
  const known = sizes.filter((size) => size !== null);
  return known.length === 0 ? 0 : known.reduce((sum, size) => sum + size, 0) / known.length;
}
