/**
 * Admission turns a job's outbox entry into a queued job: a script writes the record, then the message is published. If
 * the process dies between the two steps, the drain repeats the admission and publishes the message. A repeated
 * admission may publish the same message again; then QStash or the claim drops the duplicate.
 */

import type { OutboxHandler } from '../outbox/index.ts';
import { isEither, isInteger, isOneOf, isText, isTuple } from '../redis/index.ts';
import type { JobRef } from './keys.ts';
import { GRACE_MS, jobScript, type ScriptServices } from './lua.ts';
import { type Message, parseMessage } from './message.ts';
import type { Outgoing, Publisher } from './qstash/publisher.ts';

const admitScript = jobScript<['publish', delayMs: number] | ['known' | 'duplicate', string]>(
  'jobs.admit',
  `
-- Writes the record of a new job, and takes the unique key of the job.
-- ARGV[7] name  ARGV[8] version  ARGV[9] generation  ARGV[10] due time  ARGV[11] time of enqueueing  ARGV[12] message
-- ARGV[13] message of the follow-up job, or ''  ARGV[14] 1 if a later job with the same unique key replaces this job
-- Returns {'publish', ms until the job is due}, {'known', state} if the job already has a record, or {'duplicate', id
-- of the job that has the unique key}.
-- Keeps: one record for each id; of the jobs with one unique key at most one runs.
local name, version, generation, dueAt, enqueuedAt, message = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local following, takesOver = ARGV[13], ARGV[14]
local known = redis.call('HMGET', recordKey, 'state', 'generation')
local delay = math.max(0, dueAt - now)
if known[1] then
  if known[1] == 'queued' and known[2] == generation then return {'publish', delay} end
  return {'known', known[1]}
end
redis.call('HSET', recordKey, 'name', name, 'version', version, 'generation', generation, 'sent', generation,
  'dueAt', dueAt, 'enqueuedAt', enqueuedAt, 'message', message)
if following ~= '' then redis.call('HSET', recordKey, 'next', following) end
if unique then
  local holder = redis.call('GET', unique)
  if holder and holder ~= id and takesOver ~= '1' then
    redis.call('HSET', recordKey, 'duplicateOf', holder)
    ends(nil, 'cancelled', 'DUPLICATE')
    return {'duplicate', holder}
  end
  redis.call('SET', unique, id)
end
move(nil, 'queued')
watch(now + delay + ${GRACE_MS})
return {'publish', delay}
`,
  { isReply: isEither(isTuple(isOneOf('publish'), isInteger), isTuple(isOneOf('known', 'duplicate'), isText)) },
);

/** The services of admission and publication. */
export interface AdmitServices extends ScriptServices {
  publisher: Publisher;
}

/** The maximum number of jobs to admit with one request. */
const LARGEST_CHUNK = 100;

/**
 * Admits jobs and publishes their messages. For each hundred jobs: 1 request to Redis with 1 command for each job, and
 * 1 request to QStash.
 * @returns for each job a fulfilled result if the job is admitted and published, or needs no publication.
 */
export async function admit(
  services: AdmitServices,
  messages: readonly Message[],
): Promise<PromiseSettledResult<unknown>[]> {
  const outcomes: PromiseSettledResult<unknown>[] = [];
  for (let start = 0; start < messages.length; start += LARGEST_CHUNK) {
    outcomes.push(...(await admitChunk(services, messages.slice(start, start + LARGEST_CHUNK))));
  }
  return outcomes;
}

async function admitChunk(
  services: AdmitServices,
  messages: readonly Message[],
): Promise<PromiseSettledResult<unknown>[]> {
  const admitted = await Promise.allSettled(messages.map((message) => admitOne(services, message)));
  const outgoing: Outgoing[] = [];
  for (const [index, message] of messages.entries()) {
    const result = admitted[index];
    if (result?.status !== 'fulfilled' || result.value[0] !== 'publish') continue;
    outgoing.push({ message, delayMs: Number(result.value[1]) });
  }
  const published = outgoing.length > 0 ? await services.publisher.publish(outgoing) : [];
  const verdicts = new Map(outgoing.map(({ message }, index) => [message, published[index]]));
  return admitted.map((result, index) => verdicts.get(messages[index] as Message) ?? result);
}

/** Writes the record of a job. 1 request, 1 command. */
export function admitOne(services: ScriptServices, message: Message) {
  const { name, version, generation, dueAt, enqueuedAt, next, debounced } = message;
  return admitScript.callFor(services, message, [
    name,
    version,
    generation,
    dueAt,
    enqueuedAt,
    JSON.stringify(message),
    next ? JSON.stringify(next) : '',
    debounced ? 1 : 0,
  ]);
}

/** Returns the handler of the jobs' outbox entries; see `outbox/outbox-handlers.ts`. */
export function jobOutboxHandler(services: AdmitServices): OutboxHandler {
  return (entries) =>
    admit(
      services,
      entries.map(({ payload }) => payload as Message),
    );
}

const settleScript = jobScript<number>(
  'jobs.settle',
  `
-- Notes that the follow-up job of an ended job has been admitted. The ended job leaves the watch list.
-- Returns 1 if the job was in the watch list, 0 if not.
redis.call('HDEL', recordKey, 'next', 'owes')
return redis.call('ZREM', watchList, member)
`,
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/**
 * Admits the follow-up job of an ended job. If the admission fails, the sweep repeats it. The id of the follow-up job
 * is fixed, so a repeated admission creates no second job. 2 requests to Redis and 1 to QStash.
 * @returns the outcome of the admission.
 */
export async function admitFollowing(
  services: AdmitServices,
  ref: JobRef,
  following: string,
): Promise<PromiseSettledResult<unknown> | undefined> {
  const [outcome] = await admit(services, [parseMessage(following)]);
  if (outcome?.status === 'fulfilled') await settleScript.callFor(services, ref);
  return outcome;
}
