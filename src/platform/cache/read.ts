/** The read path. One MGET fetches an entry and the versions of its tags; equal versions make the entry servable. */
import type { RedisKey } from '../redis/index.ts';
import { classify, type Lookup } from './classify.ts';
import { asOfNow, rememberEntry } from './fill.ts';
import { mayHave } from './filter-commands.ts';
import { bypass, loadOrWait } from './load-or-wait.ts';
import { type ReadResult, serve } from './serve.ts';
import type { CacheServices, Reading } from './services.ts';
import { parseUnflushed } from './unflushed.ts';

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
  // The checks of guards leave in the request of the look-up.
  const guarded = asked.map(({ query: { name, guard }, keys }) =>
    guard ? mayHave(redis, name, guard, keys.entry) : null,
  );
  const absent = new Set<Reading<unknown>>();
  let values: Map<RedisKey, string | null> | null = null;
  try {
    const replies = names.length === 0 ? [] : await redis.mget<(string | null)[]>(...names);
    values = new Map(names.map((name, index) => [name, replies[index] ?? null]));
  } catch {
    statistics.count('-', 'errors');
  }
  for (const [index, mayBe] of guarded.entries()) {
    const reading = asked[index];
    if (reading && mayBe && !(await mayBe)) absent.add(reading);
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
      return found.kind === 'miss' && absent.has(reading) ? { kind: 'absent' } : found;
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
  if (found.kind === 'absent') {
    services.statistics.count(reading.query.name, 'hits');
    // Only queries whose value may be null have a guard.
    return { value: null as Value, outcome: 'HIT', payload: null };
  }
  return bypass(services, reading);
}
