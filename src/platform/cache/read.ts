/**
 * The read path. One MGET fetches an entry and the versions of its tags; equal versions make the entry servable. An entry
 * that is due is refreshed after the response.
 */
import type { RedisKey } from '../redis/index.ts';
import { classify, type Lookup, refreshesAhead } from './classify.ts';
import type { Entry } from './entry.ts';
import { ERA } from './era.ts';
import { asOfNow, loadAndFill, rememberEntry } from './fill.ts';
import { mayHave } from './filter-commands.ts';
import { type Payload, unpack } from './payload.ts';
import type { CacheOutcome, CacheServices, Reading } from './services.ts';
import { takeLeases } from './take-leases.ts';
import { MOST_NOTED } from './traces.ts';
import { parseUnflushed } from './unflushed.ts';

/** A value, its outcome and, for a value from the cache, its payload. */
export interface ReadResult<Value> {
  value: Value;
  outcome: CacheOutcome;
  payload: Payload | null;
}

/** Looks up entries: one command for all entries, for the versions of all their tags and for the era. Never throws. */
export async function lookUpAll(services: CacheServices, readings: readonly Reading<unknown>[]): Promise<Lookup[]> {
  const { redis, system, statistics, memory } = services;
  // Only queries that use the isolate's memory need the time of the request.
  const asOf = readings.some(({ query }) => query.memoryMs > 0) ? asOfNow(services) : null;
  const remembered = readings.map(({ keys, query }) =>
    asOf && query.memoryMs > 0 ? memory.get(keys.entry, asOf.time) : undefined,
  );
  const asked = readings.filter((reading, index) => !remembered[index] && reading.packing !== null);
  const names = asked.length === 0 ? [] : [...new Set(asked.flatMap(keysToRead)), ERA];
  // The checks of guards are sent in the same request as the look-up.
  const guarded = asked.map(({ query: { name, guard }, keys }) =>
    guard ? mayHave(redis, name, guard, keys.entry) : null,
  );
  const absent = new Set<Reading<unknown>>();
  let values: Map<RedisKey, string | null> | null = null;
  try {
    const replies = names.length === 0 ? [] : await redis.mget<(string | null)[]>(...names);
    values = new Map(names.map((name, index) => [name, replies[index] ?? null]));
    const seen = values.get(ERA) ?? '';
    if (names.length > 0 && memory.era !== seen) memory.enterEra(seen);
  } catch {
    statistics.count('-', 'errors');
  }
  for (const [index, mayBe] of guarded.entries()) {
    const reading = asked[index];
    if (reading && mayBe && !(await mayBe)) absent.add(reading);
  }
  const era = values?.get(ERA) ?? '';
  return readings.map((reading, index): Lookup => {
    const entry = remembered[index];
    if (entry) return { kind: 'fresh', entry };
    if (!values || reading.packing === null) return { kind: 'unavailable' };
    const { query, keys } = reading;
    try {
      const pending = values.get(keys.pending);
      if (pending) return parseUnflushed(pending) ?? { kind: 'unavailable' };
      const versions = keys.versions.map((version) => values.get(version) ?? null);
      const found = classify(values.get(keys.entry) ?? null, versions, system.now(), query.staleMs, era);
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

/**
 * Returns the value for a {@link Lookup} that can be answered at once: from the entry, or by the guard. `null` if the
 * value must be loaded.
 */
export async function serveFound<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  found: Lookup,
): Promise<ReadResult<Value> | null> {
  if (found.kind === 'fresh' || found.kind === 'stale') return serve(services, reading, found);
  if (found.kind !== 'absent') return null;
  services.statistics.count(reading.query.name, 'hits');
  // Only queries whose value may be null have a guard.
  return { value: null as Value, outcome: 'HIT', payload: null };
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
  traceRead(services, reading, entry);
  const ahead =
    fresh && query.refreshAhead > 0 && refreshesAhead(entry, system.now(), query.refreshAhead, system.random());
  if (!fresh || ahead) services.after(refreshInBackground(services, reading, entry));
  return { value: read.value, outcome: fresh ? 'HIT' : 'STALE', payload: entry };
}

/** Notes a read for the traces. The next flush of the counters sends the note. */
function traceRead({ statistics: { traces }, system }: CacheServices, reading: Reading<unknown>, entry: Entry): void {
  if (!traces || traces.reads.size >= MOST_NOTED) return;
  const { query, keys } = reading;
  const { fillId, loadedAt } = entry;
  const read = { query, entryKey: keys.entry, fillId, loadedAt, readAt: system.now() };
  traces.reads.set(`${keys.entry} ${fillId}`, read);
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

/** Stale-if-error: returns the loaded value or, after a failed load, the value of a usable expired entry. */
export async function orServeExpired<Value>(
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
