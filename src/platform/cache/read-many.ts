/**
 * Reads many values of one query: one command looks up all entries, one command takes the leases of missing entries,
 * one loader call loads their values, and one command stores these values. Each value has its own freshness.
 */
import { awaitedLater } from '../awaited-later.ts';
import type { Lookup } from './classify.ts';
import { type Leased, loadAll, loadAndFillAll } from './fill.ts';
import type { LeaseAnswer } from './lease.ts';
import { loadOrWait, loadUnserved } from './load-or-wait.ts';
import { lookUpAll, type ReadResult, serveFound } from './read.ts';
import type { CacheServices, Reading } from './services.ts';
import { takeLeases } from './take-leases.ts';

/** The maximum number of entries that one command looks up. Several such commands share one request. */
const CHUNK = 250;

/** Reads many values. Returns the results in the order of `readings`. Throws errors of the loader only. */
export async function readMany<Value>(
  services: CacheServices,
  readings: readonly Reading<Value>[],
): Promise<ReadResult<Value>[]> {
  const distinct = [...new Map(readings.map((reading) => [reading.keys.entry, reading])).values()];
  const lookups = (await Promise.all(chunks(distinct).map((chunk) => lookUpAll(services, chunk)))).flat();

  const answers = new Map<string, Promise<ReadResult<Value>>>();
  const missing: { reading: Reading<Value>; found: Extract<Lookup, { seenFillId: string }> }[] = [];
  const past: Reading<Value>[] = [];
  for (const [index, reading] of distinct.entries()) {
    const found = lookups[index] ?? { kind: 'unavailable' };
    if (found.kind === 'miss') missing.push({ reading, found });
    else if (found.kind === 'changing' || found.kind === 'unavailable') past.push(reading);
    // Each usable entry is handled by itself: an expired entry may be served, but only if its own load fails.
    else answers.set(reading.keys.entry, awaitedLater(answerFound(services, reading, found)));
  }
  for (const [reading, answer] of await loadMissing(services, missing, past)) answers.set(reading.keys.entry, answer);
  return Promise.all(
    readings.map(({ keys }) => {
      const answer = answers.get(keys.entry);
      if (!answer) throw new Error('Every reading has an answer');
      return answer;
    }),
  );
}

async function answerFound<Value>(services: CacheServices, reading: Reading<Value>, found: Lookup) {
  return (await serveFound(services, reading, found)) ?? loadUnserved(services, reading, found);
}

/** Loads the values that no entry could serve. The values are stored only where this caller holds the lease. */
async function loadMissing<Value>(
  services: CacheServices,
  missing: readonly { reading: Reading<Value>; found: Extract<Lookup, { seenFillId: string }> }[],
  past: readonly Reading<Value>[],
): Promise<[Reading<Value>, Promise<ReadResult<Value>>][]> {
  const { system, statistics } = services;
  const token = system.token();
  const wanted = missing.map(({ reading, found }) => ({ reading, seenFillId: found.seenFillId }));
  // If Redis does not answer for a chunk, the values of that chunk are loaded without the cache. The other chunks use
  // their leases.
  const answers = await Promise.all(
    chunks(wanted).map((chunk) =>
      takeLeases(services, chunk, token).catch((): LeaseAnswer[] => {
        statistics.count(chunk[0]?.reading.query.name ?? '-', 'errors');
        return chunk.map(() => ({ kind: 'changing' }));
      }),
    ),
  ).then((all) => all.flat());

  const leased: Leased<Value>[] = [];
  const unleased = [...past];
  const results: [Reading<Value>, Promise<ReadResult<Value>>][] = [];
  for (const [index, { reading, found }] of missing.entries()) {
    const answer = answers[index];
    if (answer?.kind === 'acquired') leased.push({ reading, ...answer });
    // Another caller is loading the entry or has just loaded it: wait for that caller, as a single read does.
    else if (answer?.kind === 'held' || answer?.kind === 'changed') {
      results.push([reading, loadOrWait(services, reading, found, answer.kind === 'held' ? answer.holder : '')]);
    } else unleased.push(reading);
  }
  statistics.count(missing[0]?.reading.query.name ?? '-', 'misses', leased.length);
  statistics.count((past[0] ?? missing[0]?.reading)?.query.name ?? '-', 'bypasses', unleased.length);

  const filled = loadAndFillAll(services, leased, token);
  const loaded = loadAll(services, unleased);
  const take = async (values: Promise<readonly Value[]>, index: number, outcome: 'MISS' | 'BYPASS') => {
    return { value: (await values)[index] as Value, outcome, payload: null };
  };
  for (const [index, { reading }] of leased.entries()) results.push([reading, take(filled, index, 'MISS')]);
  for (const [index, reading] of unleased.entries()) results.push([reading, take(loaded, index, 'BYPASS')]);
  awaitedLater(filled);
  awaitedLater(loaded);
  for (const [, result] of results) awaitedLater(result);
  return results;
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / CHUNK);
  return Array.from({ length: count }, (_, index) => items.slice(index * CHUNK, (index + 1) * CHUNK));
}
