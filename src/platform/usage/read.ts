/**
 * Reads the usage of a tenant: active users, retention by weeks, and the streak of one user. One script computes all, so
 * a reading is one command.
 *
 * Numbers of users are unions of HyperLogLogs (Flajolet et al., 2007; standard error 0.81 %), never sums, so a user counts
 * once in a month. Below {@link EXACT_BELOW} users the bits of the days are counted, which is exact.
 */
import { isInteger, isListOf, type RedisClient, script } from '../redis/index.ts';
import { bitsKey, KEPT_DAYS, placesKeys, scratchKey, usersKey, ZONE_TTL_MS, zoneKey } from './keys.ts';
import { formatOffsets, type Offset } from './offsets.ts';

const DAY_MS = 86_400_000;
const [WEEK, MONTH] = [7, 30] as const;
/** The number of past weeks whose users are followed. */
const COHORTS = 8;
/** Numbers of fewer users are exact. */
export const EXACT_BELOW = 100;

const readScript = script<number[]>(
  'usage.read',
  `
-- Reads the usage of the days up to today, and sets the time zone of later counts.
-- KEYS[1] offsets of the time zone  KEYS[2] places of users  KEYS[3] places of the previous period
-- KEYS[4] a result between two commands  KEYS[5..13] users of this week and of 8 weeks before it, between two commands
-- KEYS[14..43] users of the last 30 days, the newest first  KEYS[44..] bits of the last days, the newest first
-- ARGV[1] the offsets  ARGV[2] their life in ms  ARGV[3] a user, or ''  ARGV[4] days of this week, from Monday
-- Returns the users of a day, a week and a month, the streak of the user, the users of each of the 30 days, and for each
-- week, the oldest first: its users, and how many of them came back in each later week.
-- Keeps: no result between two commands stays.
local zone, places, previous, scratch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offsets, ttl, user, thisWeek = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
redis.call('SET', zone, offsets, 'PX', ttl)
local function keysFrom(first, count)
  local keys = {}
  for i = 1, count do keys[i] = KEYS[first + i - 1] end
  return keys
end
local function unite(target, first, count)
  redis.call('BITOP', 'OR', target, unpack(keysFrom(first, count)))
  redis.call('PEXPIRE', target, 60000)
  return redis.call('BITCOUNT', target)
end
local function usersOf(from, count)
  local users = redis.call('PFCOUNT', unpack(keysFrom(13 + from, count)))
  if users < ${EXACT_BELOW} then users = unite(scratch, 43 + from, count) end
  return users
end

local streak, at = 0, 1
local place = user ~= '' and (redis.call('HGET', places, user) or redis.call('HGET', previous, user))
local function active(day) return day <= ${KEPT_DAYS} and redis.call('GETBIT', KEYS[43 + day], place) == 1 end
if place then
  -- A streak goes on until a whole day without the user has passed.
  if not active(at) then at = 2 end
  while active(at) do
    streak, at = streak + 1, at + 1
  end
end

local reply = {usersOf(1, 1), usersOf(1, ${WEEK}), usersOf(1, ${MONTH}), streak}
for day = 1, ${MONTH} do reply[#reply + 1] = usersOf(day, 1) end

local first = 44
local sizes = {unite(KEYS[5], first, thisWeek)}
first = first + thisWeek
for week = 1, ${COHORTS} do
  sizes[week + 1] = unite(KEYS[5 + week], first, ${WEEK})
  first = first + ${WEEK}
end
for cohort = ${COHORTS}, 1, -1 do
  reply[#reply + 1] = sizes[cohort + 1]
  for later = cohort - 1, 0, -1 do
    redis.call('BITOP', 'AND', scratch, KEYS[5 + cohort], KEYS[5 + later])
    reply[#reply + 1] = redis.call('BITCOUNT', scratch)
  end
end
redis.call('DEL', unpack(keysFrom(4, ${COHORTS} + 2)))
return reply
`,
  { isReply: isListOf(isInteger) },
);

/** The users of a week, and how many of them came back. */
export interface Cohort {
  /** The Monday of the week. */
  week: string;
  users: number;
  /** The number of these users that were active in each later week; the last week is the present one, so far. */
  returned: number[];
}

/** The usage of a tenant. */
export interface UsageReading {
  /** Active users today, in the last 7 and in the last 30 days, today included. */
  today: number;
  week: number;
  month: number;
  /** The active users of each of the last 30 days, the oldest first. */
  days: { day: string; users: number }[];
  /** The last 8 weeks before the present one, the oldest first. */
  cohorts: Cohort[];
  /** The number of days in a row, up to today or yesterday, on which the user was active: at most 91. */
  streak: number;
}

/** The question of a reading. */
export interface UsageQuestion {
  tenant: string;
  /** The time of the reading, in ms since the epoch. */
  now: number;
  /** The day of this time in the tenant's time zone. */
  today: string;
  /** The offsets of the tenant's time zone, for the counts of the coming days. */
  offsets: readonly Offset[];
  /** The user of the streak, as `nameOf` names them; `null` for none. */
  user: string | null;
}

/**
 * Reads the usage of a tenant. 1 request, 1 command.
 * @throws {RedisError} if Redis does not answer.
 */
export async function readUsage(redis: RedisClient, question: UsageQuestion): Promise<UsageReading> {
  const { tenant, now, today, offsets, user } = question;
  const dayBefore = (days: number) => new Date(Date.parse(today) - days * DAY_MS).toISOString().slice(0, 10);
  const days = Array.from({ length: KEPT_DAYS }, (_each, index) => dayBefore(index));
  const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const reply = await readScript.call(
    redis,
    [
      zoneKey(tenant),
      ...placesKeys(tenant, now),
      ...Array.from({ length: COHORTS + 2 }, (_each, index) => scratchKey(tenant, index)),
      ...days.slice(0, MONTH).map((day) => usersKey(tenant, day)),
      ...days.map((day) => bitsKey(tenant, day)),
    ],
    [formatOffsets(offsets), ZONE_TTL_MS, user ?? '', sinceMonday + 1],
  );
  const next = reply.values();
  const take = () => Number(next.next().value ?? 0);
  const [of_day, week, month, streak] = [take(), take(), take(), take()];
  const byDay = days.slice(0, MONTH).map((day) => ({ day, users: take() }));
  const cohorts = Array.from({ length: COHORTS }, (_each, index) => ({
    week: dayBefore(sinceMonday + WEEK * (COHORTS - index)),
    users: take(),
    returned: Array.from({ length: COHORTS - index }, take),
  }));
  return { today: of_day, week, month, days: byDay.reverse(), cohorts, streak };
}
