/**
 * Loads and fills: one loader call loads all missing values of a query, and one command stores the values with the
 * versions that were read before the call.
 */
import { type Entry, formatEntry } from './entry.ts';
import { fillEntries, releaseLeases } from './hold-lease.ts';
import { keepLeases } from './keep-leases.ts';
import { checkedSummary, type LoadEnd } from './load-end.ts';
import { pack } from './payload.ts';
import type { CacheServices, Reading } from './services.ts';

/** A reading whose lease the caller holds, with the text of the lease, and the versions and the era for its entry. */
export interface Leased<Value> {
  reading: Reading<Value>;
  lease: string;
  versions: readonly string[];
  era: string;
}

/** Loads the value of a reading whose lease the caller holds, and stores the entry. */
export async function loadAndFill<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  token: string,
  { lease, versions, era }: Omit<Leased<Value>, 'reading'>,
): Promise<Value> {
  const [value] = await loadAndFillAll(services, [{ reading, lease, versions, era }], token);
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
  const stop = keepLeases(
    services,
    leased.map(({ reading, lease }) => ({ key: reading.keys.lease, lease })),
  );
  let values: readonly Value[];
  try {
    values = await loadAll(
      services,
      leased.map(({ reading }) => reading),
    );
  } catch (error) {
    giveBack(services, leased, token, { kind: 'failed', ...checkedSummary(services.summaryOf(error)) });
    throw error;
  } finally {
    stop();
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
    const made = loaded.flatMap((each, index) => {
      const entry = entries[index];
      return entry ? [{ ...each, made: entry }] : [];
    });
    const oversized = made.filter((each) => each.made.isOversized);
    // The release joins the request of the fill.
    if (oversized.length > 0) giveBack(services, oversized, token, { kind: 'oversized' });
    const kept = made.filter((each) => !each.made.isOversized);
    if (kept.length === 0) return;
    const stored = await fillEntries(
      redis,
      kept.map(({ reading, lease, made: { stored, ttlMs } }) => ({ keys: reading.keys, lease, stored, ttlMs })),
    );
    for (const [index, { reading, made: own }] of kept.entries()) {
      if (stored[index]) countStored(services, reading, own);
    }
    if (!stored.every(Boolean)) return;
    for (const { reading, made: own } of kept) rememberEntry(services, reading, own.entry, asOf);
  } catch {
    statistics.count(name, 'errors');
    giveBack(services, loaded, token);
  }
}

/**
 * Releases leases, and tells waiting callers how the load ended. Without an end, one of them loads at once. If the
 * release does not reach Redis, the leases expire. A fill that arrives after the release stores nothing.
 */
function giveBack(
  { redis, after }: CacheServices,
  leased: readonly Leased<unknown>[],
  token: string,
  end?: LoadEnd,
): void {
  const releases = leased.map(({ reading, versions }) => ({
    key: reading.keys.lease,
    ...(end && { ended: { end, versions } }),
  }));
  after(releaseLeases(redis, releases, token).catch(() => undefined));
}

/** An entry to store. */
export interface MadeEntry {
  entry: Entry;
  /** The text of the entry. */
  stored: string;
  /** The entry's time to live in Redis, in ms. */
  ttlMs: number;
  /** Whether the text is too large to be stored. */
  isOversized: boolean;
}

/** Counts an entry that Redis has stored. */
export function countStored(
  { statistics }: CacheServices,
  { query, keys }: Reading<unknown>,
  { entry, stored }: MadeEntry,
): void {
  statistics.count(query.name, 'sets');
  statistics.count(query.name, 'stored', stored.length);
  statistics.traces?.stored(query, keys.entry, entry.fillId);
}

/** Makes the entry of a loaded value, and counts an entry that is too large. */
export async function makeEntry<Value>(
  { system, statistics, largestEntry }: CacheServices,
  { query, packing, args }: Reading<Value>,
  loaded: { value: Value; versions: readonly string[]; era: string; fillId: string; loadMs: number },
): Promise<MadeEntry> {
  if (!packing) throw new TypeError(`Query ${query.name} is sealed, and there are no SEAL_KEYS`);
  const { value, versions, era, fillId, loadMs } = loaded;
  const life = (value === null ? query.negativeTtlMs : query.ttlMs) * (0.9 + 0.2 * system.random());
  const payload = await pack(value, packing);
  statistics.count(query.name, 'bytes', payload.text.length);
  const loadedAt = system.now();
  const endsAt = query.untilOf(value, args);
  const freshUntil = Math.min(Math.round(loadedAt + life), endsAt ?? Number.POSITIVE_INFINITY);
  const ends = endsAt !== null && { endsAt };
  const entry = { fillId, loadedAt, freshUntil, ...ends, loadMs, versions, ...(era && { era }), ...payload };
  const stored = formatEntry(entry);
  const isOversized = isLonger(stored, largestEntry);
  if (isOversized) statistics.count(query.name, 'oversized');
  return { entry, stored, ttlMs: life + query.staleIfErrorMs, isOversized };
}

/** Returns whether a text has more than `most` bytes in UTF-8. Only a text near the limit is encoded to count them. */
function isLonger(text: string, most: number): boolean {
  if (text.length > most) return true;
  // A UTF-16 code unit has at most 3 bytes.
  return text.length * 3 > most && new TextEncoder().encode(text).length > most;
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
 * @param asOf the moment before the request to Redis, when the entry was certainly current. The `memory` time is
 * counted from this moment, not from the answer: a write may happen between the two.
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
