/** Invalidates the tags of a settled write again, if Redis may have lost their new versions. */
import type { Settled } from '../outbox/index.ts';
import { isInteger, type RedisClient, type RedisKey, script } from '../redis/index.ts';
import { READ_VALUE, VERSION_TTL_MS } from './versions.ts';

const endUnlessScript = script<number>(
  'versions.end-unless',
  `
-- Gives a tag a new version, unless the tag still has the version of a settled write. A failover of Redis can undo a
-- settle.
-- KEYS[1..n]  versions of the tags
-- ARGV[1] a new unique version  ARGV[2] version TTL in ms
-- ARGV[2i+1] the version that the write gave to tag i (the stored version begins with it), or '' to end any version
-- ARGV[2i+2] the ids of the writers of tag i, as ',a,b,'. They have settled, so a failover has brought back any marker
-- of theirs
-- Returns the number of tags that got a new version.
-- Keeps: a tag without a version stays without a version; the markers of other writers stay.
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

/**
 * Gives a tag a new version if the current version does not begin with the version of the settled write, and removes
 * the markers of writers that have settled. A tag without a version stays without a version. One request, one command.
 */
export async function endUnless(
  redis: RedisClient,
  settled: ReadonlyMap<RedisKey, Settled>,
  newVersion: string,
): Promise<void> {
  const args = [...settled.values()].flatMap(({ version, writers }) => [version, `,${writers.join(',')},`]);
  await endUnlessScript.call(redis, [...settled.keys()], [newVersion, VERSION_TTL_MS, ...args]);
}
