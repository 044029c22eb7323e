/**
 * Tag versions, the heart of invalidation. A tag's key holds a random version; an entry remembers the versions read
 * before its value was loaded, and is served only while they are equal. A fill that raced a change can therefore never
 * be served, in any interleaving: its versions are old ones.
 *
 *     <version>                           stable
 *     <version>~<version before>          softly invalidated: entries of the version before may be served once more
 *     <either>!<writer>@<ms>,<writer>@<ms>   changing: these writers will settle, at the latest by those times
 *
 * A marked value equals no remembered version, so a reader that meets one goes to the database and fills nothing.
 * Each version ends in a piece of the one before it, so that a request that arrives again later gives another version
 * than it gave at first, and entries of that one stay dead.
 *
 * Markers of concurrent writers add up, each settles its own; one whose writer died ends with its own deadline. A
 * missing version is a miss, so losing a key loses time and never correctness.
 */
import type { Settled } from '../outbox/index.ts';
import {
  isCountOfKeys,
  isInteger,
  isListForKeys,
  isOneOf,
  isText,
  type RedisClient,
  type RedisKey,
  script,
} from '../redis/index.ts';

/** Versions outlive every entry: entries live at most 30 days. */
export const VERSION_TTL_MS = 31 * 86_400_000;
/** Far longer than the interval of the drain, which settles for writers that died. */
export const MARKER_TTL_MS = 15 * 60_000;

/** Whether a tag's value says that a writer is at work. */
export function isChanging(version: string): boolean {
  return version.includes('!');
}

/** How the version in an entry compares to the tag's current version. */
export function compareVersions(remembered: string, now: string | null): 'same' | 'softly-changed' | 'changed' {
  if (now === remembered) return 'same';
  if (now === null) return 'changed';
  const [current, before] = now.split('~');
  const head = remembered.split('~', 1)[0];
  if (head === current) return 'same';
  return head === before ? 'softly-changed' : 'changed';
}

/**
 * All scripts read a value the same way: the markers on it that are neither the writer's own nor over, and whether
 * there are others that are over. Those belong to writers that died, perhaps after their commit, so the version beneath
 * them must not come back to life. Times are written with `%.0f`, because `%d` is 32 bits wide in some engines.
 */
const READ_VALUE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function others(value, writer)
  local kept, last, died = {}, 0, false
  for owner, deadline in string.gmatch(string.match(value, '!(.*)$') or '', '([^@,]+)@(%d+)') do
    if owner ~= writer then
      if tonumber(deadline) > now then
        kept[#kept + 1] = owner .. '@' .. deadline
        last = math.max(last, tonumber(deadline))
      else
        died = true
      end
    end
  end
  return kept, last, died
end
local function store(key, version, markers, last, ttl)
  if #markers == 0 then
    redis.call('SET', key, version, 'PX', ttl)
  else
    redis.call('SET', key, version .. '!' .. table.concat(markers, ','), 'PX', string.format('%.0f', last - now))
  end
end
local function after(value, version)
  return version .. '+' .. string.match(value, '^[^+~!]*')
end
`;

const markScript = script<string[]>(
  'versions.mark',
  `
-- Marks tags as changing.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] writer  ARGV[2] marker TTL in ms  ARGV[3] a new unique version, for tags that have none or a dead writer's
-- Returns the n versions as they are beneath the markers.
-- Keeps: a marked tag equals no version any entry remembers; the key lives as long as its last marker.
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
-- Takes a writer's marker away and leaves the version: nothing was changed after all.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] writer  ARGV[2] version TTL in ms  ARGV[3] a new unique version, for tags with a dead writer's marker
-- Returns n. Keeps: entries of the version may be served again; only for a writer that certainly changed nothing.
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
  // Every value it writes is shorter than the one that was there.
  { allowOom: true, isReply: isCountOfKeys },
);

const settleScript = script<number>(
  'versions.settle',
  `
-- Gives tags a new version and removes one writer's marker.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] writer, or '' for an invalidation without a marker  ARGV[2] a new unique version  ARGV[3] version TTL in ms
-- ARGV[4] 1 for a soft invalidation: the version before stays readable behind a tilde
-- Returns n. Keeps: every entry remembered under an older version is dead (soft: but the last), and other writers'
-- markers stay.
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

const endUnlessScript = script<number>(
  'versions.end-unless',
  `
-- Ends tags whose version is not the one that a write gave them: Redis may have forgotten it.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] a new unique version  ARGV[2] version TTL in ms
-- ARGV[2i+1] what the write let the version of tag i begin with, or '' to end any version
-- ARGV[2i+2] its writers, ',a,b,': they have settled, so a marker of theirs has come back
-- Returns how many it ended. Keeps: a version that is gone has ended; the markers of other writers stay.
local newVersion, ttl = ARGV[1], ARGV[2]
${READ_VALUE}
local ended = 0
for i, key in ipairs(KEYS) do
  local written, writers = ARGV[2 * i + 1], ARGV[2 * i + 2]
  local value = redis.call('GET', key)
  if value then
    local markers, last = {}, 0
    local all = others(value, '')
    for _, marker in ipairs(all) do
      local owner, deadline = string.match(marker, '^(.*)@(.*)$')
      if not string.find(writers, ',' .. owner .. ',', 1, true) then
        markers[#markers + 1] = marker
        last = math.max(last, tonumber(deadline))
      end
    end
    if string.match(value, '^[^+~!]*') ~= written or #markers < #all then
      store(key, after(value, newVersion), markers, last, ttl)
      ended = ended + 1
    end
  end
end
return ended
`,
  { isReply: isInteger },
);

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

/**
 * Announces that `writer` is about to change data under the tags. One request, one command.
 * @returns the versions beneath the markers, in the order of the keys; they must be distinct.
 */
export function markVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
): Promise<string[]> {
  return markScript.run(redis, keys, [writer, MARKER_TTL_MS, newVersion]);
}

/** Takes `writer`'s markers away because it certainly changed nothing. One request, one command. */
export async function unmarkVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
): Promise<void> {
  await unmarkScript.run(redis, keys, [writer, VERSION_TTL_MS, newVersion]);
}

/**
 * Makes every entry that depends on the tags dead, and removes `writer`'s marker if it had set one. Running it again
 * is harmless. With `soft`, entries of the version before may be served as stale. One request, one command.
 */
export async function settleVersions(
  redis: RedisClient,
  keys: readonly RedisKey[],
  writer: string,
  newVersion: string,
  soft = false,
): Promise<void> {
  await settleScript.run(redis, keys, [writer, newVersion, VERSION_TTL_MS, soft ? 1 : 0]);
}

/**
 * Makes every entry that depends on the tags dead by deleting their versions, and with them the markers of all writers.
 * A full Redis allows it, and a missing version is a miss. One request, one command.
 */
export async function deleteVersions(redis: RedisClient, keys: readonly RedisKey[]): Promise<void> {
  await redis.unlink(...keys);
}

/**
 * Whether no entry made before now can be served: each version is gone, so that the next one will be new, or carries
 * `writer`'s marker. One request, one command.
 */
export async function areEnded(redis: RedisClient, keys: readonly RedisKey[], writer: string): Promise<boolean> {
  const versions = await redis.mget<(string | null)[]>(...keys);
  return versions.every(
    (version) => version === null || markersOf(version).some((each) => each.startsWith(`${writer}@`)),
  );
}

function markersOf(version: string): string[] {
  return version.split('!')[1]?.split(',') ?? [];
}

/**
 * Ends each tag whose version does not begin with what its writer gave it, and removes the markers of writers that have
 * settled. A tag without a version has ended. One request, one command.
 */
export async function endUnless(
  redis: RedisClient,
  settled: ReadonlyMap<RedisKey, Settled>,
  newVersion: string,
): Promise<void> {
  const args = [...settled.values()].flatMap(({ version, writers }) => [version, `,${writers.join(',')},`]);
  await endUnlessScript.run(redis, [...settled.keys()], [newVersion, VERSION_TTL_MS, ...args]);
}

/** The entry that a write-through stores when it settles. */
export interface StoreOnSettle {
  entry: RedisKey;
  lease: RedisKey;
  /** The entry, carrying the new version for each of its own tags. */
  stored: string;
  ttlMs: number;
  /** The keys of the entry's own tags, and their versions as {@link markVersions} returned them. */
  own: readonly { key: RedisKey; version: string }[];
}

/**
 * Settles, and stores an entry unless another writer was at its tags since they were marked.
 * @returns whether it was stored. One request, one command.
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
  return (await settleAndStoreScript.run(redis, [store.entry, store.lease, ...own, ...rest], args)) === 1;
}
