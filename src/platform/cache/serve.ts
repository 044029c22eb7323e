/** Serves an entry, and refreshes it after the response when it is due. */
import { type Lookup, refreshesAhead } from './classify.ts';
import type { Entry } from './entry.ts';
import { loadAndFill } from './fill.ts';
import { type Payload, unpack } from './payload.ts';
import type { CacheOutcome, CacheServices, Reading } from './services.ts';
import { takeLeases } from './take-leases.ts';

/** A value, its outcome and, for a value from the cache, its payload. */
export interface ReadResult<Value> {
  value: Value;
  outcome: CacheOutcome;
  payload: Payload | null;
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
