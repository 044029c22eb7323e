/**
 * Keeps room in a Redis without eviction. Eviction would take any key: `allkeys-lru` the sessions, locks and jobs that
 * are read least, `volatile-…` whatever has an end. So the cache gives way itself, and only the cache: above 80 % of
 * the memory, the entries that were filled least recently are dropped until 70 % is in use, and new entries live for a
 * shorter time. A dropped entry is a miss.
 */
import {
  infoNumber,
  isInteger,
  isListOf,
  isText,
  isTuple,
  type RedisClient,
  type RedisKey,
  script,
} from '../redis/index.ts';
import type { System } from '../system.ts';
import { LIVES_MS, PRESSURE } from './pressure.ts';

/** The share of the memory above which entries are dropped, and the share that is left in use. */
const HIGH = 0.8;
const LOW = 0.7;
/** Above this share, lives are a quarter, else a half, in percent. */
const VERY_HIGH = 0.9;
/** The number of keys that one SCAN reads. */
const KEYS_PER_SCAN = 1_000;
/** The number of entries that one command drops. */
const DROPPED_AT_ONCE = 500;
/** The maximum number of entries that a run compares; if it finds more, it keeps the older half. */
const MOST_KEPT = 100_000;
/** How long a run looks for entries, in ms. */
const LOOKS_FOR_MS = 30_000;
/** The bytes that an entry needs beside its key and text: an estimate of Redis's own overhead. */
const OVERHEAD = 100;

const agesScript = script<[string, number][]>(
  'cache.ages',
  `
-- Returns the beginning of each entry, which has the time of its fill, and the length of its text.
-- KEYS[1..n] entries  ARGV[1] length of the beginning
-- Returns {{beginning, length}…}.
local length = ARGV[1]
local ages = {}
for i, key in ipairs(KEYS) do ages[i] = {redis.call('GETRANGE', key, 0, length - 1), redis.call('STRLEN', key)} end
return ages
`,
  // The script only reads; a full Redis would refuse it without the flag.
  { allowOom: true, isReply: isListOf(isTuple(isText, isInteger)) },
);
/**
 * The number of characters that are read from the beginning of an entry: enough for the format, the fill id and the
 * time of the fill.
 */
const BEGINNING = 100;

/** The services of a trim. */
export interface TrimServices {
  redis: RedisClient;
  system: Pick<System, 'now'>;
  /** Ends the trim early, with an error. */
  signal?: AbortSignal;
  /** The memory of the Redis plan in bytes, if Redis does not know it. */
  memoryLimit?: number | undefined;
}

/** The result of a trim. */
export interface Trimmed {
  /** The share of the memory that was in use, in percent. */
  used: number;
  /** The number of entries that were dropped, and an estimate of their bytes. */
  dropped: number;
  bytes: number;
}

interface Candidate {
  key: RedisKey;
  filledAt: number;
  bytes: number;
}

/**
 * Drops entries if Redis uses more than 80 % of its memory. Returns `null` below that, and if the limit is unknown: then
 * 1 request, 1 command. Otherwise 2 requests for each 1,000 keys, 1 for each 500 dropped entries, and 1 for the lives.
 * Keys of other families are never dropped.
 * @throws {RedisError}
 */
export async function trimEntries({ redis, system, signal, memoryLimit }: TrimServices): Promise<Trimmed | null> {
  const info = String(await redis.exec<string>(['INFO']));
  const used = infoNumber(info, 'used_memory');
  const limit = infoNumber(info, 'maxmemory') || memoryLimit;
  if (used === null || !limit || used <= HIGH * limit) return null;
  const until = system.now() + LOOKS_FOR_MS;
  let found: Candidate[] = [];
  for (let cursor = '0'; ; ) {
    signal?.throwIfAborted();
    const [next, keys] = await redis.scan(cursor, { match: 'hf:*:q:*', count: KEYS_PER_SCAN });
    cursor = String(next);
    found.push(...(await readAges(redis, keys.filter(isEntry))));
    if (found.length > MOST_KEPT) found = oldestFirst(found).slice(0, MOST_KEPT / 2);
    if (cursor === '0' || system.now() >= until) break;
  }
  const dropped = await drop(redis, oldestFirst(found), used - LOW * limit);
  // A Redis that is still full refuses this. The next run tries again.
  const lives = used > VERY_HIGH * limit ? 25 : 50;
  await redis.set(PRESSURE, String(lives), { px: LIVES_MS }).catch(() => undefined);
  return { used: Math.round((used / limit) * 100), ...dropped };
}

/** The pattern of the scan also matches keys of other families with a part `q`. */
function isEntry(key: string): key is RedisKey {
  return key.split(':', 3)[2] === 'q';
}

async function readAges(redis: RedisClient, keys: readonly RedisKey[]): Promise<Candidate[]> {
  if (keys.length === 0) return [];
  const ages = await agesScript.call(redis, keys, [BEGINNING]);
  return keys.map((key, index) => {
    const [beginning, length] = ages[index] ?? ['', 0];
    // An entry in an unknown format counts as the oldest.
    const filledAt = Number(/^1 \S+ (\d+) /.exec(beginning)?.[1] ?? 0);
    return { key, filledAt, bytes: key.length + length + OVERHEAD };
  });
}

function oldestFirst(entries: readonly Candidate[]): Candidate[] {
  return entries.toSorted((one, other) => one.filledAt - other.filledAt);
}

/** Drops entries in their order until so many bytes are free. */
async function drop(redis: RedisClient, entries: readonly Candidate[], toFree: number) {
  let bytes = 0;
  let count = 0;
  while (count < entries.length && bytes < toFree) {
    bytes += entries[count]?.bytes ?? 0;
    count += 1;
  }
  for (let start = 0; start < count; start += DROPPED_AT_ONCE) {
    await redis.unlink(...entries.slice(start, Math.min(count, start + DROPPED_AT_ONCE)).map(({ key }) => key));
  }
  return { dropped: count, bytes };
}
