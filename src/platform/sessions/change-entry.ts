/**
 * Scripts that change an entry in place. A script writes only if the record of the entry exists, so an ended entry
 * stays ended.
 */
import { isOneOf, type RedisClient, type RedisKey, script } from '../redis/index.ts';

/** Exported so that tests can run the script with a line removed. */
export const touchScript = script<number>(
  'session.touch',
  `
-- Stores the time of a session's last use.
-- KEYS[1] hash of the user  ARGV[1] sid  ARGV[2] now, in ms since the epoch
-- Returns 1, or 0 if the session does not exist or already has a later time.
-- Keeps: no field without a record; the time only grows.
local hash, sid, now = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HEXISTS', hash, sid) == 0 then return 0 end
local seen = tonumber(redis.call('HGET', hash, sid .. '~') or '0')
if seen >= tonumber(now) then return 0 end
redis.call('HSET', hash, sid .. '~', now)
return 1
`,
  // The script may run in a full Redis, because it only replaces one time by another time.
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** Exported so that tests can run the script with a line removed. */
export const updateScript = script<number>(
  'session.update',
  `
-- Replaces a session's data.
-- KEYS[1] hash of the user  ARGV[1] sid  ARGV[2] data
-- Returns 1, or 0 if the session does not exist.
-- Keeps: no field without a record.
local hash, sid, data = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HEXISTS', hash, sid) == 0 then return 0 end
redis.call('HSET', hash, sid .. '=', data)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

/**
 * Stores `now` as the time of a session's last use. Returns `false` if the session does not exist or already has a
 * later time. 1 command.
 */
export async function touchSession(redis: RedisClient, hash: RedisKey, sid: string, now: number): Promise<boolean> {
  return (await touchScript.call(redis, [hash], [sid, now])) === 1;
}

/** Replaces a session's data. Returns `false` if the session does not exist. 1 command. */
export async function updateSession(redis: RedisClient, hash: RedisKey, sid: string, data: string): Promise<boolean> {
  return (await updateScript.call(redis, [hash], [sid, data])) === 1;
}
