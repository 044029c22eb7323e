/**
 * Counts the events of the cache for each query: numbers in the isolate's memory, because a statistic must not cost a
 * round trip. New counts join a pipeline that is sent to Redis in any case, at most every few seconds.
 */
import { isInteger, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';

/** The counts of one query, or of all queries. */
export interface CacheCounters {
  /** Reads answered with a fresh value. */
  hits: number;
  /** Reads that found nothing usable. */
  misses: number;
  /** Reads answered with a value past its freshness. */
  stale: number;
  /** Reads that did not use the cache: a writer was changing a tag, or Redis was not available. */
  bypasses: number;
  /** Values loaded from the source. */
  loads: number;
  /** Time spent loading, in ms. */
  loadMs: number;
  /** Entries stored. */
  sets: number;
  /** Entries forgotten and tags invalidated. */
  deletes: number;
  /** Failures of Redis and of loaders, and entries that could not be read. */
  errors: number;
  /** Bytes of entries read and written (UTF-16 length). */
  bytes: number;
}

/** The statistics of one isolate. */
export interface CacheStatistics {
  /** The counts of all queries together. */
  readonly total: Readonly<CacheCounters>;
  /** The counts of each query. `-` has the counts that belong to no single query. */
  readonly byQuery: ReadonlyMap<string, Readonly<CacheCounters>>;
  count(query: string, counter: keyof CacheCounters, by?: number): void;
  /** Returns whether the last flush was at least `everyMs` ago. If so, `now` counts as the time of the next flush. */
  isFlushDue(now: number, everyMs: number): boolean;
  /** Returns the counts since the last call, as `<query>:<counter>`. */
  takeUnflushed(): [field: string, by: number][];
  /** Adds back the counts of a failed flush. */
  putBack(counts: readonly [field: string, by: number][]): void;
}

/** Returns counters at zero. */
export function zeroCounters(): CacheCounters {
  return { hits: 0, misses: 0, stale: 0, bypasses: 0, loads: 0, loadMs: 0, sets: 0, deletes: 0, errors: 0, bytes: 0 };
}

/**
 * Creates statistics at zero.
 * @param startedAt the start of the wait for the first flush, in ms since the epoch. Default: the flush is due at
 * once.
 */
export function createCacheStatistics(startedAt = 0): CacheStatistics {
  let flushedAt = startedAt;
  const total = zeroCounters();
  const byQuery = new Map<string, CacheCounters>();
  let unflushed = new Map<string, number>();
  const note = (field: string, by: number) => unflushed.set(field, (unflushed.get(field) ?? 0) + by);
  return {
    total,
    byQuery,
    isFlushDue(now, everyMs) {
      if (now - flushedAt < everyMs) return false;
      flushedAt = now;
      return true;
    },
    count(query, counter, by = 1) {
      const own = byQuery.get(query) ?? zeroCounters();
      own[counter] += by;
      byQuery.set(query, own);
      total[counter] += by;
      note(`${query}:${counter}`, by);
    },
    takeUnflushed() {
      const taken = [...unflushed];
      unflushed = new Map();
      return taken;
    },
    putBack(counts) {
      for (const [field, by] of counts) note(field, by);
    },
  };
}

/** Returns the share of reads answered from the cache, between 0 and 1; 0 before the first read. */
export function hitRatio({ hits, stale, misses, bypasses }: CacheCounters): number {
  const reads = hits + stale + misses + bypasses;
  return reads === 0 ? 0 : (hits + stale) / reads;
}

const KEPT_MS = 8 * 86_400_000;

const addScript = script<number>(
  'statistics.add',
  `
-- Adds to the shared counters of a day.
-- KEYS[1] counters  ARGV[1] their TTL in ms  ARGV[2i] field  ARGV[2i+1] amount
-- Returns how many fields.
local counters, ttl = KEYS[1], ARGV[1]
for i = 2, #ARGV, 2 do
  local field, amount = ARGV[i], ARGV[i + 1]
  redis.call('HINCRBY', counters, field, amount)
end
redis.call('PEXPIRE', counters, ttl)
return (#ARGV - 1) / 2
`,
  { isReply: isInteger },
);

/** Adds this isolate's new counts to the shared counters of the day. One command; a failure loses no counts. */
export async function flushStatistics(redis: RedisClient, statistics: CacheStatistics, now: number): Promise<void> {
  const counts = statistics.takeUnflushed();
  if (counts.length === 0) return;
  try {
    await addScript.call(
      redis,
      [countersKey(now)],
      [KEPT_MS, ...counts.flatMap(([field, by]) => [field, Math.round(by)])],
    );
  } catch {
    statistics.putBack(counts);
  }
}

/** Returns the shared counters of the day of `now`, by query: the sums of all isolates' flushes. One command. */
export async function readSharedStatistics(redis: RedisClient, now: number): Promise<Map<string, CacheCounters>> {
  const flat = (await redis.exec<string[] | null>(['HGETALL', countersKey(now)])) ?? [];
  const byQuery = new Map<string, CacheCounters>();
  for (let index = 0; index < flat.length; index += 2) {
    const [, query = '', counter = ''] = /^(.*):(\w+)$/.exec(flat[index] ?? '') ?? [];
    const counters = byQuery.get(query) ?? zeroCounters();
    if (!(counter in counters)) continue;
    counters[counter as keyof CacheCounters] = Number(flat[index + 1]);
    byQuery.set(query, counters);
  }
  return byQuery;
}

function countersKey(now: number): RedisKey {
  return key(NO_TENANT, 'counters', 'cache', new Date(now).toISOString().slice(0, 10));
}
