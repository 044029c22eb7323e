/**
 * Counts the events of the cache for each query: in the isolate since its start, and in the shared counters of all
 * isolates.
 */
import { type Counters, type LabelsOf, type ReadScope, readCounters } from '../counters/index.ts';
import { createTraces, type Traces } from './traces.ts';

/** The counts of one query, or of all queries. */
export interface CacheCounters {
  /** The number of reads that were answered with a fresh value. */
  hits: number;
  /** The number of reads that found no usable entry. */
  misses: number;
  /** The number of reads that were answered with a stale value, after the end of its fresh time. */
  stale: number;
  /** The number of reads that did not use the cache, because a writer was changing a tag or Redis did not answer. */
  bypasses: number;
  /** The number of values that were loaded from the source. */
  loads: number;
  /** The time that loaders took, in ms. */
  loadMs: number;
  /** The number of entries that were stored. */
  sets: number;
  /** The number of entries that were removed and of tags that were invalidated. */
  deletes: number;
  /** The number of failures of Redis and of loaders, and of entries that could not be read. */
  errors: number;
  /** The number of entries that were too large to be stored. */
  oversized: number;
  /** The length of the entries that were stored, in UTF-16 code units. Equals bytes for ASCII texts. */
  stored: number;
  /** The length of the encoded values that were read and stored, in UTF-16 code units. Equals bytes for ASCII texts. */
  bytes: number;
}

/** The statistics of one isolate. */
export interface CacheStatistics {
  /** The counts of all queries together. */
  readonly total: Readonly<CacheCounters>;
  /** The counts of each query. `-` has the counts that belong to no single query. */
  readonly byQuery: ReadonlyMap<string, Readonly<CacheCounters>>;
  count(query: string, counter: keyof CacheCounters, by?: number): void;
  /** Traces of entries; `null` without counters. */
  readonly traces: Traces | null;
}

type Outcome = LabelsOf<'cache.reads'>['outcome'];
type Counted = Exclude<keyof CacheCounters, 'hits' | 'misses' | 'stale' | 'bypasses' | 'loadMs'>;

/** The counters that are outcomes of reads. */
const OUTCOMES: Partial<Record<keyof CacheCounters, Outcome>> = {
  hits: 'hit',
  misses: 'miss',
  stale: 'stale',
  bypasses: 'bypass',
};

const COUNTED = [
  'cache.reads',
  'cache.loads',
  'cache.sets',
  'cache.deletes',
  'cache.errors',
  'cache.oversized',
  'cache.stored',
  'cache.bytes',
] as const;

/** Returns counters at zero. */
export function zeroCounters(): CacheCounters {
  const reads = { hits: 0, misses: 0, stale: 0, bypasses: 0 };
  return { ...reads, loads: 0, loadMs: 0, sets: 0, deletes: 0, errors: 0, oversized: 0, stored: 0, bytes: 0 };
}

/** Creates statistics at zero. Each count is also added to the counters of the isolate, if there are any. */
export function createCacheStatistics(counters?: Counters): CacheStatistics {
  const total = zeroCounters();
  const byQuery = new Map<string, CacheCounters>();
  return {
    total,
    byQuery,
    traces: counters ? createTraces(counters) : null,
    count(query, counter, by = 1) {
      const own = byQuery.get(query) ?? zeroCounters();
      own[counter] += by;
      byQuery.set(query, own);
      total[counter] += by;
      if (!counters || by === 0) return;
      const outcome = OUTCOMES[counter];
      if (outcome) counters.count('cache.reads', { query, outcome }, by);
      else if (counter === 'loadMs') counters.time('cache.load', { query }, by);
      else counters.count(`cache.${counter as Counted}`, { query }, by);
    },
  };
}

/** Returns the share of reads answered from the cache, between 0 and 1; 0 before the first read. */
export function hitRatio({ hits, stale, misses, bypasses }: CacheCounters): number {
  const reads = hits + stale + misses + bypasses;
  return reads === 0 ? 0 : (hits + stale) / reads;
}

/**
 * Returns the shared counts of today (UTC) by query: the sums of all isolates' flushes. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function readSharedStatistics(scope: ReadScope): Promise<Map<string, CacheCounters>> {
  const today = await readCounters(scope, { group: 'cache', window: 'today' });
  const byQuery = new Map<string, CacheCounters>();
  for (const query of new Set(COUNTED.flatMap((name) => today.labels(name).map((labels) => labels.query)))) {
    const reads = (outcome: Outcome) => today.sum('cache.reads', { query, outcome });
    byQuery.set(query, {
      hits: reads('hit'),
      misses: reads('miss'),
      stale: reads('stale'),
      bypasses: reads('bypass'),
      loads: today.sum('cache.loads', { query }),
      loadMs: today.durations('cache.load', { query }).sum,
      sets: today.sum('cache.sets', { query }),
      deletes: today.sum('cache.deletes', { query }),
      errors: today.sum('cache.errors', { query }),
      oversized: today.sum('cache.oversized', { query }),
      stored: today.sum('cache.stored', { query }),
      bytes: today.sum('cache.bytes', { query }),
    });
  }
  return byQuery;
}
