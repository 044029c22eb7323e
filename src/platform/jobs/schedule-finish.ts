/** The end of a schedule's run: the run of a claimed tick, or the run of a non-exclusive schedule. */
import { isOneOf, script } from '../redis/index.ts';
import type { ScriptServices } from './lua.ts';
import type { Schedule } from './schedule.ts';
import { scheduleKey } from './schedule-claim.ts';

/** The wait of a failed tick before its next attempt, in ms. */
const RETRY_MS = 45_000;

const finishScript = script<'ended' | 'again' | 'stale'>(
  'schedules.finish',
  `
-- Ends a run.
-- KEYS[1] state of the schedule
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] token of the claim  ARGV[3] tick
-- ARGV[4] ok | failed | timeout  ARGV[5] duration of the run in ms  ARGV[6] result, or reason of the failure
-- ARGV[7] the maximum number of attempts at a tick
-- Returns 'ended', 'again' if the tick will run again, or 'stale' if another process holds the tick.
-- Keeps: only the holder ends a run.
local state, ahead, token, tick, outcome, ms, detail = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local mostAttempts = ARGV[7]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local record = redis.call('HMGET', state, 'tick', 'owner', 'attempt')
if record[1] ~= tick or record[2] ~= token then return 'stale' end
redis.call('HSET', state, 'lastTick', tick, 'lastOutcome', outcome, 'lastMs', ms, 'lastDetail', detail,
  'lastEndedAt', string.format('%.0f', now))
redis.call('HINCRBY', state, outcome, 1)
if outcome ~= 'ok' and tonumber(record[3]) < tonumber(mostAttempts) then
  redis.call('HSET', state, 'owner', '', 'leaseUntil', string.format('%.0f', now + ${RETRY_MS}))
  return 'again'
end
redis.call('HDEL', state, 'tick', 'owner', 'leaseUntil', 'attempt')
return 'ended'
`,
  // The script may run in a full Redis: a tick whose end cannot be stored would run again.
  { allowOom: true, isReply: isOneOf('ended', 'again', 'stale') },
);

/** The end of a schedule's run. */
export interface TickEnding {
  outcome: 'ok' | 'failed' | 'timeout';
  ms: number;
  /** The result, or the reason for the failure. */
  detail: string;
}

/**
 * Ends a run. Returns `again` if the tick will run again, and `stale` if the run has lost its tick. 1 request, 1
 * command.
 */
export function finishTick(
  { redis, system }: ScriptServices,
  schedule: Schedule,
  { owner, tick }: { owner: string; tick: number },
  { outcome, ms, detail }: TickEnding,
): Promise<'ended' | 'again' | 'stale'> {
  const args = [system.redisAhead?.() ?? 0, owner, tick, outcome, ms, detail, schedule.attempts];
  return finishScript.call(redis, [scheduleKey(schedule)], args);
}

const noteScript = script<'noted'>(
  'schedules.note',
  `
-- Records the outcome of a run of a schedule that is not exclusive.
-- KEYS[1] state of the schedule
-- ARGV[1] ok | failed | timeout  ARGV[2] duration of the run in ms  ARGV[3] result, or reason of the failure
-- Keeps: the counts of all outcomes add up to the number of triggers that were claimed.
local state, outcome, ms, detail = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
redis.call('HSET', state, 'lastOutcome', outcome, 'lastMs', ms, 'lastDetail', detail)
if outcome ~= 'ok' then
  redis.call('HINCRBY', state, 'ok', -1)
  redis.call('HINCRBY', state, outcome, 1)
end
return 'noted'
`,
  { isReply: isOneOf('noted') },
);

/** Records the end of a non-exclusive run, which the claim has already counted as `ok`. 1 request, 1 command. */
export async function noteTick(
  { redis }: Pick<ScriptServices, 'redis'>,
  schedule: Schedule,
  { outcome, ms, detail }: TickEnding,
): Promise<void> {
  await noteScript.call(redis, [scheduleKey(schedule)], [outcome, ms, detail]);
}
