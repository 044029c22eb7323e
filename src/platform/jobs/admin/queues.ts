/** Queues: jobs that share a limit of parallel runs. QStash enforces the limit, with one lane for each priority. */
import { JobError } from '../errors.ts';
import type { Job, Priority } from '../job.ts';
import { STATES, type State } from '../keys.ts';
import type { RecordServices } from '../record.ts';
import type { JobRegistry } from '../registry.ts';
import { readJobIndex } from './job-index.ts';

/** A queue, and the numbers of a tenant's jobs in the queue. */
export interface Queue {
  name: string;
  jobs: string[];
  /** The maximum number of parallel runs for each priority; `null` if there is no limit. */
  concurrency: number | null;
  /**
   * `true` if the queue is paused; `null` if QStash did not answer; always `false` for a queue without a limit of
   * parallel runs.
   */
  paused: boolean | null;
  counts: Record<State, number>;
  /**
   * The numbers of jobs that ended in the last hour. For each name and state, at most the newest 100,000 jobs count.
   */
  lastHour: Record<'done' | 'dead', number>;
  /** The time since which the oldest queued job is queued, in ms since the epoch; `null` without a queued job. */
  oldestQueuedAt: number | null;
}

const HOUR_MS = 3_600_000;
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** Returns the queues of an app, each with its jobs. */
export function queuesOf(jobs: JobRegistry): ReadonlyMap<string, Job[]> {
  return Map.groupBy(jobs.values(), ({ queue }) => queue);
}

/**
 * Counts a tenant's jobs, and asks QStash for the paused queues. 1 request to Redis with 1 command, and 3 requests to
 * QStash for each queue with a concurrency.
 */
export async function readQueues(
  services: Pick<RecordServices, 'redis'> & QueueServices,
  tenant: string,
  jobs: JobRegistry,
  now: number,
): Promise<Queue[]> {
  const queues = [...queuesOf(jobs)];
  const [{ counts }, paused] = await Promise.all([
    readJobIndex(services.redis, tenant, { names: [...jobs.keys()], limit: 0 }, now - HOUR_MS),
    Promise.all(queues.map(([name, members]) => concurrencyOf(members) !== null && isPaused(services, name))),
  ]);
  return queues.map(([name, members], index) => {
    const names = members.map((member) => member.name);
    const own = counts.filter((count) => names.includes(count.name));
    const sum = (state: State, of: 'jobs' | 'recent') =>
      own.filter((count) => count.state === state).reduce((all, count) => all + count[of], 0);
    const waiting = own.filter(({ state }) => state === 'queued').map(({ oldestAt }) => oldestAt);
    return {
      name,
      jobs: names,
      concurrency: concurrencyOf(members),
      paused: paused[index] ?? null,
      counts: Object.fromEntries(STATES.map((state) => [state, sum(state, 'jobs')])) as Record<State, number>,
      lastHour: { done: sum('done', 'recent'), dead: sum('dead', 'recent') },
      oldestQueuedAt: waiting.length === 0 ? null : Math.min(...waiting),
    };
  });
}

/**
 * Returns the concurrency of a queue. If several jobs declare a limit, the last declaration counts, as QStash uses the
 * limit of the last message.
 */
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

/** Sends one request to QStash for each lane of a queue, in parallel. A queue has one lane for each priority. */
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
    // If QStash does not know a lane, the lane is not paused.
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
