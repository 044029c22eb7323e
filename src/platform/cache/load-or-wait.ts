/**
 * A miss: the holder of the lease loads, and the other callers wait for the end of that load, within a bound. While the
 * holder is alive, no other caller loads.
 */
import { classify, type Lookup } from './classify.ts';
import { fillIdOf } from './entry.ts';
import { CacheBusyError, SharedLoadError } from './errors.ts';
import { loadAndFill, loadOne } from './fill.ts';
import type { LeaseAnswer } from './lease.ts';
import { orServeExpired, type ReadResult, serve } from './read.ts';
import type { CacheServices, Reading } from './services.ts';
import { takeLeases } from './take-leases.ts';

/** Returns the value for a {@link Lookup} that could not be answered at once. Throws errors of loads only. */
export async function loadUnserved<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  found: Lookup,
): Promise<ReadResult<Value>> {
  // An entry that is unreadable is a miss.
  if (found.kind === 'fresh' || found.kind === 'stale') {
    return loadOrWait(services, reading, { kind: 'miss', seenFillId: found.entry.fillId });
  }
  if (found.kind === 'miss' || found.kind === 'expired') return loadOrWait(services, reading, found);
  return bypass(services, reading);
}

/**
 * Handles a miss: loads with the lease, or waits for the load of the holder and shares its end. After a wait of
 * `waitMs`, the query decides: an expired value or an error, or a load that stores nothing.
 * @param awaited the holder of the lease, if the caller has learned of one.
 */
export async function loadOrWait<Value>(
  services: CacheServices,
  reading: Reading<Value>,
  found: Extract<Lookup, { seenFillId: string }>,
  awaited = '',
): Promise<ReadResult<Value>> {
  const { system, statistics } = services;
  const { query } = reading;
  const fallback = found.kind === 'expired' ? found.entry : null;
  const began = system.now();
  const deadline = began + services.waitMs;
  const token = system.token();
  let seenFillId = found.seenFillId;
  let holder = awaited;
  /** The value of a read without a lease: the loaded value, which is not stored, or the expired one. */
  const without = (load: () => Promise<Value>): Promise<ReadResult<Value>> => {
    statistics.count(query.name, 'misses');
    return orServeExpired(services, reading, fallback, async () => {
      return { value: await load(), outcome: 'MISS', payload: null };
    });
  };
  for (;;) {
    let answer: LeaseAnswer | undefined;
    try {
      [answer] = await takeLeases(services, [{ reading, seenFillId, awaited: holder }], token);
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
      const again = classify(answer.stored, answer.versions, system.now(), query.staleMs, answer.era);
      const served = again.kind === 'fresh' || again.kind === 'stale' ? await serve(services, reading, again) : null;
      if (served) return served;
      seenFillId = fillIdOf(answer.stored);
    }
    if (answer.kind === 'ended') {
      const { end } = answer;
      if (end.kind === 'oversized') return without(() => loadOne(services, reading));
      return without(() => Promise.reject(new SharedLoadError(end)));
    }
    if (system.now() >= deadline) {
      const isRefused = answer.kind === 'held' && query.onTimeout === 'refuse';
      return without(() => (isRefused ? Promise.reject(new CacheBusyError()) : loadOne(services, reading)));
    }
    if (answer.kind === 'held') {
      holder = answer.holder;
      const pause = pauseAfter(system.now() - began, system.random());
      await system.sleep(Math.min(pause, answer.remainingMs + 1, deadline - system.now()));
    }
  }
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Returns the pause before the next request for the lease, in ms. The first pause is short, for quick loads. Later
 * pauses grow with the time waited so far, so a caller notices the end of a load after at most 60 ms and a fifth of its
 * wait. A wait of five seconds takes about 22 requests. The pause has jitter: callers that missed at the same time then
 * ask again at different times.
 */
function pauseAfter(waitedMs: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS + 2 * waitedMs, 45 + 0.15 * waitedMs, LONGEST_PAUSE_MS);
  return pause * (0.75 + 0.5 * random);
}

/** Loads the value from its source without the cache, and stores nothing. */
async function bypass<Value>(services: CacheServices, reading: Reading<Value>): Promise<ReadResult<Value>> {
  services.statistics.count(reading.query.name, 'bypasses');
  return { value: await loadOne(services, reading), outcome: 'BYPASS', payload: null };
}
