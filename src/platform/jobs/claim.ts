/**
 * The claim gives one run the lease of a job, until the run has finished or the lease has expired. Each claim has a
 * token, so a request that is repeated after a lost answer returns the same claim. The claim also counts attempts and
 * crashes. A run has crashed if its lease expired before the run finished; the next claim notices the crash.
 */
import { isEither, isListFrom, isOneOf, isText, isTuple } from '../redis/index.ts';
import type { JobRef } from './keys.ts';
import { GRACE_MS, jobScript, type ScriptServices } from './lua.ts';
import { NONCE_LENGTH } from './qstash/signature.ts';

/** The maximum time by which a delivery may be early, in ms: QStash rounds its waits to whole seconds. */
const EARLY_MS = 1_000;
/** The shortest time between two live events about a job's progress, in ms. */
const TELL_MS = 1_000;
/**
 * The number of nonces that the record keeps. With the default backoff, a job has fewer deliveries than this while a
 * signature is valid.
 */
const REMEMBERED = 6;

const isClaimed = isListFrom(
  [isOneOf('claimed'), isText, isText, isText, isText, isText, isText, isOneOf('0', '1')],
  isText,
);
const isNotClaimed = isEither(
  isTuple(isOneOf('busy', 'early'), isText),
  isTuple(isOneOf('superseded', 'missing', 'replay', 'done', 'dead', 'cancelled', 'crashed')),
);

/** Checks a reply of the script. After the first 8 texts, each step is followed by its result, so the length is even. */
function isClaim(reply: unknown): reply is string[] {
  return isNotClaimed(reply) || (isClaimed(reply) && reply.length % 2 === 0);
}

const claimScript = jobScript<string[]>(
  'jobs.claim',
  `
-- Claims a job.
-- ARGV[7] token of the run  ARGV[8] life of the lease in ms  ARGV[9] generation of the message
-- ARGV[10] number of crashes after which the next crash ends the job as dead
-- ARGV[11] 1 if the job may run only while it has the unique key
-- ARGV[12] nonce of the delivery, or ''
-- Returns {'claimed', fence, attempt, errors, crashes, slice, cursor, 1 if this call noticed a crash, step, result, step,
-- result, …}, {'busy' | 'early', ms to wait}, {'superseded' | 'missing' | 'replay'}, {'crashed'} if this call noticed the
-- crash that ends the job as dead, or {state} if the job had ended.
-- Keeps: one run at a time; fences only grow; a job that has ended never runs again; a delivery runs its job only once.
local token, lease, generation, mostCrashes, onlyHolder = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local nonce = ARGV[12]
local record = redis.call('HMGET', recordKey, 'state', 'generation', 'owner', 'fence', 'leaseUntil', 'retryAt', 'cancel',
  'attempt', 'errors', 'crashes', 'slice', 'cursor', 'startedAt', 'past', 'seen')
local state, owner, fence = record[1], record[3], record[4]
local crashed = {}
local attempt, errors, crashes = tonumber(record[8] or 0), record[9] or '0', tonumber(record[10] or 0)
local function claimed()
  local answer = {'claimed', fence, tostring(attempt), errors, tostring(crashes), record[11] or '0', record[12] or '',
    #crashed > 0 and '1' or '0'}
  -- The first run of the first generation has no stored steps, so their read is skipped. (A snooze does not use up an
  -- attempt, but makes a new generation.)
  if attempt > 1 or tonumber(record[2]) > 0 then
    for _, each in ipairs(redis.call('HGETALL', stepsKey)) do answer[#answer + 1] = each end
  end
  return answer
end
if not state then return {'missing'} end
local seen = record[15] or ''
-- During a run, a repeated delivery is not a replay: the sender may have lost the answer. So it must wait like any
-- other.
local goesOn = state == 'running' and (owner == token or tonumber(record[5]) > now)
if not goesOn and nonce ~= '' and string.find(seen, nonce, 1, true) then return {'replay'} end
if state == 'done' or state == 'dead' or state == 'cancelled' then return {state} end
if tonumber(generation) < tonumber(record[2]) then return {'superseded'} end
if state == 'running' then
  if owner == token then return claimed() end
  if tonumber(record[5]) > now then return {'busy', text(record[5] - now)} end
  crashes = redis.call('HINCRBY', recordKey, 'crashes', 1)
  crashed = {'past', attempted(record[14], record[11], record[8], record[13], record[5], 'crashed', '')}
end
if record[7] then
  ends(state, 'cancelled', 'CANCELLED', unpack(crashed))
  return {'cancelled'}
end
local holder = onlyHolder == '1' and unique and redis.call('GET', unique)
if holder and holder ~= id then
  ends(state, 'cancelled', 'SUPERSEDED', unpack(crashed))
  return {'cancelled'}
end
if crashes > tonumber(mostCrashes) then
  ends(state, 'dead', 'CRASHED', unpack(crashed))
  return {'crashed'}
end
if state == 'failed' and record[6] - now > ${EARLY_MS} then return {'early', text(record[6] - now)} end
attempt = redis.call('HINCRBY', recordKey, 'attempt', 1)
-- The fence is at least the clock, so that it also grows if Redis has lost the record.
fence = text(math.max(tonumber(fence or '0') + 1, now * 4096))
redis.call('HSET', recordKey, 'owner', token, 'fence', fence, 'leaseUntil', text(now + lease),
  'seen', string.sub(seen .. nonce, -${REMEMBERED * NONCE_LENGTH}))
move(state, 'running', 'startedAt', text(now), unpack(crashed))
watch(now + lease + ${GRACE_MS})
return claimed()
`,
  { isReply: isClaim },
);

/** A run's claim on its job. */
export interface Claim {
  owner: string;
  fence: number;
  /** The number of the attempt: 1 in the first run of a slice. */
  attempt: number;
  /** The number of failed runs of this slice. */
  errors: number;
  /** The number of crashed runs of this slice: runs that ended without reporting an outcome. */
  crashes: number;
  slice: number;
  /** The cursor, in the form of `payload.ts`; empty in the first slice. */
  cursor: string;
  /** The results of steps from earlier attempts, by the step's name, in the form of `payload.ts`. */
  steps: Map<string, string>;
}

/** The answer to a request for a claim. */
export type ClaimAnswer =
  /** `crashed`: the earlier run has crashed. */
  | { kind: 'claimed'; claim: Claim; crashed: boolean }
  /** The earlier run has crashed, and the job has ended as dead. */
  | { kind: 'crashed' }
  /** `busy`: another run holds the lease. `early`: the next attempt is not due yet. */
  | { kind: 'busy' | 'early'; waitMs: number }
  /** The job has ended, or a newer message has superseded this message. */
  | { kind: 'done' | 'dead' | 'cancelled' | 'superseded' }
  /** The same delivery has already run the job. */
  | { kind: 'replay' }
  /** Redis has no record of the job. */
  | { kind: 'missing' };

/** The settings with which a run claims its job. */
export interface ClaimTerms {
  owner: string;
  leaseMs: number;
  generation: number;
  maxCrashes: number;
  debounced: boolean;
  /** The nonce of the delivery; see `Delivered`. */
  nonce: string;
}

/** Claims a job. A repeated call with the same token returns the same claim. 1 request, 1 command. */
export async function claim(services: ScriptServices, ref: JobRef, terms: ClaimTerms): Promise<ClaimAnswer> {
  const { owner, leaseMs, generation, maxCrashes, debounced, nonce } = terms;
  const args = [owner, leaseMs, generation, maxCrashes, debounced ? 1 : 0, nonce];
  const answer = await claimScript.callFor(services, ref, args);
  const [kind, detail, ...rest] = answer;
  if (kind === 'busy' || kind === 'early') return { kind, waitMs: Math.max(0, Number(detail)) };
  if (kind !== 'claimed')
    return { kind: kind as 'done' | 'dead' | 'cancelled' | 'superseded' | 'missing' | 'replay' | 'crashed' };
  const [attempt, errors, crashes, slice, cursor = '', crashed, ...steps] = rest;
  return {
    kind,
    crashed: crashed === '1',
    claim: {
      owner,
      fence: Number(detail),
      attempt: Number(attempt),
      errors: Number(errors),
      crashes: Number(crashes),
      slice: Number(slice),
      cursor,
      steps: new Map(pairs(steps)),
    },
  };
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2] ?? '', flat[index * 2 + 1] ?? '']);
}

const heartbeatScript = jobScript<['ok' | 'stale', cancelled: number]>(
  'jobs.heartbeat',
  `
-- Extends the lease, and stores the progress. Tells the listeners of a live job, at most once a second; the next call
-- tells a progress that came too early.
-- ARGV[7] token  ARGV[8] fence  ARGV[9] life of the lease in ms  ARGV[10] progress, or '' for no change
-- Returns {'ok', 1 if the job must be cancelled, else 0}, or {'stale', 0} if the run no longer holds the lease.
-- Keeps: only the holder of the lease can extend the lease.
local token, fence, lease, progress = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local record = redis.call('HMGET', recordKey, 'state', 'owner', 'fence', 'cancel', 'toldAt', 'untold')
if record[1] ~= 'running' or record[2] ~= token or record[3] ~= fence then return {'stale', 0} end
redis.call('HSET', recordKey, 'leaseUntil', text(now + lease), 'updatedAt', text(now))
if progress ~= '' then redis.call('HSET', recordKey, 'progress', progress) end
if nonce ~= '' and (progress ~= '' or record[6] == '1') then
  local due = now - (record[5] or 0) >= ${TELL_MS}
  if due then tell('progress') end
  redis.call('HSET', recordKey, 'toldAt', due and text(now) or record[5], 'untold', due and '0' or '1')
end
watch(now + lease + ${GRACE_MS})
return {'ok', record[4] and 1 or 0}
`,
  { allowOom: true, isReply: isTuple(isOneOf('ok', 'stale'), isOneOf(0, 1)) },
);

/** Extends a claim's lease, and stores the progress unless it is empty. 1 request, 1 command. */
export async function heartbeat(
  services: ScriptServices,
  ref: JobRef,
  { owner, fence }: Claim,
  leaseMs: number,
  progress = '',
): Promise<'ok' | 'stale' | 'cancelled'> {
  const [answer, cancelled] = await heartbeatScript.callFor(services, ref, [owner, fence, leaseMs, progress]);
  return answer === 'ok' && cancelled === 1 ? 'cancelled' : answer;
}

const stepScript = jobScript<number>(
  'jobs.step',
  `
-- Stores the result of a step, for later attempts.
-- ARGV[7] token  ARGV[8] fence  ARGV[9] name of the step  ARGV[10] result
-- Returns 1, or 0 if the run no longer holds the lease.
local token, fence, step, result = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local record = redis.call('HMGET', recordKey, 'state', 'owner', 'fence')
if record[1] ~= 'running' or record[2] ~= token or record[3] ~= fence then return 0 end
redis.call('HSET', stepsKey, step, result)
return redis.call('PEXPIRE', stepsKey, redis.call('PTTL', recordKey))
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** Stores the result of a step. Returns `false` if the run no longer holds the lease. 1 request, 1 command. */
export async function keepStep(
  services: ScriptServices,
  ref: JobRef,
  { owner, fence }: Claim,
  step: string,
  result: string,
): Promise<boolean> {
  return (await stepScript.callFor(services, ref, [owner, fence, step, result])) === 1;
}
