/** Counts users of one tenant as active on the local day of a moment. */
import { isText, type RedisClient, script } from '../redis/index.ts';
import { bitsKey, DAY_TTL_MS, MOST_PLACES, PLACES_TTL_MS, placesKeys, usersKey, ZONE_TTL_MS, zoneKey } from './keys.ts';
import { formatOffsets, LUA_OFFSET_AT, type Offset } from './offsets.ts';

const DAY_MS = 86_400_000;

const countScript = script<string>(
  'usage.count',
  `
-- Counts users on the local day of a moment.
-- KEYS[1] offsets of the time zone  KEYS[2] places of users  KEYS[3] places of the previous period
-- KEYS[4..6] users of yesterday, today and tomorrow in UTC  KEYS[7..9] bits of these days
-- ARGV[1] the moment in ms  ARGV[2] the UTC day of the moment, in days since the epoch  ARGV[3] life of a day in ms
-- ARGV[4] life of the places in ms  ARGV[5] the most places  ARGV[6..] users
-- Returns the end of the local day, in ms since the epoch.
-- Keeps: a user has one place as long as a bit of it is read; no key lives for ever.
local zone, places, previous, moment, utcDay = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[1]), tonumber(ARGV[2])
local dayTtl, placesTtl, most, dayMs = ARGV[3], ARGV[4], tonumber(ARGV[5]), ${DAY_MS}
${LUA_OFFSET_AT}
local function placeOf(user)
  local place = redis.call('HGET', places, user)
  if place then return tonumber(place) end
  place = redis.call('HGET', previous, user)
  if not place then place = redis.call('HINCRBY', places, 'next', 1) - 1 end
  redis.call('HSET', places, user, place)
  return tonumber(place)
end
-- A period goes on with the numbers of the one before it, so that no place is given twice.
redis.call('HSETNX', places, 'next', redis.call('HGET', previous, 'next') or 0)
local offsets = redis.call('GET', zone) or ''
local day = math.floor((moment + offsetAt(offsets, moment)) / dayMs)
local users, bits = KEYS[5 + day - utcDay], KEYS[8 + day - utcDay]
for i = 6, #ARGV do
  local user = ARGV[i]
  redis.call('PFADD', users, user)
  local place = placeOf(user)
  if place < most then redis.call('SETBIT', bits, place, 1) end
end
redis.call('PEXPIRE', users, dayTtl)
redis.call('PEXPIRE', bits, dayTtl)
redis.call('PEXPIRE', places, placesTtl)
local over = (day + 1) * dayMs
return string.format('%.0f', over - offsetAt(offsets, over - offsetAt(offsets, moment)))
`,
  { isReply: isText },
);

/**
 * Counts users, which the caller has replaced by keyed digests. 1 command.
 * @param moment ms since the epoch.
 * @returns the end of the tenant's local day, in ms since the epoch.
 */
export async function countUsers(
  redis: RedisClient,
  tenant: string,
  moment: number,
  users: readonly string[],
): Promise<number> {
  const days = [-1, 0, 1].map((away) => new Date(moment + away * DAY_MS).toISOString().slice(0, 10));
  const over = await countScript.call(
    redis,
    [
      zoneKey(tenant),
      ...placesKeys(tenant, moment),
      ...days.map((day) => usersKey(tenant, day)),
      ...days.map((day) => bitsKey(tenant, day)),
    ],
    [moment, Math.floor(moment / DAY_MS), DAY_TTL_MS, PLACES_TTL_MS, MOST_PLACES, ...users],
  );
  return Number(over);
}

/** Sets the time zone by which a tenant's users are counted from now on. Default: UTC. 1 command. */
export async function setUsageZone(redis: RedisClient, tenant: string, offsets: readonly Offset[]): Promise<void> {
  await redis.exec(['SET', zoneKey(tenant), formatOffsets(offsets), 'PX', ZONE_TTL_MS]);
}
