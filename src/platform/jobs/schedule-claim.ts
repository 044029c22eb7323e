/**
 * Claims of ticks. The process that claims a tick in Redis runs the tick; the claim ends when the run has finished or
 * the lease has expired. One command claims the ticks of all schedules, so a minute without due ticks costs one
 * command. A tick is a time of the cron expression, and a lease uses the clock of Redis. So the clocks of two functions
 * are never compared.
 */
import {
  isEither,
  isListForKeys,
  isOneOf,
  isText,
  isTuple,
  key,
  NO_TENANT,
  type RedisKey,
  script,
} from '../redis/index.ts';
import type { ScriptServices } from './lua.ts';
import type { Schedule } from './schedule.ts';

/** The maximum delay of a trigger after the tick, in ms, with which the trigger counts as on time. */
const ON_TIME_MS = 90_000;
/** The time, in ms, that a lease lasts in addition to the run's time limit. */
const LEASE_MARGIN_MS = 15_000;
/** The time after which the state of a schedule that is no longer declared is deleted, in ms. */
const FORGOTTEN_MS = 400 * 86_400_000;

const isVerdict = isEither(
  isEither(isTuple(isOneOf('run'), isText, isText), isTuple(isOneOf('behind', 'each'), isText)),
  isTuple(isOneOf('idle', 'busy', 'waits', 'skipped', 'missed', 'due')),
);

const claimScript = script<string[][]>(
  'schedules.claim',
  `
-- Claims the ticks that are due.
-- KEYS[i] state of schedule i
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] token of the claim  ARGV[3] time of the trigger, in ms
-- ARGV[4] the maximum number of ticks to claim  ARGV[7i-2] latest tick of schedule i  ARGV[7i-1] the tick before the
-- latest, or ''
-- ARGV[7i] life of the lease in ms  ARGV[7i+1] skip | queue  ARGV[7i+2] none | latest | all | manual
-- ARGV[7i+3] the maximum number of attempts at a tick  ARGV[7i+4] 1 if the schedule is not exclusive: each trigger runs
-- it
-- Returns, for each schedule, {'run', tick, attempt}, {'behind', last handled tick}, {'each', last outcome}, or
-- {verdict}. A run of a schedule that is not exclusive is counted as ok here, without a further request; schedules.note
-- corrects the count after a failure.
-- Keeps: a tick has one holder at a time; a handled tick is never claimed again; a repeated call counts nothing twice.
-- A paused schedule starts no run; its end passes the ticks over.
local ahead, token, triggeredAt, mostClaims = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local left = tonumber(mostClaims)
local function text(number) return string.format('%.0f', number) end

local function judge(state, latest, previous, lease, overlap, catchUp, most, each)
  if each == '1' then
    local known = redis.call('HMGET', state, 'lastOutcome', 'lastOwner')
    if known[2] ~= token then
      redis.call('HINCRBY', state, 'ok', 1)
      redis.call('HSET', state, 'lastTick', text(latest), 'lastEndedAt', text(now), 'lastOwner', token,
        'lastOutcome', known[1] or 'ok', 'lastMs', '', 'lastDetail', '')
      redis.call('PEXPIRE', state, ${FORGOTTEN_MS})
    end
    return {'each', known[1] or 'ok'}
  end
  local record = redis.call('HMGET', state, 'seen', 'tick', 'owner', 'leaseUntil', 'attempt', 'queued', 'pausedAt')
  local seen, tick, owner, attempt = tonumber(record[1]), record[2], record[3], tonumber(record[5] or 0)
  local function claim(which, nth)
    left = left - 1
    redis.call('HSET', state, 'tick', text(which), 'owner', token, 'leaseUntil', text(now + lease),
      'attempt', nth, 'startedAt', text(now))
    if catchUp ~= 'manual' then
      redis.call('HSET', state, 'seen', text(math.max(which, seen or 0)))
      redis.call('HDEL', state, 'queued')
    end
    redis.call('PEXPIRE', state, ${FORGOTTEN_MS})
    return {'run', text(which), text(nth)}
  end
  if record[7] and catchUp ~= 'manual' and owner ~= token then return {'idle'} end
  local newer = catchUp ~= 'manual' and seen and latest > seen
  if tick then
    local live = tonumber(record[4]) > now
    if owner == token then
      redis.call('HSET', state, 'leaseUntil', text(now + lease))
      return {'run', tick, text(attempt)}
    end
    if live and owner ~= '' then
      if not newer then return {'busy'} end
      if overlap == 'queue' then
        redis.call('HSET', state, 'queued', text(latest))
        return {'busy'}
      end
      redis.call('HSET', state, 'seen', text(latest))
      redis.call('HINCRBY', state, 'skipped', 1)
      return {'skipped'}
    end
    local replaced = catchUp == 'manual' or (newer and catchUp ~= 'all')
    if attempt < most and not replaced then
      if live then return {'waits'} end
      if left <= 0 then return {'due'} end
      return claim(tonumber(tick), attempt + 1)
    end
    if owner ~= '' then
      redis.call('HSET', state, 'lastTick', tick, 'lastOutcome', 'crashed', 'lastEndedAt', text(now), 'lastMs', '',
        'lastDetail', '')
      redis.call('HINCRBY', state, 'crashed', 1)
    end
    redis.call('HDEL', state, 'tick', 'owner', 'leaseUntil', 'attempt')
  end
  if catchUp == 'manual' then return claim(latest, 1) end
  local onTime = latest >= triggeredAt - ${ON_TIME_MS} or record[6] == text(latest)
  if seen and latest <= seen then return {'idle'} end
  if not onTime and (not seen or catchUp == 'none') then
    -- A new schedule has no earlier ticks, so it has missed none.
    if seen then redis.call('HINCRBY', state, 'missed', 1) end
    redis.call('HSET', state, 'seen', text(latest))
    redis.call('PEXPIRE', state, ${FORGOTTEN_MS})
    return {seen and 'missed' or 'idle'}
  end
  if left <= 0 then
    redis.call('HSET', state, 'queued', text(latest))
    return {'due'}
  end
  if catchUp == 'all' and seen and seen < tonumber(previous) then
    left = left - 1
    return {'behind', text(seen)}
  end
  return claim(latest, 1)
end

local verdicts = {}
for i, state in ipairs(KEYS) do
  local at = 7 * i - 2
  local latest, previous, lease = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local overlap, catchUp, most, each = ARGV[at + 3], ARGV[at + 4], tonumber(ARGV[at + 5]), ARGV[at + 6]
  verdicts[i] = judge(state, latest, previous, lease, overlap, catchUp, most, each)
end
return verdicts
`,
  { isReply: isListForKeys(isVerdict) },
);

/** A schedule whose tick a trigger may claim. */
export interface Candidate {
  schedule: Schedule;
  /** The schedule's last tick at or before the trigger, in ms since the epoch. */
  latest: number;
  /** The tick before `latest`; `null` unless `catchUp` is `all`. */
  previous: number | null;
  /** `true` if an operator requested the run, which then starts regardless of `cron`. */
  manual?: boolean;
}

/** The answer to a claim of a schedule's tick. */
export type TickVerdict =
  /** The caller has the claim and must run the tick. */
  | { kind: 'run'; tick: number; attempt: number }
  /** Ticks after `seen` were missed; the caller must claim the next tick after `seen`. */
  | { kind: 'behind'; seen: number }
  /** The schedule is not exclusive, so each trigger runs the tick. `lastOutcome` is the outcome of the previous run. */
  | { kind: 'each'; lastOutcome: string }
  /** The caller has nothing to run. `due`: the tick is due, but the caller has reached its maximum of claims. */
  | { kind: 'idle' | 'busy' | 'waits' | 'skipped' | 'missed' | 'due' };

/** Returns the key of a schedule's state. */
export function scheduleKey({ name }: Pick<Schedule, 'name'>): RedisKey {
  return key(NO_TENANT, 'schedule', name);
}

/**
 * Claims due ticks, at most `most`. A repeated call with the same token returns the same claims. 1 request, 1 command
 * for any number of schedules.
 * @param triggeredAt the minute of the trigger, in ms since the epoch.
 */
export async function claimTicks(
  { redis, system }: ScriptServices,
  candidates: readonly Candidate[],
  { owner, triggeredAt, most }: { owner: string; triggeredAt: number; most: number },
): Promise<TickVerdict[]> {
  const verdicts = await claimScript.call(
    redis,
    candidates.map(({ schedule }) => scheduleKey(schedule)),
    [system.redisAhead?.() ?? 0, owner, triggeredAt, most, ...candidates.flatMap(argumentsOf)],
  );
  return candidates.map((_each, index) => verdictOf(verdicts[index] ?? []));
}

function argumentsOf({ schedule, latest, previous, manual = false }: Candidate): (string | number)[] {
  const { timeoutMs, overlap, catchUp, attempts, exclusive } = schedule;
  const lease = timeoutMs + LEASE_MARGIN_MS;
  const every = exclusive || manual ? 0 : 1;
  return [latest, previous ?? '', lease, overlap, manual ? 'manual' : catchUp, attempts, every];
}

function verdictOf([kind = 'idle', detail = '', attempt = '']: readonly string[]): TickVerdict {
  if (kind === 'run') return { kind, tick: Number(detail), attempt: Number(attempt) };
  if (kind === 'behind') return { kind, seen: Number(detail) };
  if (kind === 'each') return { kind, lastOutcome: detail };
  return { kind: kind as 'idle' | 'busy' | 'waits' | 'skipped' | 'missed' | 'due' };
}
