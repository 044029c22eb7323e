/**
 * The common part of this room's scripts: one list of keys, one clock, and the functions with which a script moves a
 * job to a state, watches a job, or ends a job.
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
 * Every published message has a record: the record is written before the publication, and is kept longer than QStash
 * can redeliver the message. A message without a record therefore means that Redis lost data.
 *
 * Every job that has not ended is in the watch list, with the time of its next expected change, so no job waits for
 * ever. The sweep redelivers late jobs: a job whose message was published gets the next generation, and messages of
 * older generations are dropped.
 */
import { type RedisClient, type Script, type ScriptOptions, script } from '../redis/index.ts';
import type { System } from '../system.ts';
import { ATTEMPTED_LUA } from './attempts.ts';
import { type JobRef, jobKeys, memberOf } from './keys.ts';

const DAY_MS = 86_400_000;

/** Records are kept this long after their last change, in ms: longer than QStash can redeliver their messages. */
export const RETENTION_MS = 8 * DAY_MS;
/** Records of dead jobs are kept this long after their last change, in ms. */
export const DEAD_RETENTION_MS = 30 * DAY_MS;
/** A job without a sign of life is redelivered this long after its due time, in ms. */
export const GRACE_MS = 15 * 60_000;
/** A job that may be unpublished is checked again after this time, in ms: within QStash's deduplication window. */
export const UNPUBLISHED_MS = 60_000;

/** The beginning of each script. Times come from Redis's clock only, so two functions' clocks are never compared. */
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
  /** Runs the script. 1 request, 1 command. `args` begin at ARGV[6]. */
  callFor(services: ScriptServices, ref: JobRef, args?: readonly (string | number)[]): Promise<Result>;
}

/** The services of scripts. */
export interface ScriptServices {
  redis: RedisClient;
  system: System;
}

/**
 * Declares a script about one job: {@link SHARED}, followed by `lua`. A script that ends a run, or stores a step or
 * progress, sets `allowOom`, so that a full Redis runs the script too. Such scripts need little memory, because no
 * new run can begin in a full Redis; and a run whose end cannot be stored would run again.
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
