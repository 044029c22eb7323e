/** Functions that read jobs: a job by its id, or the jobs with one name in one state. */
import { type RedisClient, RedisError, type Sealer } from '../redis/index.ts';
import { type PastAttempt, readAttempts } from './attempts.ts';
import { indexKey, recordKey, resultKey, type State } from './keys.ts';
import { DEAD_RETENTION_MS, RETENTION_MS } from './lua.ts';
import { unpack } from './payload.ts';

/** The services that are needed to read jobs. */
export interface RecordServices {
  redis: RedisClient;
  /** The sealer that opens sealed values. `redact` shows {@link SEALED} in place of sealed values. */
  sealer: Sealer | null | 'redact';
}

/** The text that is shown in place of a sealed value. */
export const SEALED = '(sealed)';

/** The text that is shown in place of a progress or result that cannot be read. */
export const UNREADABLE = '(unreadable)';

/** The record of a job. Times are in ms since the epoch. */
export interface JobRecord {
  id: string;
  name: string;
  state: State;
  generation: number;
  /** The numbers of runs of the current slice that started (`attempt`), failed (`errors`) and crashed (`crashes`). */
  attempt: number;
  errors: number;
  crashes: number;
  slice: number;
  enqueuedAt: number | null;
  dueAt: number | null;
  updatedAt: number;
  /** The due time of a failed job's next attempt. */
  retryAt: number | null;
  /** The reason why the job failed, is dead or was cancelled. */
  reason: string | null;
  /** The message of the error that ended the last attempt; docs/security.md has the rules of its redaction. */
  errorMessage: string | null;
  /** The last 20 ended runs, oldest first. */
  pastAttempts: PastAttempt[];
  /** The id of the other job with the same unique key, if this job was cancelled as a duplicate. */
  duplicateOf: string | null;
  progress: unknown;
  /** The result; `undefined` if the job is not done, or the result has expired. */
  result: unknown;
}

const FIELDS = [
  'name',
  'state',
  'generation',
  'attempt',
  'errors',
  'crashes',
  'slice',
  'enqueuedAt',
  'dueAt',
  'updatedAt',
  'retryAt',
  'reason',
  'errorMessage',
  'duplicateOf',
  'progress',
  'past',
] as const;

/** Reads a job of a tenant; `null` if no record exists or the record has expired. 1 request, 2 commands. */
export async function readJob(services: RecordServices, tenant: string, id: string): Promise<JobRecord | null> {
  const [values, result] = await Promise.all([
    services.redis.exec<(string | null)[]>(['HMGET', recordKey(tenant, id), ...FIELDS]),
    services.redis.exec<string | null>(['GET', resultKey(tenant, id)]),
  ]);
  const fields = new Map(FIELDS.map((field, index) => [field, values[index] ?? null]));
  const text = (field: (typeof FIELDS)[number]) => fields.get(field) ?? null;
  const number = (field: (typeof FIELDS)[number]) => Number(text(field) ?? 0);
  const time = (field: (typeof FIELDS)[number]) => (text(field) === null ? null : number(field));
  const name = text('name');
  if (name === null) return null;
  const { sealer } = services;
  const open = async (written: string, what: string) => {
    const sealed = written.startsWith('s');
    if (sealed && sealer === 'redact') return SEALED;
    try {
      return await unpack(written, { tenant, name, id, what }, sealed && sealer !== 'redact' ? sealer : undefined);
    } catch (error) {
      if (error instanceof RedisError) return UNREADABLE;
      throw error;
    }
  };
  const progress = text('progress');
  return {
    id,
    name,
    state: text('state') as State,
    generation: number('generation'),
    attempt: number('attempt'),
    errors: number('errors'),
    crashes: number('crashes'),
    slice: number('slice'),
    enqueuedAt: time('enqueuedAt'),
    dueAt: time('dueAt'),
    updatedAt: number('updatedAt'),
    retryAt: text('state') === 'failed' ? time('retryAt') : null,
    reason: text('reason'),
    errorMessage: text('errorMessage') || null,
    pastAttempts: readAttempts(text('past')),
    duplicateOf: text('duplicateOf'),
    progress: progress === null ? undefined : await open(progress, 'progress'),
    result: result === null ? undefined : await open(result, 'result'),
  };
}

/** The choice of jobs for a list. */
export interface JobListing {
  name: string;
  state: State;
  /** The maximum number of jobs to list. Default 50. */
  limit?: number;
  /** Lists only jobs that reached the state before this time, in ms since the epoch. */
  before?: number;
}

/** Lists the ids of a tenant's jobs with one name in one state, the latest change first. 1 request, 1 command. */
export async function listJobs(
  { redis }: Pick<RecordServices, 'redis'>,
  tenant: string,
  { name, state, limit = 50, before }: JobListing,
): Promise<{ id: string; at: number }[]> {
  const key = indexKey(tenant, name, state);
  const to = before === undefined ? '+inf' : `(${before}`;
  const flat = await redis.exec<string[]>([
    'ZREVRANGEBYSCORE',
    key,
    to,
    '-inf',
    'WITHSCORES',
    'LIMIT',
    '0',
    String(limit),
  ]);
  return Array.from({ length: flat.length / 2 }, (_, index) => ({
    id: flat[index * 2] ?? '',
    at: Number(flat[index * 2 + 1]),
  }));
}

/** Counts a tenant's jobs with one name in each of the given states. 1 request, 1 command for each state. */
export async function countJobs(
  { redis }: Pick<RecordServices, 'redis'>,
  tenant: string,
  name: string,
  states: readonly State[],
): Promise<Map<State, number>> {
  const counts = await Promise.all(states.map((state) => redis.exec<number>(['ZCARD', indexKey(tenant, name, state)])));
  return new Map(states.map((state, index) => [state, counts[index] ?? 0]));
}

/** The states of ended jobs, and how long the index of each state keeps its jobs, in ms. */
const ENDED = { done: RETENTION_MS, cancelled: RETENTION_MS, dead: DEAD_RETENTION_MS } as const;

/**
 * Removes jobs from the indexes of tenants if the records of the jobs have expired, and returns the number of removed
 * jobs. 1 request, 3 commands for each tenant and name.
 * @param now ms since the epoch.
 */
export async function trimIndexes(
  { redis }: Pick<RecordServices, 'redis'>,
  tenants: readonly string[],
  names: readonly string[],
  now: number,
): Promise<number> {
  const lists = tenants.flatMap((id) =>
    names.flatMap((name) => (Object.keys(ENDED) as (keyof typeof ENDED)[]).map((state) => ({ id, name, state }))),
  );
  const counts = await Promise.all(
    lists.map(({ id, name, state }) =>
      redis.exec<number>(['ZREMRANGEBYSCORE', indexKey(id, name, state), '-inf', String(now - ENDED[state])]),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
