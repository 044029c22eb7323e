/**
 * Tag versions, the heart of invalidation. A tag's key holds a random version. An entry remembers the versions that
 * were read before its value was loaded, and is served only while the tags have these versions. So a fill that
 * overlapped a change is never served, in any interleaving: the versions of the fill are old.
 *
 *     <version>                           stable
 *     <version>~<version before>          softly invalidated: entries of the version before may be served as stale
 *     <either>!<writer>@<ms>,<writer>@<ms>   changing: these writers will settle, at the latest by those times
 *
 * No entry remembers a value with a marker, so a reader of a marked tag uses the database and fills nothing. Each
 * version ends with a part of the version before. A settle that arrives a second time therefore writes a version that
 * differs from the version of the first time, and entries of the first version stay invalid.
 *
 * A tag can have markers of several writers. Each writer removes its own marker; the marker of a dead writer expires at
 * its deadline. A tag without a version is a miss, so a lost key costs time and never correctness.
 */
import type { RedisClient, RedisKey } from '../redis/index.ts';

/** The life of a version, in ms: longer than the life of any entry, which is at most 30 days. */
export const VERSION_TTL_MS = 31 * 86_400_000;
/** The life of a marker, in ms: far longer than the interval of the drain, which settles the writes of dead writers. */
export const MARKER_TTL_MS = 15 * 60_000;

/** Returns whether a tag's value has the marker of a writer. */
export function isChanging(version: string): boolean {
  return version.includes('!');
}

/** Compares the version in an entry with the tag's current version. */
export function compareVersions(remembered: string, now: string | null): 'same' | 'softly-changed' | 'changed' {
  if (now === remembered) return 'same';
  if (now === null) return 'changed';
  const [current, before] = now.split('~');
  const head = remembered.split('~', 1)[0];
  if (head === current) return 'same';
  return head === before ? 'softly-changed' : 'changed';
}

/**
 * Lua functions of all scripts. `others` returns the unexpired markers of other writers, their latest deadline, and
 * whether another writer's marker has expired. An expired marker belongs to a writer that died, perhaps after its
 * commit, so the version beneath it must stay invalid. Times are written with `%.0f`, because `%d` is 32 bits wide in
 * some engines.
 */
export const READ_VALUE = `
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

/**
 * Invalidates every entry that depends on the tags: deletes the versions of the tags, and the markers of all writers
 * with them. Even a full Redis allows the deletion, and a missing version is a miss. One request, one command.
 */
export async function deleteVersions(redis: RedisClient, keys: readonly RedisKey[]): Promise<void> {
  await redis.unlink(...keys);
}

/**
 * Returns whether the write has ended every entry from before it. An entry cannot be served if its tag has no version,
 * because the next version of the tag will be new. An entry also cannot be served while its tag has `writer`'s marker.
 * One request, one command.
 */
export async function areEnded(redis: RedisClient, keys: readonly RedisKey[], writer: string): Promise<boolean> {
  const versions = await redis.mget<(string | null)[]>(...keys);
  return versions.every(
    (version) => version === null || markersOf(version).some((marker) => marker.startsWith(`${writer}@`)),
  );
}

function markersOf(version: string): string[] {
  return version.split('!')[1]?.split(',') ?? [];
}
