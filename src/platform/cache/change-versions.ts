/** Changes tag versions around a write: mark as changing, unmark, settle. `versions.ts` describes the format. */
import { isCountOfKeys, isListForKeys, isText, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { MARKER_TTL_MS, READ_VALUE, VERSION_TTL_MS } from './versions.ts';

const markScript = script<string[]>(
  'versions.mark',
  `
-- Marks tags as changing.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] id of the writer  ARGV[2] marker TTL in ms
-- ARGV[3] a new unique version, for a tag without a version or with the marker of a dead writer
-- Returns the n versions of the tags, without markers.
-- Keeps: no entry remembers the value of a marked tag; the key of a tag lives at least as long as its last marker.
local writer, markerTtl, newVersion = ARGV[1], ARGV[2], ARGV[3]
${READ_VALUE}
local versions = {}
for i, key in ipairs(KEYS) do
  local value = redis.call('GET', key) or newVersion
  local markers, last, died = others(value, writer)
  local deadline = now + tonumber(markerTtl)
  markers[#markers + 1] = writer .. '@' .. string.format('%.0f', deadline)
  versions[i] = died and newVersion or string.match(value, '^[^!]*')
  store(key, versions[i], markers, math.max(deadline, last), 0)
end
return versions
`,
  { isReply: isListForKeys(isText) },
);

const unmarkScript = script<number>(
  'versions.unmark',
  `
-- Removes a writer's marker and leaves the version unchanged, because the writer has changed nothing.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] id of the writer  ARGV[2] version TTL in ms  ARGV[3] a new unique version, for a tag with the marker of a
-- dead writer
-- Returns n.
-- Keeps: entries of the unchanged version may be served again. So call the script only if the writer certainly changed
-- nothing.
local writer, ttl, newVersion = ARGV[1], ARGV[2], ARGV[3]
${READ_VALUE}
for _, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if value and string.find(value, writer, 1, true) then
    local markers, last, died = others(value, writer)
    store(key, died and newVersion or string.match(value, '^[^!]*'), markers, last, ttl)
  end
end
return #KEYS
`,
  // The script may run in a full Redis, because each value that it writes is shorter than the value before.
  { allowOom: true, isReply: isCountOfKeys },
);

const settleScript = script<number>(
  'versions.settle',
  `
-- Gives tags a new version and removes one writer's marker.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] id of the writer, or '' for an invalidation without a marker  ARGV[2] a new unique version
-- ARGV[3] version TTL in ms
-- ARGV[4] 1 for a soft invalidation: the version before is stored after a tilde, and entries of it may be served as
-- stale
-- Returns n.
-- Keeps: no entry of an older version can be served, except entries of the version before in a soft invalidation. The
-- markers of other writers stay.
local writer, newVersion, ttl, soft = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
${READ_VALUE}
for _, key in ipairs(KEYS) do
  local value = redis.call('GET', key) or ''
  local markers, last = others(value, writer)
  local version = after(value, newVersion)
  local before = string.match(value, '^[^~!]+')
  if soft == '1' and before and not string.find(value, '!', 1, true) then version = version .. '~' .. before end
  store(key, version, markers, last, ttl)
end
return #KEYS
`,
  { isReply: isCountOfKeys },
);

/**
 * Marks the tags, because `writer` is about to change their data. The keys must be distinct. One request, one
 * command.
 * @returns the versions beneath the markers, in the order of the keys.
 */
export function markVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
): Promise<string[]> {
  return markScript.call(redis, keys, [writer, MARKER_TTL_MS, newVersion]);
}

/**
 * Removes `writer`'s markers and keeps the versions, so that older entries may be served again. Call this only if the
 * writer certainly changed nothing. A tag with the marker of a dead writer gets `newVersion`. One request, one command.
 */
export async function unmarkVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
): Promise<void> {
  await unmarkScript.call(redis, keys, [writer, VERSION_TTL_MS, newVersion]);
}

/**
 * Gives each tag a new version, which invalidates every entry that depends on the tag, and removes `writer`'s
 * markers. A repeated call does no harm. With `soft`, entries of the version before may be served as stale. One
 * request, one command.
 */
export async function settleVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
  soft = false,
): Promise<void> {
  await settleScript.call(redis, keys, [writer, newVersion, VERSION_TTL_MS, soft ? 1 : 0]);
}
