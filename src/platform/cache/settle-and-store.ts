/** Settles the tags of a write-through and stores its entry, in one script. */
import { isOneOf, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { ERA } from './era.ts';
import { READ_VALUE, VERSION_TTL_MS } from './versions.ts';

const settleAndStoreScript = script<number>(
  'versions.settle-and-store',
  `
-- Settles the tags as 'versions.settle' does, and stores the entry of a write-through, unless another writer has marked
-- or changed the tags of the entry meanwhile.
-- KEYS[1] entry  KEYS[2] lease of the entry  KEYS[3] era
-- KEYS[4..] versions: first those of the entry's own tags, then those of other tags that the write changed
-- ARGV[1] id of the writer  ARGV[2] a new unique version  ARGV[3] version TTL in ms
-- ARGV[4] text of the entry  ARGV[5] TTL of the entry in ms
-- ARGV[6..] the versions of the entry's own tags, as 'versions.mark' returned them
-- Returns 1 if the entry was stored, 0 if not.
-- Keeps: an entry is stored only if each of its tags still has the version that 'versions.mark' returned, and no marker
-- except the one of this writer. Another writer's marker or new version would show a change.
local entryKey, leaseKey, writer, newVersion, ttl, entry = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local entryTtl = ARGV[5]
${READ_VALUE}
local alone = true
for i = 6, #ARGV do
  local key, marked = KEYS[i - 2], ARGV[i]
  local value = redis.call('GET', key) or ''
  local markers, _, died = others(value, writer)
  local own = string.find(value, '!' .. writer .. '@', 1, true) ~= nil
  if #markers > 0 or died or not own or string.match(value, '^[^!]*') ~= marked then alone = false end
end
for i = 4, #KEYS do
  local value = redis.call('GET', KEYS[i]) or ''
  local markers, last = others(value, writer)
  store(KEYS[i], alone and newVersion or after(value, newVersion), markers, last, ttl)
end
redis.call('DEL', leaseKey)
if not alone then
  redis.call('DEL', entryKey)
  return 0
end
local era = redis.call('GET', KEYS[3])
if era then entry = string.gsub(entry, '\\n', ' ' .. era .. '\\n', 1) end
redis.call('SET', entryKey, entry, 'PX', entryTtl)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

/** The entry that a write-through stores when it settles. */
export interface StoreOnSettle {
  entry: RedisKey;
  lease: RedisKey;
  /** The text of the entry, which carries the new version for each of its own tags. */
  stored: string;
  ttlMs: number;
  /** The keys of the entry's own tags, and their versions as `markVersions` returned them. */
  own: readonly { key: RedisKey; version: string }[];
}

/**
 * Settles the tags, and stores an entry unless another writer has changed the entry's tags since the marks. One
 * request, one command. @returns whether the entry was stored.
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
  return (await settleAndStoreScript.call(redis, [store.entry, store.lease, ERA, ...own, ...rest], args)) === 1;
}
