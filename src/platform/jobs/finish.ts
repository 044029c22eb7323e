/**
 * The end of a run, in one script. The state, the result or the next generation, the lease, the unique key, the fan-out
 * and the indexes change together or not at all. Only the holder of the claim can end the run. A run that has lost its
 * claim gets the answer `stale` and changes nothing.
 */
import { isInteger, isOneOf, isText, isTuple } from '../redis/index.ts';
import { briefly } from './attempts.ts';
import type { Claim } from './claim.ts';
import type { JobRef, State } from './keys.ts';
import { GRACE_MS, jobScript, type ScriptServices, UNPUBLISHED_MS } from './lua.ts';

const isFinish = isTuple(isOneOf('finished', 'stale'), isText, isText, isInteger, isText, isText);

const finishScript = jobScript<
  [
    verdict: 'finished' | 'stale',
    state: string,
    generation: string,
    delayMs: number,
    message: string,
    following: string,
  ]
>(
  'jobs.finish',
  `
-- Ends a run.
-- ARGV[7] token  ARGV[8] fence  ARGV[9] done | failed | dead | cancelled | snooze | continue
-- ARGV[10] for done: the result; for continue: the cursor  ARGV[11] reason, or ''
-- ARGV[12] ms: for done, the life of the result; for failed, snooze and continue, the time until the job is due
-- ARGV[13] the reason in the form of past attempts  ARGV[14] message of the error, or ''
-- Returns {'finished', state, generation, ms until the job is due, message of the job if it continues, message of the
-- follow-up job}, or {'stale', …}.
-- Keeps: only the holder ends a run, and only once; a repeated call returns the same answer.
local token, holderFence, outcome, payload, why, ms = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local shortWhy, errorText = ARGV[13], ARGV[14]
local record = redis.call('HMGET', recordKey, 'state', 'owner', 'fence', 'generation', 'dueAt', 'cancel', 'past',
  'slice', 'attempt', 'startedAt')
if record[2] ~= token or record[3] ~= holderFence then return {'stale', record[1] or '', '', 0, '', ''} end
if record[1] ~= 'running' then
  local message = record[1] == 'queued' and redis.call('HGET', recordKey, 'message') or ''
  local following = redis.call('HGET', recordKey, 'owes') and redis.call('HGET', recordKey, 'next') or ''
  return {'finished', record[1], record[4], math.max(0, (record[5] or now) - now), message, following}
end
local to, reason, brief, said = outcome, why, shortWhy, errorText
if record[6] and to ~= 'done' and to ~= 'dead' then
  to, reason, brief, said = 'cancelled', 'CANCELLED', 'CANCELLED', ''
end
local past = attempted(record[7], record[8], record[9], record[10], now, to, brief)
if to == 'done' or to == 'dead' or to == 'cancelled' then
  if to == 'done' then
    redis.call('SET', resultKey, payload, 'PX', ms)
    -- The record is deleted and written again, because a hash that once held a long message keeps using four times the
    -- memory, for 8 days.
    local fields = {'name', 'owner', 'fence', 'generation', 'attempt', 'errors', 'crashes', 'slice', 'enqueuedAt', 'next',
      'seen'}
    local values = redis.call('HMGET', recordKey, unpack(fields))
    redis.call('DEL', recordKey, stepsKey)
    local kept = {}
    for at, value in ipairs(values) do
      if value then kept[#kept + 1], kept[#kept + 2] = fields[at], value end
    end
    redis.call('HSET', recordKey, unpack(kept))
  end
  return {'finished', to, record[4], 0, '', ends('running', to, reason, 'past', past, 'errorMessage', said)}
end
if to == 'failed' then
  redis.call('HINCRBY', recordKey, 'errors', 1)
  redis.call('HSET', recordKey, 'retryAt', text(now + ms), 'reason', reason, 'errorMessage', said)
  move('running', 'failed', 'past', past)
  watch(now + ms + ${GRACE_MS})
  return {'finished', 'failed', record[4], 0, '', ''}
end
if to == 'continue' then
  redis.call('HSET', recordKey, 'cursor', payload, 'attempt', 0, 'errors', 0, 'crashes', 0)
  redis.call('HINCRBY', recordKey, 'slice', 1)
  redis.call('DEL', stepsKey)
else
  redis.call('HINCRBY', recordKey, 'attempt', -1)
end
local generation = redis.call('HINCRBY', recordKey, 'generation', 1)
redis.call('HSET', recordKey, 'dueAt', text(now + ms))
move('running', 'queued', 'past', past)
watch(now + ${UNPUBLISHED_MS})
return {'finished', 'queued', tostring(generation), tonumber(ms), redis.call('HGET', recordKey, 'message'), ''}
`,
  { allowOom: true, isReply: isFinish },
);

/** The end of a run, in the form that the script records. */
export type Ending =
  | { to: 'done'; result: string; keepMs: number }
  | { to: 'failed'; reason: string; errorMessage: string; waitMs: number }
  | { to: 'dead'; reason: string; errorMessage: string }
  | { to: 'cancelled'; reason: string }
  | { to: 'snooze'; delayMs: number }
  | { to: 'continue'; cursor: string };

/** The job after the end of a run. */
export interface Finished {
  state: State;
  generation: number;
  /** The time until a queued job is due, in ms. */
  delayMs: number;
  /** The message of a job that continues. The caller must publish it. */
  message: string;
  /** The message of the follow-up job. The caller must admit the follow-up job. */
  following: string;
}

/**
 * Ends a run; a repeated call returns the same answer. Returns `null` if the run no longer holds the claim. If a
 * cancellation was requested, the job ends as `cancelled`, unless this run ends it as `done` or `dead`. 1 request, 1
 * command.
 */
export async function finish(
  services: ScriptServices,
  ref: JobRef,
  { owner, fence }: Pick<Claim, 'owner' | 'fence'>,
  ending: Ending,
): Promise<Finished | null> {
  const answer = await finishScript.callFor(services, ref, [owner, fence, ending.to, ...detailsOf(ending)]);
  const [verdict, state, generation, delayMs, message, following] = answer;
  if (verdict === 'stale') return null;
  return { state: state as State, generation: Number(generation), delayMs: Number(delayMs), message, following };
}

/** Returns payload, reason, time, short reason and message, in the order of the script's arguments. */
function detailsOf(ending: Ending): [payload: string, reason: string, ms: number, brief: string, message: string] {
  switch (ending.to) {
    case 'done':
      return [ending.result, '', Math.max(1, ending.keepMs), '', ''];
    case 'failed':
      return ['', ending.reason, ending.waitMs, briefly(ending.reason), ending.errorMessage];
    case 'snooze':
      return ['', '', ending.delayMs, '', ''];
    case 'continue':
      return [ending.cursor, '', 0, '', ''];
    case 'dead':
      return ['', ending.reason, 0, briefly(ending.reason), ending.errorMessage];
    case 'cancelled':
      return ['', ending.reason, 0, briefly(ending.reason), ''];
  }
}
