/**
 * A lock in Redis: a token with an expiry, and a fence. The fence is a number that grows with every holder. The fence
 * is never below the clock of the server, so it grows even if Redis loses the counter. A former holder may not know
 * that its lease has ended. So the resource must refuse a fence that is lower than the highest fence it has seen
 * (Kleppmann, "How to do distributed locking", 2016).
 */
import {
  isEither,
  isInteger,
  isOneOf,
  isText,
  isTuple,
  type RedisClient,
  type RedisKey,
  script,
} from '../redis/index.ts';

const FENCE_TTL_MS = 7 * 86_400_000;

/** Exported so that tests can run a changed version of the script. */
export const acquireScript = script<['held', string] | ['busy', number]>(
  'lock.acquire',
  `
-- Takes a lock. If the caller already holds the lock, returns the same answer again.
-- KEYS[1] lock  KEYS[2] fence
-- ARGV[1] token of the caller  ARGV[2] life of the lease in ms  ARGV[3] TTL of the fence in ms
-- Returns {'held', fence} or {'busy', ms until the holder's lease ends}.
-- Keeps: one holder at a time; a new holder's fence is above all earlier fences; a repeated request changes no fence.
local lock, fenceKey, caller, leaseMs, fenceTtl = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('GET', lock)
if held then
  local token, fence = string.match(held, '^(%S+) (%d+)$')
  if token ~= caller then return {'busy', redis.call('PTTL', lock)} end
  redis.call('PEXPIRE', lock, leaseMs)
  return {'held', fence}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('GET', fenceKey) or '0')
local fence = string.format('%.0f', math.max(last + 1, now * 4096))
redis.call('SET', fenceKey, fence, 'PX', fenceTtl)
redis.call('SET', lock, caller .. ' ' .. fence, 'PX', leaseMs)
return {'held', fence}
`,
  { isReply: isEither(isTuple(isOneOf('held'), isText), isTuple(isOneOf('busy'), isInteger)) },
);

const renewScript = script<number>(
  'lock.renew',
  `
-- Gives the holder a new lease.
-- KEYS[1] lock  ARGV[1] token of the caller  ARGV[2] life of the lease in ms
-- Returns 1, or 0 if the caller does not hold the lock.
local lock, token, leaseMs = KEYS[1], ARGV[1], ARGV[2]
local held = redis.call('GET', lock)
if not held or string.match(held, '^%S+') ~= token then return 0 end
return redis.call('PEXPIRE', lock, leaseMs)
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

const releaseScript = script<number>(
  'lock.release',
  `
-- Ends the holder's lease.
-- KEYS[1] lock  ARGV[1] token of the caller
-- Returns 1, or 0 if the caller does not hold the lock.
local lock, token = KEYS[1], ARGV[1]
local held = redis.call('GET', lock)
if not held or string.match(held, '^%S+') ~= token then return 0 end
return redis.call('DEL', lock)
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** The keys of one lock. */
export interface LockKeys {
  lock: RedisKey;
  fence: RedisKey;
}

/** The answer to a request for a lock. */
export type Acquired = { held: true; fence: number } | { held: false; retryAfterMs: number };

/**
 * Tries to acquire the lock. A caller that already holds the lock with the same token gets the same fence and a new
 * lease. 1 request, 1 command.
 */
export async function acquireLock(
  redis: RedisClient,
  keys: LockKeys,
  token: string,
  leaseMs: number,
): Promise<Acquired> {
  const [answer, value] = await acquireScript.call(redis, [keys.lock, keys.fence], [token, leaseMs, FENCE_TTL_MS]);
  return answer === 'held' ? { held: true, fence: Number(value) } : { held: false, retryAfterMs: Number(value) };
}

/** Gives the holder a new lease. Returns `false` if the token is not the holder's. 1 request, 1 command. */
export async function renewLock(redis: RedisClient, keys: LockKeys, token: string, leaseMs: number): Promise<boolean> {
  return (await renewScript.call(redis, [keys.lock], [token, leaseMs])) === 1;
}

/** Releases the lock. Returns `false` if the token is not the holder's. 1 request, 1 command. */
export async function releaseLock(redis: RedisClient, keys: LockKeys, token: string): Promise<boolean> {
  return (await releaseScript.call(redis, [keys.lock], [token])) === 1;
}
