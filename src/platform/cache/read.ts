/**
 * The read path. One MGET fetches an entry and the versions of its tags; equal versions make the entry servable. The
 * holder of the lease, one caller across all isolates, loads a missing entry; other callers wait for the fill, for a
 * limited time. Without Redis, the caller still gets a value from the loader, or the loader's error.
 */

import type { RedisKey } from '../redis/index.ts';
import { classify, type Lookup, refreshesAhead } from './classify.ts';
import { type Entry, fillIdOf } from './entry.ts';
import { asOfNow, loadAndFill, loadOne, rememberEntry } from './fill.ts';
import type { LeaseAnswer } from './lease.ts';
import { type Payload, unpack } from './payload.ts';
import type { CacheOutcome, CacheServices, Reading } from './services.ts';
import { takeLeases } from './take-leases.ts';
import { parseUnflushed } from './unflushed.ts';

/** A value, its outcome and, for a value from the cache, its payload. */
export interface ReadResult<Value> {
  value: Value;
  outcome: CacheOutcome;
  payload: Payload | null;
}

/** Looks up entries: one command for all entries and for the versions of all their tags. Never throws. */
export async function lookUpAll(services: CacheServices, readings: readonly Reading<unknown>[]): Promise<Lookup[]> {
  const { redis, system, statistics, memory } = services;
  // Only queries that use the isolate's memory need the time of the request.
  const asOf = readings.some(({ query }) => query.memoryMs > 0) ? asOfNow(services) : null;
  const remembered = readings.map(({ keys, query }) =>
    asOf && query.memoryMs > 0 ? memory.get(keys.entry, asOf.time) : undefined,
  );
  const asked = readings.filter((reading, index) => !remembered[index] && reading.packing !== null);
  const names = [...new Set(asked.flatMap(keysToRead))];
  let values: Map<RedisKey, string | null> | null = null;
  try {
    const replies = names.length === 0 ? [] : await redis.mget<(string | null)[]>(...names);
    values = new Map(names.map((name, index) => [name, replies[index] ?? null]));
  } catch {
    statistics.count('-', 'errors');
  }
  return readings.map((reading, index): Lookup => {
    const entry = remembered[index];
    if (entry) return { kind: 'fresh', entry };
    if (!values || reading.packing === null) return { kind: 'unavailable' };
    const { query, keys } = reading;
    try {
      const pending = values.get(keys.pending);
      if (pending) return parseUnflushed(pending) ?? { kind: 'unavailable' };
      const versions = keys.versions.map((version) => values.get(version) ?? null);
      const found = classify(values.get(keys.entry) ?? null, versions, system.now(), query.staleMs);
      if (found.kind === 'fresh' && asOf) rememberEntry(services, reading, found.entry, asOf);
      return found;
    } catch {
      // The stored text cannot be read as an entry.
      statistics.count(query.name, 'errors');
      return { kind: 'unavailable' };
    }
  });
}

function keysToRead({ query, keys }: Reading<unknown>): RedisKey[] {
  const own = [keys.entry, ...keys.versions];
  return query.writtenBehind ? [keys.pending, ...own] : own;
}

/** Returns the value for a {@link Lookup}: serves the entry or loads the value. Throws errors of the loader only. */
export async function resolveLookup<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  found: Lookup,
): Promise<ReadResult<Value>> {
  if (found.kind === 'fresh' || found.kind === 'stale') {
    const served = await serve(services, reading, found);
    return served ?? loadOrWait(services, reading, { kind: 'miss', seenFillId: found.entry.fillId });
  }
  if (found.kind === 'miss' || found.kind === 'expired') return loadOrWait(services, reading, found);
  return bypass(services, reading);
}

/** Serves an entry, and starts a refresh when the refresh is due. Returns `null` if the entry is unreadable. */
export async function serve<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  { kind, entry }: Extract<Lookup, { entry: Entry }>,
): Promise<ReadResult<Value> | null> {
  const { statistics, system } = services;
  const { query, packing } = reading;
  const read = await readValue(reading, entry, packing?.seal ?? null);
  if (!read) {
    statistics.count(query.name, 'errors');
    services.memory.forget(reading.keys.entry);
    return null;
  }
  const fresh = kind === 'fresh';
  statistics.count(query.name, fresh ? 'hits' : 'stale');
  statistics.count(query.name, 'bytes', entry.text.length);
  statistics.traces?.read(query, reading.keys.entry, entry, system.now());
  const ahead =
    fresh && query.refreshAhead > 0 && refreshesAhead(entry, system.now(), query.refreshAhead, system.random());
  if (!fresh || ahead) services.after(refreshInBackground(services, reading, entry));
  return { value: read.value, outcome: fresh ? 'HIT' : 'STALE', payload: entry };
}

/** Returns the value of an entry; `null` if the text is unreadable or the value does not fit the query's schema. */
async function readValue<Value>(
  { query }: Reading<Value>,
  entry: Payload,
  seal: NonNullable<Reading<Value>['packing']>['seal'],
): Promise<{ value: Value } | null> {
  try {
    const read = await unpack(entry, seal);
    if (!read || !query.schema) return read as { value: Value } | null;
    const checked = await query.schema['~standard'].validate(read.value);
    return checked.issues ? null : { value: checked.value };
  } catch {
    return null;
  }
}

/**
 * Handles a miss: loads with the lease, or waits for the holder of the lease. After a wait of `waitMs`, the caller
 * loads without the lease and stores nothing.
 */
export async function loadOrWait<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  found: Extract<Lookup, { seenFillId: string }>,
): Promise<ReadResult<Value>> {
  const { system, statistics } = services;
  const { query } = reading;
  const fallback = found.kind === 'expired' ? found.entry : null;
  const began = system.now();
  const deadline = began + services.waitMs;
  const token = system.token();
  let seenFillId = found.seenFillId;
  for (;;) {
    let answer: LeaseAnswer | undefined;
    try {
      [answer] = await takeLeases(services, [{ reading, seenFillId }], token);
    } catch {
      statistics.count(query.name, 'errors');
    }
    if (!answer || answer.kind === 'changing') return bypass(services, reading);
    if (answer.kind === 'acquired') {
      statistics.count(query.name, 'misses');
      return orServeExpired(services, reading, fallback, async () => {
        const value = await loadAndFill(services, reading, token, answer);
        return { value, outcome: 'MISS', payload: null };
      });
    }
    if (answer.kind === 'changed') {
      const again = classify(answer.stored, answer.versions, system.now(), query.staleMs);
      const served = again.kind === 'fresh' || again.kind === 'stale' ? await serve(services, reading, again) : null;
      if (served) return served;
      seenFillId = fillIdOf(answer.stored);
    }
    if (system.now() >= deadline) {
      statistics.count(query.name, 'misses');
      return orServeExpired(services, reading, fallback, async () => {
        return { value: await loadOne(services, reading), outcome: 'MISS', payload: null };
      });
    }
    if (answer.kind === 'held') {
      const pause = pauseAfter(system.now() - began, system.random());
      await system.sleep(Math.min(pause, answer.remainingMs + 1));
    }
  }
}

/** The pause before jitter is between these two limits. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 200;

/**
 * Returns the pause before the next request for the lease, in ms. The pause grows with the time waited so far, so a
 * caller notices a fill after at most a fixed share of that time. A wait of five seconds takes about 35 requests. The
 * pause has jitter: callers that missed at the same time then ask again at different times.
 */
function pauseAfter(waitedMs: number, random: number): number {
  return Math.min(SHORTEST_PAUSE_MS + 0.15 * waitedMs, LONGEST_PAUSE_MS) * (0.75 + 0.5 * random);
}

/** Stale-if-error: returns the loaded value or, after a failed load, the value of a usable expired entry. */
async function orServeExpired<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  fallback: Entry | null,
  load: () => Promise<ReadResult<Value>>,
): Promise<ReadResult<Value>> {
  try {
    return await load();
  } catch (error) {
    const { query, packing } = reading;
    const usable = fallback && services.system.now() < fallback.freshUntil + query.staleIfErrorMs;
    const read = usable ? await readValue(reading, fallback, packing?.seal ?? null) : null;
    if (!read) throw error;
    services.statistics.count(query.name, 'stale');
    return { value: read.value, outcome: 'STALE', payload: fallback };
  }
}

/** Loads the value from its source without the cache, and stores nothing. */
async function bypass<Value>(services: CacheServices, reading: Reading<Value>): Promise<ReadResult<Value>> {
  services.statistics.count(reading.query.name, 'bypasses');
  return { value: await loadOne(services, reading), outcome: 'BYPASS', payload: null };
}

/**
 * Refreshes an entry after the response, unless another caller is loading the value. If the load fails, the entry
 * stays.
 */
async function refreshInBackground<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  entry: Entry,
): Promise<void> {
  const { system, statistics } = services;
  const token = system.token();
  try {
    const [answer] = await takeLeases(services, [{ reading, seenFillId: entry.fillId }], token);
    if (answer?.kind === 'acquired') await loadAndFill(services, reading, token, answer);
  } catch {
    statistics.count(reading.query.name, 'errors');
  }
}
