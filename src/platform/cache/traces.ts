/**
 * Traces one of {@link TRACED_ONE_OF} entries, chosen by a hash of its key and fill, to tell whether stored entries are ever
 * read, and how old they are when they are read last. A read only notes its entry in the isolate. The next flush of the
 * counters takes the notes along, and a marker in Redis tells whether another isolate has noted the entry before.
 */
import type { Counters } from '../counters/index.ts';
import { isListForKeys, isText, key, NO_TENANT, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import type { Entry } from './entry.ts';
import type { QueryOptions } from './query.ts';

/** One of so many entries is traced. */
export const TRACED_ONE_OF = 16;
/** The maximum number of entries that an isolate notes between two flushes. */
const MOST_NOTED = 200;

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
  /** Notes a read of an entry at `now` (ms since the epoch), if the entry is traced. */
  read(query: Traced, entryKey: RedisKey, entry: Pick<Entry, 'fillId' | 'loadedAt'>, now: number): void;
}

interface Note {
  query: string;
  age: number;
  ttlMs: number;
}

/** Creates traces that leave with the flushes of these counters. */
export function createTraces(counters: Counters): Traces {
  let notes = new Map<RedisKey, Note>();

  counters.alongside(async (redis: RedisClient) => {
    if (notes.size === 0) return;
    const taken = [...notes];
    notes = new Map();
    const args = taken.flatMap(([, { age, ttlMs }]) => [age, ttlMs]);
    const markers = taken.map(([marker]) => marker);
    const before = await traceScript.call(redis, markers, args);
    for (const [index, [, { query, age }]] of taken.entries()) {
      const greatest = before[index] ?? '';
      if (greatest === '') counters.count('cache.used', { query });
      if (age > Number(greatest)) counters.count('cache.used_for', { query }, age - Number(greatest));
    }
  });

  return {
    stored({ name }, entryKey, fillId) {
      if (isTraced(entryKey, fillId)) counters.count('cache.traced', { query: name });
    },
    read({ name, ttlMs, staleIfErrorMs }, entryKey, { fillId, loadedAt }, now) {
      if (!isTraced(entryKey, fillId)) return;
      const marker = key(NO_TENANT, 'trace', name, fillId, hashOf(entryKey).toString(36));
      if (notes.size >= MOST_NOTED && !notes.has(marker)) return;
      const age = Math.max(0, Math.round(now - loadedAt), notes.get(marker)?.age ?? 0);
      // The marker outlives its entry, whose life varies by 10 %.
      notes.set(marker, { query: name, age, ttlMs: Math.ceil(1.2 * ttlMs + staleIfErrorMs) + 60_000 });
    },
  };
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
