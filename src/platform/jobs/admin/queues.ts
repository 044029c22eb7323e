/** Queues: jobs that share a limit of parallel runs. QStash enforces the limit, with one lane for each priority. */
import { JobError } from '../errors.ts';
import type { Job, Priority } from '../job.ts';
import { indexKey, STATES, type State } from '../keys.ts';
import type { RecordServices } from '../record.ts';
import type { JobRegistry } from '../registry.ts';

/** A queue, and the numbers of a tenant's jobs in the queue. */
export interface Queue {
  name: string;
  jobs: string[];
  /** The most parallel runs for each priority; `null` for no limit. */
  concurrency: number | null;
  /** `true` if the queue is paused; `null` if QStash did not answer. Without a concurrency always `false`. */
  paused: boolean | null;
  counts: Record<State, number>;
  /** The numbers of jobs that ended in the last hour: for each name, of the newest 1,000 done or 10,000 dead jobs. */
  lastHour: Record<'done' | 'dead', number>;
}

const HOUR_MS = 3_600_000;
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** Returns the queues of an app, each with its jobs. */
export function queuesOf(jobs: JobRegistry): ReadonlyMap<string, Job[]> {
  return Map.groupBy(jobs.values(), ({ queue }) => queue);
}

/**
 * Counts a tenant's jobs, and asks QStash for the paused queues. 1 request to Redis with 8 commands for each name of
 * a job, and 3 requests to QStash for each queue with a concurrency.
 */
export async function readQueues(
  services: Pick<RecordServices, 'redis'> & QueueServices,
  tenant: string,
  jobs: JobRegistry,
  now: number,
): Promise<Queue[]> {
  const count = async (members: readonly Job[], state: State, since?: number) => {
    const counts = members.map(({ name }) => {
      const list = indexKey(tenant, name, state);
      return services.redis.exec<number>(
        since === undefined ? ['ZCARD', list] : ['ZCOUNT', list, String(since), '+inf'],
      );
    });
    return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  };
  return Promise.all(
    [...queuesOf(jobs)].map(async ([name, members]) => {
      const concurrency = concurrencyOf(members);
      const [states, done, dead, paused] = await Promise.all([
        Promise.all(STATES.map(async (state) => [state, await count(members, state)] as const)),
        count(members, 'done', now - HOUR_MS),
        count(members, 'dead', now - HOUR_MS),
        concurrency === null ? false : isPaused(services, name),
      ]);
      return {
        name,
        jobs: members.map((member) => member.name),
        concurrency,
        paused,
        counts: Object.fromEntries(states) as Record<State, number>,
        lastHour: { done, dead },
      };
    }),
  );
}

/** Returns the concurrency of the last declared job with a limit. QStash, too, uses the last message's setting. */
export function concurrencyOf(members: readonly Job[]): number | null {
  return members.findLast(({ concurrency }) => concurrency !== null)?.concurrency ?? null;
}

/** The services that send requests about queues to QStash. */
export interface QueueServices {
  fetch: typeof fetch;
  environment: { QSTASH_URL: string; QSTASH_TOKEN: string };
}

/** The longest wait for QStash's response, in ms. */
const TIMEOUT_MS = 5_000;

/** Sends one request to QStash for each lane (one lane for each priority) of a queue, in parallel. */
function askLanes<Answer>(
  { fetch: send, environment }: QueueServices,
  queue: string,
  ask: (lane: string, init: RequestInit, send: typeof fetch) => Promise<Answer>,
): Promise<PromiseSettledResult<Answer>[]> {
  const base = `${environment.QSTASH_URL.replace(/\/+$/, '')}/v2/flowControl`;
  const headers = { authorization: `Bearer ${environment.QSTASH_TOKEN}` };
  const asked = PRIORITIES.map((priority) =>
    ask(`${base}/${queue}.${priority}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, send),
  );
  return Promise.allSettled(asked);
}

/**
 * Pauses or resumes a queue for all tenants. Running jobs continue. 3 requests to QStash.
 * @throws {JobError} `JOB_QUEUE_UNREACHABLE` if QStash did not confirm all lanes; a repeated call does no harm.
 */
export async function switchQueue(services: QueueServices, queue: string, action: 'pause' | 'resume'): Promise<void> {
  const switched = await askLanes(services, queue, async (lane, init, send) => {
    const answer = await send(`${lane}/${action}`, { ...init, method: 'POST', body: '' });
    await answer.text();
    // A lane that QStash does not know is not paused.
    return answer.ok || (answer.status === 404 && action === 'resume');
  });
  if (switched.every((outcome) => outcome.status === 'fulfilled' && outcome.value)) return;
  throw new JobError('JOB_QUEUE_UNREACHABLE', `QStash did not ${action} all lanes of queue ${queue}`);
}

/** Returns `true` if any lane of a queue is paused, `null` if QStash does not answer. 3 requests to QStash. */
async function isPaused(services: QueueServices, queue: string): Promise<boolean | null> {
  const lanes = await askLanes(services, queue, async (lane, init, send) => {
    const answer = await send(lane, init);
    const text = await answer.text();
    if (answer.status === 404) return false;
    return answer.ok ? (JSON.parse(text) as { isPaused?: unknown }).isPaused === true : null;
  });
  const said = lanes.map((lane) => (lane.status === 'fulfilled' ? lane.value : null));
  return said.includes(true) ? true : said.includes(null) ? null : false;
}
