/** Functions that change a job from outside its run: dead-letter, cancel, replay, or run now. */
import { isOneOf, isText, isTuple } from '../redis/index.ts';
import { type AdmitServices, admitFollowing } from './admit.ts';
import { type JobRef, recordKey, STATES } from './keys.ts';
import { jobScript, type ScriptServices, UNPUBLISHED_MS } from './lua.ts';
import { type Message, parseMessage } from './message.ts';
import { handover } from './qstash/publisher.ts';

const deadLetterScript = jobScript<[string, string | number]>(
  'jobs.dead-letter',
  `
-- Ends a job as dead that cannot be run: its input is invalid, or the release does not know its name or version.
-- ARGV[7] reason  ARGV[8] generation of the message  ARGV[9] message, for the case that Redis has lost the record
-- Returns {'dead', message of the follow-up job, or ''}, {'busy', ms to wait}, or {state | 'superseded', ''}.
-- Keeps: a job that is running or has ended keeps its state.
local reason, generation, message = ARGV[7], ARGV[8], ARGV[9]
local record = redis.call('HMGET', recordKey, 'state', 'generation', 'leaseUntil', 'past', 'slice', 'attempt',
  'startedAt')
local state = record[1]
if state == 'done' or state == 'dead' or state == 'cancelled' then return {state, ''} end
if state and tonumber(generation) < tonumber(record[2]) then return {'superseded', ''} end
if state == 'running' and tonumber(record[3]) > now then return {'busy', text(record[3] - now)} end
if not state then
  redis.call('HSET', recordKey, 'name', string.match(member, '^%S+ (%S+)'), 'generation', generation, 'message', message)
end
local crashed = {}
if state == 'running' then
  crashed = {'past', attempted(record[4], record[5], record[6], record[7], record[3], 'crashed', '')}
end
return {'dead', ends(state or nil, 'dead', reason, unpack(crashed))}
`,
  { isReply: isTuple(isOneOf('dead', 'done', 'cancelled', 'superseded', 'busy'), isText) },
);

/** The outcome of {@link deadLetter}. */
export type DeadLettered = { kind: 'dead' | 'done' | 'cancelled' | 'superseded' } | { kind: 'busy'; waitMs: number };

/** Makes a job a dead letter without running it. 1 request, 1 command. */
export async function deadLetter(services: AdmitServices, message: Message, reason: string): Promise<DeadLettered> {
  const args = [reason, message.generation, JSON.stringify(message)];
  const [kind, detail] = await deadLetterScript.callFor(services, message, args);
  if (kind === 'busy') return { kind, waitMs: Number(detail) };
  if (kind === 'dead' && detail !== '') await admitFollowing(services, message, String(detail));
  return { kind: kind as 'dead' | 'done' | 'cancelled' | 'superseded' };
}

const cancelScript = jobScript<string>(
  'jobs.cancel',
  `
-- Cancels a job. If the job is running, asks its run to stop.
-- Returns 'cancelled', 'requested' if the job is running, 'missing', or the state of a job that has ended.
-- Keeps: a job that was cancelled before its run is never run.
local state = redis.call('HGET', recordKey, 'state')
if not state then return 'missing' end
if state == 'running' then
  redis.call('HSET', recordKey, 'cancel', '1')
  return 'requested'
end
if state == 'queued' or state == 'failed' then
  ends(state, 'cancelled', 'CANCELLED')
  return 'cancelled'
end
return state
`,
  { allowOom: true, isReply: isOneOf('cancelled', 'requested', 'missing', 'done', 'dead') },
);

/** The outcome of cancelling. `requested`: the job is running, and its next heartbeat or progress stops the run. */
export type Cancelled = 'cancelled' | 'requested' | 'missing' | 'done' | 'dead';

/** Cancels a job of a tenant. 2 requests, 2 commands. */
export async function cancelJob(services: ScriptServices, tenant: string, id: string): Promise<Cancelled> {
  const ref = await findRef(services, tenant, id);
  return ref ? ((await cancelScript.callFor(services, ref)) as Cancelled) : 'missing';
}

const replayScript = jobScript<[string, string, string]>(
  'jobs.replay',
  `
-- Queues a dead or cancelled job again, under its own id and with all its attempts. The results of its steps stay
-- stored.
-- Returns {'publish', generation, message}, {'duplicate', id of the job that has the unique key, ''}, or {state, '',
-- ''}.
-- Keeps: a replay is the same job; steps with a stored result do not run again.
local record = redis.call('HMGET', recordKey, 'state', 'message', 'batch')
local state = record[1]
if (state ~= 'dead' and state ~= 'cancelled') or not record[2] then return {state or 'missing', '', ''} end
if unique then
  local holder = redis.call('GET', unique)
  if holder and holder ~= id then return {'duplicate', holder, ''} end
  redis.call('SET', unique, id)
end
local generation = redis.call('HINCRBY', recordKey, 'generation', 1)
redis.call('HSET', recordKey, 'attempt', 0, 'errors', 0, 'crashes', 0, 'dueAt', text(now))
redis.call('HDEL', recordKey, 'reason', 'errorMessage', 'duplicateOf')
move(state, 'queued')
tell('queued')
watch(now + ${UNPUBLISHED_MS})
return {'publish', tostring(generation), record[2]}
`,
  { isReply: isTuple(isOneOf('publish', 'duplicate', 'missing', ...STATES), isText, isText) },
);

/** The outcome of replaying: `queued`, or the reason why the job was not queued. */
export type Replayed = 'queued' | 'duplicate' | 'missing' | 'running' | 'failed' | 'done' | 'cancelled';

/**
 * Queues a dead or cancelled job again, under its own id. 2 requests and 2 commands to Redis, 1 request to QStash; if
 * QStash fails, the sweep publishes the job.
 */
export async function replayJob(services: AdmitServices, tenant: string, id: string): Promise<Replayed> {
  const [outcome = 'missing'] = await replayJobs(services, tenant, [id]);
  return outcome;
}

/**
 * Queues dead or cancelled jobs again, each under its own id. Returns the outcomes in the order of the ids. 2 requests
 * and 2 commands for each job to Redis, 1 request to QStash for each hundred jobs; if QStash fails, the sweep publishes
 * the jobs.
 */
export async function replayJobs(services: AdmitServices, tenant: string, ids: readonly string[]): Promise<Replayed[]> {
  return (await publishAgain(services, replayScript, tenant, ids)) as Replayed[];
}

/**
 * Calls a script that gives jobs their next generation, and publishes the jobs. Returns for each job `queued`, or the
 * reason for a refusal.
 */
async function publishAgain(
  services: AdmitServices,
  script: typeof replayScript | typeof runNowScript,
  tenant: string,
  ids: readonly string[],
): Promise<string[]> {
  const refs = await Promise.all(ids.map((id) => findRef(services, tenant, id)));
  const verdicts = await Promise.all(refs.map((ref) => ref && script.callFor(services, ref)));
  const now = services.system.now();
  const published = verdicts.flatMap((verdict) =>
    verdict?.[0] === 'publish' ? [handover(verdict[2], Number(verdict[1]), 0, now)] : [],
  );
  if (published.length > 0) await services.publisher.publish(published);
  return verdicts.map((verdict) => (verdict === null ? 'missing' : verdict[0] === 'publish' ? 'queued' : verdict[0]));
}

const runNowScript = jobScript<[string, string, string]>(
  'jobs.run-now',
  `
-- Makes a job due now that waits for its time or for its next attempt.
-- Returns {'publish', generation, message} or {state, '', ''}.
-- Keeps: a job that is running or has ended keeps its state. A message of an older generation is dropped when it
-- arrives.
local record = redis.call('HMGET', recordKey, 'state', 'message')
local state = record[1]
if state ~= 'queued' and state ~= 'failed' then return {state or 'missing', '', ''} end
local generation = redis.call('HINCRBY', recordKey, 'generation', 1)
redis.call('HSET', recordKey, 'dueAt', text(now), 'updatedAt', text(now))
if state == 'failed' then redis.call('HSET', recordKey, 'retryAt', text(now)) end
watch(now + ${UNPUBLISHED_MS})
return {'publish', tostring(generation), record[2]}
`,
  { isReply: isTuple(isOneOf('publish', 'missing', ...STATES), isText, isText) },
);

/** The outcome of {@link runJobNow}: `queued`, or the state that does not allow the run. */
export type RunNowOutcome = 'queued' | 'missing' | 'running' | 'done' | 'dead' | 'cancelled';

/**
 * Publishes a job that waits for its time or for its next attempt, so that it runs now. 2 requests and 2 commands to
 * Redis, 1 request to QStash; if QStash fails, the sweep publishes the job.
 */
export async function runJobNow(services: AdmitServices, tenant: string, id: string): Promise<RunNowOutcome> {
  const [outcome = 'missing'] = await publishAgain(services, runNowScript, tenant, [id]);
  return outcome as RunNowOutcome;
}

/** Reads the parts of a job's keys (name, unique key, batch) from its record; `null` if there is no record. */
async function findRef({ redis }: ScriptServices, tenant: string, id: string): Promise<JobRef | null> {
  const [name, text] = await redis.exec<(string | null)[]>(['HMGET', recordKey(tenant, id), 'name', 'message']);
  if (!name) return null;
  const { unique, batch, live } = text ? parseMessage(text) : {};
  return { tenant, name, id, unique, batch, live };
}
