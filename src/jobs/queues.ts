/** Queues: the jobs that share a limit of how many run at a time. QStash keeps the limit, in a lane for each priority. */
import { JobError } from './errors.ts';
import type { Job, Priority } from './job.ts';
import { indexKey, STATES, type State } from './keys.ts';
import type { RecordServices } from './record.ts';
import type { JobRegistry } from './registry.ts';

/** A queue, and how a tenant's jobs in it are doing. */
export interface Queue {
  name: string;
  jobs: string[];
  /** How many run at a time, for each priority; `null` for as many as come. */
  concurrency: number | null;
  counts: Record<State, number>;
  /** Jobs that ended in the last hour, of the newest 1,000 of each name. */
  lastHour: Record<'done' | 'dead', number>;
}

const HOUR_MS = 3_600_000;
const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** The queues of an app, each with its jobs. */
export function queuesOf(jobs: JobRegistry): ReadonlyMap<string, Job[]> {
  return Map.groupBy(jobs.values(), ({ queue }) => queue);
}

/** Counts a tenant's jobs. 1 request, 8 commands for each name of a job. */
export async function readQueues(
  { redis }: Pick<RecordServices, 'redis'>,
  tenant: string,
  jobs: JobRegistry,
  now: number,
): Promise<Queue[]> {
  const count = async (members: readonly Job[], state: State, since?: number) => {
    const counts = members.map(({ name }) => {
      const list = indexKey(tenant, name, state);
      return redis.exec<number>(since === undefined ? ['ZCARD', list] : ['ZCOUNT', list, String(since), '+inf']);
    });
    return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  };
  return Promise.all(
    [...queuesOf(jobs)].map(async ([name, members]) => {
      const [states, done, dead] = await Promise.all([
        Promise.all(STATES.map(async (state) => [state, await count(members, state)] as const)),
        count(members, 'done', now - HOUR_MS),
        count(members, 'dead', now - HOUR_MS),
      ]);
      return {
        name,
        jobs: members.map((each) => each.name),
        concurrency: concurrencyOf(members),
        counts: Object.fromEntries(states) as Record<State, number>,
        lastHour: { done, dead },
      };
    }),
  );
}

/** The last one declared wins, as with QStash the last message does. */
export function concurrencyOf(members: readonly Job[]): number | null {
  return members.findLast(({ concurrency }) => concurrency !== null)?.concurrency ?? null;
}

/** What pausing needs. */
export interface QueueServices {
  fetch: typeof fetch;
  environment: { QSTASH_URL: string; QSTASH_TOKEN: string };
}

/** How long QStash may take to answer, in ms. */
const TIMEOUT_MS = 5_000;

/**
 * Holds back the jobs of a queue, or lets them go, for all tenants. What runs goes on running. 3 requests to QStash.
 * @throws {JobError} `JOB_QUEUE_UNREACHABLE` if QStash did not confirm all of its lanes; doing it again does no harm.
 */
export async function switchQueue(
  { fetch: send, environment }: QueueServices,
  queue: string,
  action: 'pause' | 'resume',
): Promise<void> {
  const base = `${environment.QSTASH_URL.replace(/\/+$/, '')}/v2/flowControl`;
  const headers = { authorization: `Bearer ${environment.QSTASH_TOKEN}` };
  const switched = await Promise.allSettled(
    PRIORITIES.map(async (priority) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const url = `${base}/${queue}.${priority}/${action}`;
      const answer = await send(url, { method: 'POST', headers, body: '', signal });
      await answer.text();
      // A lane that QStash does not know holds nothing back.
      return answer.ok || (answer.status === 404 && action === 'resume');
    }),
  );
  if (switched.every((each) => each.status === 'fulfilled' && each.value)) return;
  throw new JobError('JOB_QUEUE_UNREACHABLE', `QStash did not ${action} all lanes of queue ${queue}`);
}
