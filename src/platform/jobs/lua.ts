/**
 * The common parts of this room's scripts: one list of keys, one clock, and the two ways in which a job changes its
 * state.
 *
 *                  ┌───────────── snooze · continueWith · replay (next generation) ◀──────────┐
 *                  ▼                                                                          │
 *     admit ──▶ queued ──claim──▶ running ──finish──▶ done                                    │
 *                  │                │  ▲ │                                                    │
 *                  │                │  │ ├──error──▶ failed ──claim──▶ running                │
 *                  │                │  │ │              │                                     │
 *                  │                │  │ └──fatal · no attempts left──▶ dead ──── replay ─────┤
 *                  │                │  └─claim after the lease: a crash; too many ──▶ dead    │
 *                  └────────────────┴────────── cancel ──────────▶ cancelled ──── replay ─────┘
 *
 * A record is never missing for a job whose message was published: it is written before, and outlives the last moment
 * at which QStash could deliver the message again. So a message without a record means that Redis lost something.
 *
 * No job waits for ever: every job that has not ended is in the watch list with the time at which it must have moved
 * on. The sweep redelivers a late job under the next generation, and messages of older generations are dropped.
 */
import { type RedisClient, type Script, type ScriptOptions, script } from '../redis/index.ts';
import type { System } from '../system.ts';
import { ATTEMPTED_LUA } from './attempts.ts';
import { type JobRef, jobKeys, memberOf } from './keys.ts';

const DAY_MS = 86_400_000;

/** How long records are kept after their last change, in ms. Must be above every way in which a message can come back. */
export const RETENTION_MS = 8 * DAY_MS;
/** The same for dead ones. */
export const DEAD_RETENTION_MS = 30 * DAY_MS;
/** How long after its due time a job may show no sign of life before it is redelivered, in ms. */
export const GRACE_MS = 15 * 60_000;
/** The same for jobs that may not have been published at all, in ms. Within QStash's window for dropping duplicates. */
export const UNPUBLISHED_MS = 60_000;

/** Times come from Redis, in one place, so that no two functions' clocks are ever compared. */
const SHARED = `
-- KEYS[1] record  KEYS[2] result  KEYS[3] steps  KEYS[4] watch list  KEYS[5..10] index of the jobs that are queued,
-- running, failed, done, dead, cancelled  KEYS[11..12] if it has them: unique key, set of the fan-out's ended parts
-- ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] tenant, name and id  ARGV[3] position of the unique
-- key, or 0  ARGV[4] position of the fan-out's set, or 0  ARGV[5] parts of the fan-out
local recordKey, resultKey, stepsKey, watchList = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ahead, member, parts = ARGV[1], ARGV[2], ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local id = string.match(member, '%S+$')
local unique, batch = KEYS[tonumber(ARGV[3])], KEYS[tonumber(ARGV[4])]
local index = {queued = 5, running = 6, failed = 7, done = 8, dead = 9, cancelled = 10}
local function text(number) return string.format('%.0f', number) end
${ATTEMPTED_LUA}
-- Changes the state, and further fields with it. Keeps: a job is in exactly one index.
local function move(from, to, ...)
  if from and from ~= to then redis.call('ZREM', KEYS[index[from]], id) end
  redis.call('ZADD', KEYS[index[to]], text(now), id)
  redis.call('HSET', recordKey, 'state', to, 'updatedAt', text(now), ...)
end

-- The job goes on: it is looked at again if it shows no sign of life until then.
local function watch(at)
  redis.call('ZADD', watchList, text(at), member)
  local ttl = text(math.max(0, at - now) + ${RETENTION_MS})
  redis.call('PEXPIRE', recordKey, ttl)
  if unique and redis.call('GET', unique) == id then redis.call('PEXPIRE', unique, ttl) end
end

-- The job has ended. Returns the message that follows, or ''; it stays in the record until it is settled.
local function ends(from, to, reason, ...)
  if reason ~= '' then redis.call('HSET', recordKey, 'reason', reason, 'errorMessage', '') end
  move(from, to, ...)
  redis.call('ZREMRANGEBYRANK', KEYS[index[to]], 0, to == 'dead' and -10001 or -1001)
  redis.call('HDEL', recordKey, 'leaseUntil', 'retryAt', 'cancel')
  redis.call('PEXPIRE', recordKey, to == 'dead' and ${DEAD_RETENTION_MS} or ${RETENTION_MS})
  if unique and redis.call('GET', unique) == id then redis.call('DEL', unique) end
  local complete = to == 'done'
  if batch then
    redis.call('SADD', batch, id)
    redis.call('PEXPIRE', batch, ${DEAD_RETENTION_MS})
    complete = redis.call('SCARD', batch) >= tonumber(parts)
  end
  local following = complete and redis.call('HGET', recordKey, 'next')
  if not following then
    redis.call('ZREM', watchList, member)
    return ''
  end
  redis.call('HSET', recordKey, 'owes', '1')
  redis.call('ZADD', watchList, text(now + ${UNPUBLISHED_MS}), member)
  return following
end
`;

/** A script about one job. */
export interface JobScript<Result> {
  /** 1 request, 1 command; own arguments begin at ARGV[6]. */
  callFor(services: ScriptServices, ref: JobRef, args?: readonly (string | number)[]): Promise<Result>;
}

/** The services of scripts. */
export interface ScriptServices {
  redis: RedisClient;
  system: System;
}

/**
 * Declares a script about one job: `lua` goes on after {@link SHARED}. Those that a run needs to end, or to keep what it
 * did, are run by a full Redis too: a run can begin only in one that is not full, so what they need is bounded by the
 * runs that go on, and a run that could not end would be made again.
 */
export function jobScript<Result>(name: string, lua: string, options: ScriptOptions<Result>): JobScript<Result> {
  const made: Script<Result> = script(name, SHARED + lua, options);
  return {
    callFor({ redis, system }, ref, args = []) {
      const keys = jobKeys(ref);
      const uniqueAt = ref.unique === undefined ? 0 : 11;
      const batchAt = ref.batch === undefined ? 0 : keys.length;
      const ahead = system.redisAhead?.() ?? 0;
      return made.call(redis, keys, [ahead, memberOf(ref), uniqueAt, batchAt, ref.batch?.size ?? 0, ...args]);
    },
  };
}
