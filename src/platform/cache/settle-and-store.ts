/** Settles the tags of a write-through and stores its entry, in one script. */
import { isOneOf, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { READ_VALUE, VERSION_TTL_MS } from './versions.ts';

const settleAndStoreScript = script<number>(
  'versions.settle-and-store',
  `
-- Settles like 'versions.settle', and stores the entry a write-through wrote if no other writer was at its tags since.
-- KEYS[1] entry  KEYS[2] lease of the entry  KEYS[3..n+2] versions: the entry's own first, then any others
-- ARGV[1] writer  ARGV[2] a new unique version  ARGV[3] version TTL in ms  ARGV[4] the entry  ARGV[5] its TTL in ms
-- ARGV[6..] the entry's own versions as 'versions.mark' found them
-- Returns 1 if stored. Keeps: an entry is stored only if its versions are those the writer marked, with no marker but
-- its own: had another writer committed since, its mark or its new version would show.
local entryKey, leaseKey, writer, newVersion, ttl, entry = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local entryTtl = ARGV[5]
${READ_VALUE}
local alone = true
for i = 6, #ARGV do
  local key, marked = KEYS[i - 3], ARGV[i]
  local value = redis.call('GET', key) or ''
  local markers, _, died = others(value, writer)
  local own = string.find(value, '!' .. writer .. '@', 1, true) ~= nil
  if #markers > 0 or died or not own or string.match(value, '^[^!]*') ~= marked then alone = false end
end
for i = 3, #KEYS do
  local value = redis.call('GET', KEYS[i]) or ''
  local markers, last = others(value, writer)
  store(KEYS[i], alone and newVersion or after(value, newVersion), markers, last, ttl)
end
redis.call('DEL', leaseKey)
if not alone then
  redis.call('DEL', entryKey)
  return 0
end
redis.call('SET', entryKey, entry, 'PX', entryTtl)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

/** The entry that a write-through stores when it settles. */
export interface StoreOnSettle {
  entry: RedisKey;
  lease: RedisKey;
  /** The entry, carrying the new version for each of its own tags. */
  stored: string;
  ttlMs: number;
  /** The keys of the entry's own tags, and their versions as `markVersions` returned them. */
  own: readonly { key: RedisKey; version: string }[];
}

/**
 * Settles the tags, and stores an entry unless another writer has changed the entry's tags since the marks.
 * @returns whether the entry was stored. One request, one command.
 */
export async function settleAndStore(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
  store: StoreOnSettle,
): Promise<boolean> {
  const own = store.own.map(({ key }) => key);
  const rest = keys.filter((key) => !own.includes(key));
  const ttl = Math.max(1, Math.round(store.ttlMs));
  const marked = store.own.map(({ version }) => version);
  const args = [writer, newVersion, VERSION_TTL_MS, store.stored, ttl, ...marked];
  return (await settleAndStoreScript.call(redis, [store.entry, store.lease, ...own, ...rest], args)) === 1;
}
