/**
 * Loads and fills: one loader call loads all missing values of a query, and one command stores the values with the
 * versions that were read before the call.
 */
import { type Entry, formatEntry } from './entry.ts';
import { fillEntries, releaseLeases } from './lease.ts';
import { pack } from './payload.ts';
import type { CacheServices, Reading } from './services.ts';

/** A reading whose lease the caller holds, with the text of the lease and the versions for its entry. */
export interface Leased<Value> {
  reading: Reading<Value>;
  lease: string;
  versions: readonly string[];
}

/** Loads the value of a reading whose lease the caller holds, and stores the entry. */
export async function loadAndFill<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  token: string,
  { lease, versions }: Pick<Leased<Value>, 'lease' | 'versions'>,
): Promise<Value> {
  const [value] = await loadAndFillAll(services, [{ reading, lease, versions }], token);
  return value as Value;
}

/** Loads and stores several readings of one query, whose leases the caller holds. One loader call, one command. */
export async function loadAndFillAll<Value>(
  services: CacheServices,
  leased: readonly Leased<Value>[],
  token: string,
): Promise<readonly Value[]> {
  const { system } = services;
  const asOf = asOfNow(services);
  let values: readonly Value[];
  try {
    values = await loadAll(
      services,
      leased.map(({ reading }) => reading),
    );
  } catch (error) {
    giveBack(services, leased, token);
    throw error;
  }
  const loadMs = system.now() - asOf.time;
  await fillAll(
    services,
    leased.map((each, index) => ({ ...each, value: values[index] as Value, loadMs })),
    token,
    asOf,
  );
  return values;
}

/** Stores values whose load began at `asOf`. Never rejects: a read succeeds even if its value cannot be stored. */
async function fillAll<Value>(
  services: CacheServices,
  loaded: readonly (Leased<Value> & { value: Value; loadMs: number })[],
  token: string,
  asOf: AsOf,
): Promise<void> {
  const { redis, statistics } = services;
  const name = loaded[0]?.reading.query.name ?? '-';
  try {
    const entries = await Promise.all(
      loaded.map((value) => makeEntry(services, value.reading, { ...value, fillId: token })),
    );
    const fills = entries.map(({ entry, ttlMs }, index) => ({
      keys: loaded[index]?.reading.keys as Reading<Value>['keys'],
      lease: loaded[index]?.lease as string,
      stored: formatEntry(entry),
      ttlMs,
    }));
    services.onPipeline();
    const stored = await fillEntries(redis, fills);
    statistics.count(name, 'sets', stored);
    if (stored < entries.length) return;
    for (const [index, { entry }] of entries.entries()) {
      const reading = loaded[index]?.reading;
      if (reading) rememberEntry(services, reading, entry, asOf);
    }
  } catch {
    statistics.count(name, 'errors');
    giveBack(services, loaded, token);
  }
}

/**
 * Releases leases, so that waiting callers may load at once. If the release is lost, the leases expire; a fill that
 * arrives after the release stores nothing.
 */
function giveBack({ redis, after }: CacheServices, leased: readonly Leased<unknown>[], token: string): void {
  const leases = leased.map(({ reading }) => reading.keys.lease);
  after(releaseLeases(redis, leases, token).catch(() => undefined));
}

/** Makes the entry of a loaded value. `ttlMs` is the entry's time to live in Redis. */
export async function makeEntry<Value>(
  { system, statistics }: CacheServices,
  { query, packing }: Reading<Value>,
  loaded: { value: Value; versions: readonly string[]; fillId: string; loadMs: number },
): Promise<{ entry: Entry; ttlMs: number }> {
  if (!packing) throw new TypeError(`Query ${query.name} is sealed, and there are no SEAL_KEYS`);
  const { value, versions, fillId, loadMs } = loaded;
  const life = (value === null ? query.negativeTtlMs : query.ttlMs) * (0.9 + 0.2 * system.random());
  const payload = await pack(value, packing);
  statistics.count(query.name, 'bytes', payload.text.length);
  const loadedAt = system.now();
  const freshUntil = Math.round(loadedAt + life);
  return {
    entry: { fillId, loadedAt, freshUntil, loadMs, versions, ...payload },
    ttlMs: life + query.staleIfErrorMs,
  };
}

/** A moment, in ms since the epoch, with the generation of the isolate's memory at that time. */
export interface AsOf {
  time: number;
  generation: number;
}

/** Returns the current moment, for a later call of {@link rememberEntry}. */
export function asOfNow({ system, memory }: CacheServices): AsOf {
  return { time: system.now(), generation: memory.generation };
}

/**
 * Keeps an entry in the isolate's memory, if the query has a `memory` time.
 * @param asOf a moment at which the entry was certainly current: the moment before the request, not the moment of the
 * answer. A write may come between the two moments, and the memory's time limit counts from that write.
 */
export function rememberEntry(
  { memory }: CacheServices,
  { query, keys }: Reading<unknown>,
  entry: Entry,
  asOf: AsOf,
): void {
  if (query.memoryMs === 0) return;
  const until = Math.min(asOf.time + query.memoryMs, entry.freshUntil);
  memory.set(keys.entry, entry, keys.versions, until, asOf.generation);
}

/** Loads the value of one reading from its source. */
export async function loadOne<Value>(services: CacheServices, reading: Reading<Value>): Promise<Value> {
  const [value] = await loadAll(services, [reading]);
  return value as Value;
}

/** Loads the values of readings of one query from their source, and counts loads, errors and time. */
export async function loadAll<Value>(
  { system, statistics }: CacheServices,
  readings: readonly Reading<Value>[],
): Promise<readonly Value[]> {
  const [first] = readings;
  if (!first) return [];
  const { query } = first;
  const started = system.now();
  statistics.count(query.name, 'loads', readings.length);
  try {
    return await first.load(readings.map(({ args }) => args));
  } catch (error) {
    statistics.count(query.name, 'errors');
    throw error;
  } finally {
    statistics.count(query.name, 'loadMs', system.now() - started);
  }
}
