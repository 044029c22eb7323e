/**
 * The sweep redelivers late jobs. The watch list contains every job that has not ended, with the time of its next
 * expected change; a job is late after that time. A redelivery repairs three faults: QStash lost a message or stopped
 * retrying; a process died between a change and its publication; Redis answered too late.
 */
import { askedWaitOf } from '../duration.ts';
import { isEither, isInteger, isListOf, isOneOf, isText, isTuple, script } from '../redis/index.ts';
import { type AdmitServices, admitFollowing } from './admit.ts';
import { type JobRef, refOf, WATCH_SHARDS, watchKey } from './keys.ts';
import { GRACE_MS, jobScript, UNPUBLISHED_MS } from './lua.ts';
import { handover, type Outgoing } from './qstash/publisher.ts';

const lateScript = script<string[]>(
  'jobs.late',
  `
-- Takes late jobs from one shard of the watch list. For a time, no other sweep takes these jobs.
-- KEYS[1] watch list
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] the maximum number of jobs to take  ARGV[3] time in ms until the
-- jobs count as late again
-- Returns the members of the watch list that were taken.
-- Keeps: two sweeps take different jobs; if a sweep dies, its jobs count as late again.
local watchList, ahead, most, takenMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ahead
local late = redis.call('ZRANGEBYSCORE', watchList, '-inf', string.format('%.0f', now), 'LIMIT', 0, most)
for _, member in ipairs(late) do redis.call('ZADD', watchList, string.format('%.0f', now + takenMs), member) end
return late
`,
  { isReply: isListOf(isText) },
);

const isRevival = isEither(
  isTuple(isOneOf('publish'), isText, isInteger, isText),
  isTuple(isOneOf('follow', 'later', 'gone'), isText),
);

const redeliverScript = jobScript<['publish', generation: string, delayMs: number, message: string] | [string, string]>(
  'jobs.redeliver',
  `
-- Decides how to repair a job that has shown no sign of life for too long.
-- Returns {'publish', generation, ms until the job is due, message}, {'follow', message of the follow-up job}, or
-- {'later' | 'gone', ''}.
-- Keeps: a job that has not ended is in the watch list, and is published sooner or later. A job that must be published
-- is checked again soon, unless jobs.sent records the publication.
local record = redis.call('HMGET', recordKey, 'state', 'generation', 'sent', 'dueAt', 'leaseUntil', 'owes', 'message')
local state = record[1]
if not state then
  for at = 5, 10 do redis.call('ZREM', KEYS[at], id) end
  redis.call('ZREM', watchList, member)
  return {'gone', ''}
end
if record[6] then return {'follow', redis.call('HGET', recordKey, 'next')} end
if state == 'done' or state == 'dead' or state == 'cancelled' then
  redis.call('ZREM', watchList, member)
  return {'gone', ''}
end
if state == 'running' and tonumber(record[5]) > now then
  watch(record[5] + ${GRACE_MS})
  return {'later', ''}
end
local generation, delay = record[2], 0
if state == 'queued' and record[3] ~= generation then
  -- The message of this generation may or may not have been published. If it was, QStash drops this duplicate.
  delay = math.max(0, record[4] - now)
else
  generation = redis.call('HINCRBY', recordKey, 'generation', 1)
end
watch(now + ${UNPUBLISHED_MS})
return {'publish', tostring(generation), delay, record[7]}
`,
  { isReply: isRevival },
);

const sentScript = jobScript<number>(
  'jobs.sent',
  `
-- Records that a job was redelivered. The job now has the usual time to show a sign of life.
-- ARGV[7] published generation  ARGV[8] ms until the job is due
-- Returns 1, or 0 if the job has shown a sign of life meanwhile.
local published, delay = ARGV[7], ARGV[8]
local record = redis.call('HMGET', recordKey, 'state', 'generation', 'leaseUntil')
local waits = record[1] == 'queued' or record[1] == 'failed' or (record[1] == 'running' and tonumber(record[3]) <= now)
if record[2] ~= published or not waits then return 0 end
redis.call('HSET', recordKey, 'sent', published)
watch(now + delay + ${GRACE_MS})
return 1
`,
  { isReply: isOneOf(0, 1) },
);

const postponeScript = jobScript<number>(
  'jobs.postpone',
  `
-- Postpones the next check of a job that QStash refused for a time.
-- ARGV[7] refused generation, or '' for a follow-up job  ARGV[8] ms until the check
-- Returns 1, or 0 if the job has shown a sign of life meanwhile.
-- Keeps: the job stays in the watch list.
local refused, wait = ARGV[7], ARGV[8]
local record = redis.call('HMGET', recordKey, 'generation', 'owes')
if refused ~= (record[2] and '' or record[1]) then return 0 end
watch(now + wait)
return 1
`,
  { isReply: isOneOf(0, 1) },
);

/** The result of a sweep. */
export interface SweepResult {
  /** The number of redelivered jobs. */
  redelivered: number;
  /** The number of admitted follow-up jobs. */
  followed: number;
}

async function redeliver(services: AdmitServices, members: readonly string[]): Promise<SweepResult> {
  const refs = members.map(refOf);
  const answers = await Promise.allSettled(refs.map((ref) => redeliverScript.callFor(services, ref)));
  const late: Outgoing[] = [];
  const failures: unknown[] = [];
  let followed = 0;
  for (const [index, answer] of answers.entries()) {
    const ref = refs[index];
    if (answer.status !== 'fulfilled' || !ref) continue;
    const [verdict, detail, delayMs, text] = answer.value;
    try {
      if (verdict === 'follow') {
        const outcome = await admitFollowing(services, ref, detail);
        if (outcome?.status === 'rejected') await postpone(services, ref, '', outcome.reason);
        followed += 1;
      }
      if (verdict === 'publish' && text)
        late.push(handover(text, Number(detail), Number(delayMs), services.system.now()));
    } catch (error) {
      // The loop continues with the next job; the failed job stays on the watch list.
      failures.push(error);
    }
  }
  const result = await publishLate(services, late, followed);
  if (failures.length > 0) throw failures[0];
  return result;
}

async function publishLate(services: AdmitServices, late: readonly Outgoing[], followed: number): Promise<SweepResult> {
  if (late.length === 0) return { redelivered: 0, followed };
  const published = await services.publisher.publish(late);
  const sent = late.filter((_each, index) => published[index]?.status === 'fulfilled');
  // If the script fails for a job, the next sweep redelivers the job, and QStash or the claim drops the duplicate.
  await Promise.allSettled([
    ...sent.map(({ message, delayMs }) => sentScript.callFor(services, message, [message.generation, delayMs])),
    ...late.map(({ message }, index) => {
      const outcome = published[index];
      const refused = outcome?.status === 'rejected' ? outcome.reason : undefined;
      return postpone(services, message, String(message.generation), refused);
    }),
  ]);
  return { redelivered: sent.length, followed };
}

/**
 * Postpones the next check of a job for as long as QStash asked, if that is longer than the usual time. At most 1 request
 * and command.
 */
async function postpone(services: AdmitServices, ref: JobRef, generation: string, reason: unknown): Promise<void> {
  const waitMs = askedWaitOf(reason);
  if (waitMs > UNPUBLISHED_MS) await postponeScript.callFor(services, ref, [generation, waitMs]);
}

/**
 * Redelivers late jobs. 1 request to Redis with 1 command for each of the 16 shards. If any job is late: 2 more
 * requests for all late jobs, 1 to QStash, and the cost of `admitFollowing`. Jobs that QStash refused for a time
 * (`Retry-After`) are swept again after that time.
 * @param limit the maximum number of jobs to take from each shard.
 */
export async function sweepJobs(services: AdmitServices, limit = 50): Promise<SweepResult> {
  const { redis, system } = services;
  const shards = Array.from({ length: WATCH_SHARDS }, (_, shard) => watchKey(shard));
  const args = [system.redisAhead?.() ?? 0, limit, UNPUBLISHED_MS];
  const late = (await Promise.all(shards.map((shard) => lateScript.call(redis, [shard], args)))).flat();
  return late.length > 0 ? redeliver(services, late) : { redelivered: 0, followed: 0 };
}
