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
import { LUA_ADD_EVENT, LUA_WAKE, MOST_ENTRIES, STREAM_TTL_MS } from '../feeds/lua.ts';
import { type RedisClient, type Script, type ScriptOptions, script } from '../redis/index.ts';
import type { System } from '../system.ts';
import { ATTEMPTED_LUA } from './attempts.ts';
import { type JobRef, jobKeys, memberOf } from './keys.ts';

const DAY_MS = 86_400_000;

/** How long a record is kept after its last change, in ms: longer than QStash can redeliver a message. */
export const RETENTION_MS = 8 * DAY_MS;
/** How long the record of a dead job is kept after its last change, in ms. */
export const DEAD_RETENTION_MS = 30 * DAY_MS;
/** The most ended jobs of a name that an index keeps for each state. The oldest are no longer listed. */
export const MOST_LISTED = 100_000;
/** The time after which a due job without a sign of life is redelivered, in ms. */
export const GRACE_MS = 15 * 60_000;
/**
 * The time after which a job that may not have been published is checked again, in ms: shorter than the time in which
 * QStash drops duplicates.
 */
export const UNPUBLISHED_MS = 60_000;

/**
 * The beginning of each script. All times come from the clock of Redis, so the clocks of two functions are never
 * compared.
 */
const SHARED = `
-- KEYS[1] record  KEYS[2] result  KEYS[3] steps  KEYS[4] watch list
-- KEYS[5..10] the indexes of queued, running, failed, done, dead and cancelled jobs
-- KEYS[11] the stream of the topic of all jobs  KEYS[12] note that this topic was woken
-- KEYS[13..15] the unique key, the set of ended jobs of the fan-out, and the stream of the job's live events, if the job
-- has them
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] tenant, name and id of the job
-- ARGV[3] number of the unique key in KEYS, or 0  ARGV[4] number of the fan-out's set in KEYS, or 0
-- ARGV[5] number of jobs in the fan-out  ARGV[6] nonce of a live event, or '' if the job has no stream
local recordKey, resultKey, stepsKey, watchList = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local allJobs, wokenNote = KEYS[11], KEYS[12]
local ahead, member, parts, nonce = ARGV[1], ARGV[2], ARGV[5], ARGV[6]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local id = string.match(member, '%S+$')
local unique, batch = KEYS[tonumber(ARGV[3])], KEYS[tonumber(ARGV[4])]
local index = {queued = 5, running = 6, failed = 7, done = 8, dead = 9, cancelled = 10}
local function text(number) return string.format('%.0f', number) end
${ATTEMPTED_LUA}
${LUA_ADD_EVENT}
${LUA_WAKE}
-- Tells the listeners of a live job. The event is a hint: it has no progress, no result and no reason.
local function tell(what)
  if nonce == '' then return end
  local event = '{"type":"job.' .. what .. '","id":"' .. id .. '","at":' .. text(now) .. '}'
  addEvent(KEYS[#KEYS], nonce, event, ${MOST_ENTRIES}, ${STREAM_TTL_MS})
end

-- Changes the state and the given fields of the job, tells the end of a run, and wakes the listeners of all jobs. Keeps: a job is in exactly one index.
local function move(from, to, ...)
  if from and from ~= to then redis.call('ZREM', KEYS[index[from]], id) end
  redis.call('ZADD', KEYS[index[to]], text(now), id)
  redis.call('HSET', recordKey, 'state', to, 'updatedAt', text(now), ...)
  if to ~= 'queued' and to ~= 'running' then tell(to) end
  wake(allJobs, wokenNote, text(now), '{"type":"jobs.changed"}')
end

-- Puts the job into the watch list: if the job shows no sign of life until the time 'at', the sweep checks the job.
local function watch(at)
  redis.call('ZADD', watchList, text(at), member)
  local ttl = text(math.max(0, at - now) + ${RETENTION_MS})
  redis.call('PEXPIRE', recordKey, ttl)
  if unique and redis.call('GET', unique) == id then redis.call('PEXPIRE', unique, ttl) end
end

-- Ends the job. Returns the message of the follow-up job, or ''. The record keeps this message until it is admitted.
local function ends(from, to, reason, ...)
  if reason ~= '' then redis.call('HSET', recordKey, 'reason', reason, 'errorMessage', '') end
  move(from, to, ...)
  redis.call('ZREMRANGEBYRANK', KEYS[index[to]], 0, -${MOST_LISTED + 1})
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
  /** Runs the script. 1 request, 1 command. `args` begin at ARGV[7]. */
  callFor(services: ScriptServices, ref: JobRef, args?: readonly (string | number)[]): Promise<Result>;
}

/** The services of scripts. */
export interface ScriptServices {
  redis: RedisClient;
  system: System;
}

/**
 * Declares a script about one job: {@link SHARED}, followed by `lua`. A script that ends a run, or stores a step or
 * progress, sets `allowOom`, so that the script runs in a full Redis too. Otherwise the end of a run could not be
 * stored, and the job would run again. Such scripts need little memory, because no new run can begin in a full Redis.
 */
export function jobScript<Result>(name: string, lua: string, options: ScriptOptions<Result>): JobScript<Result> {
  const made: Script<Result> = script(name, SHARED + lua, options);
  return {
    callFor({ redis, system }, ref, args = []) {
      const keys = jobKeys(ref);
      const uniqueAt = ref.unique === undefined ? 0 : 13;
      const batchAt = ref.batch === undefined ? 0 : 13 + Number(uniqueAt > 0);
      const ahead = system.redisAhead?.() ?? 0;
      const nonce = ref.live ? system.token() : '';
      return made.call(redis, keys, [ahead, memberOf(ref), uniqueAt, batchAt, ref.batch?.size ?? 0, nonce, ...args]);
    },
  };
}
