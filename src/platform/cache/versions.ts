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
import type { RedisClient, RedisKey } from '../redis/index.ts';

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
    (version) => version === null || markersOf(version).some((marker) => marker.startsWith(`${writer}@`)),
  );
}

function markersOf(version: string): string[] {
  return version.split('!')[1]?.split(',') ?? [];
}
