/**
 * Traces one of {@link TRACED_ONE_OF} entries, chosen by a hash of its key and fill, to tell whether stored entries are
 * ever read, and how old they are when they are read last. A read only notes its entry in the isolate. The next flush
 * of the counters chooses the traced entries among the notes and sends them, and a marker in Redis tells whether
 * another isolate has noted the entry before.
 */
import type { Counters } from '../counters/index.ts';
import { isListForKeys, isText, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import type { QueryOptions } from './query.ts';

/** One of so many entries is traced. */
export const TRACED_ONE_OF = 16;
/** The maximum number of entries that an isolate notes between two flushes: about 200 of them are traced. */
export const MOST_NOTED = 200 * TRACED_ONE_OF;

const traceScript = script<string[]>(
  'cache.trace',
  `
-- Notes the ages at which entries were read.
-- KEYS[1..n] markers of the entries  ARGV[2i-1] age of entry i in ms  ARGV[2i] TTL of its marker in ms
-- Returns the greatest age that each marker had before, '' if there was no marker.
-- Keeps: a marker has the greatest age that was noted.
local before = {}
for i, marker in ipairs(KEYS) do
  local age, ttl = ARGV[2 * i - 1], ARGV[2 * i]
  local greatest = redis.call('GET', marker) or ''
  if greatest == '' or tonumber(greatest) < tonumber(age) then redis.call('SET', marker, age, 'PX', ttl) end
  before[i] = greatest
end
return before
`,
  { isReply: isListForKeys(isText) },
);

/** The settings of a query that a trace needs. */
type Traced = Pick<QueryOptions<unknown>, 'name' | 'ttlMs' | 'staleIfErrorMs'>;

/** The traces of one isolate. */
export interface Traces {
  /** Counts a stored entry, if it is traced. */
  stored(query: Traced, entryKey: RedisKey, fillId: string): void;
  /** The last read of each entry since the last flush, by key and fill; at most {@link MOST_NOTED}. */
  readonly reads: Map<string, NotedRead>;
}

/** A read of an entry, without its value. Times are in ms since the epoch. */
export interface NotedRead {
  readonly query: Traced;
  readonly entryKey: RedisKey;
  readonly fillId: string;
  readonly loadedAt: number;
  readonly readAt: number;
}

/** Creates traces that are sent with the flushes of these counters. */
export function createTraces(counters: Counters): Traces {
  const reads = new Map<string, NotedRead>();

  counters.alongside(async (redis: RedisClient) => {
    const traced = [...reads.values()].filter(({ entryKey, fillId }) => isTraced(entryKey, fillId));
    reads.clear();
    if (traced.length === 0) return;
    const ages = traced.map(({ loadedAt, readAt }) => Math.max(0, Math.round(readAt - loadedAt)));
    const args = traced.flatMap(({ query }, index) => [ages[index] ?? 0, markerMs(query)]);
    const before = await traceScript.call(redis, traced.map(markerOf), args);
    for (const [index, { query }] of traced.entries()) {
      const [age = 0, greatest = ''] = [ages[index], before[index]];
      if (greatest === '') counters.count('cache.used', { query: query.name });
      if (age > Number(greatest)) counters.count('cache.used_for', { query: query.name }, age - Number(greatest));
    }
  });

  return {
    stored({ name }, entryKey, fillId) {
      if (isTraced(entryKey, fillId)) counters.count('cache.traced', { query: name });
    },
    reads,
  };
}

/** Returns the marker of an entry in Redis. */
function markerOf({ query, entryKey, fillId }: NotedRead): RedisKey {
  return key(NO_TENANT, 'trace', query.name, fillId, hashOf(entryKey).toString(36));
}

/** Returns the life of a marker, in ms. A marker outlives its entry, whose life varies by 10 %. */
function markerMs({ ttlMs, staleIfErrorMs }: Traced): number {
  return Math.ceil(1.2 * ttlMs + staleIfErrorMs) + 60_000;
}

/** Returns whether an entry is traced. Every isolate gets the same answer. */
export function isTraced(entryKey: RedisKey, fillId: string): boolean {
  return hashOf(`${fillId} ${entryKey}`) % TRACED_ONE_OF === 0;
}

/** FNV-1a with 32 bits, and the final mix of MurmurHash3, because the low bits of FNV alone depend on few letters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
