/** Looking at jobs: one by its id, or those of a name in a state. */
import { type RedisClient, RedisError, type Sealer } from '../redis/index.ts';
import { type PastAttempt, readAttempts } from './attempts.ts';
import { indexKey, recordKey, resultKey, type State } from './keys.ts';
import { DEAD_RETENTION_MS, RETENTION_MS } from './lua.ts';
import { unpack } from './payload.ts';

/** The services of reading. */
export interface RecordServices {
  redis: RedisClient;
  /** `redact` shows {@link SEALED} in place of what is sealed. */
  sealer: Sealer | null | 'redact';
}

/** Shown in place of a sealed value. */
export const SEALED = '(sealed)';

/** Shown in place of a progress or result that cannot be read. */
export const UNREADABLE = '(unreadable)';

/** A job as its record says. Times in ms since the epoch. */
export interface JobRecord {
  id: string;
  name: string;
  state: State;
  generation: number;
  /** Runs of the current slice that were begun, that failed, and that crashed. */
  attempt: number;
  errors: number;
  crashes: number;
  slice: number;
  enqueuedAt: number | null;
  dueAt: number | null;
  updatedAt: number;
  /** When the next attempt of a failed job is due. */
  retryAt: number | null;
  /** Why the job failed, is dead or was cancelled. */
  reason: string | null;
  /** The message of the error that ended the last attempt, under the rules of docs/security.md. */
  errorMessage: string | null;
  /** The last 20 ended runs, oldest first. */
  pastAttempts: PastAttempt[];
  /** The id of the job with the same unique key, because of which this job was cancelled. */
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

/** A job of a tenant; `null` if it is not known (any more). 1 request, 2 commands. */
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

/** Which jobs to list. */
export interface JobListing {
  name: string;
  state: State;
  /** At most this many. Default 50. */
  limit?: number;
  /** Lists only jobs that reached the state before this time, in ms since the epoch. */
  before?: number;
}

/** Ids of a tenant's jobs of one name in one state, the latest change first. 1 request, 1 command. */
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

/** How many of a tenant's jobs of a name are in each of the given states. 1 request, a command for each. */
export async function countJobs(
  { redis }: Pick<RecordServices, 'redis'>,
  tenant: string,
  name: string,
  states: readonly State[],
): Promise<Map<State, number>> {
  const counts = await Promise.all(states.map((state) => redis.exec<number>(['ZCARD', indexKey(tenant, name, state)])));
  return new Map(states.map((state, index) => [state, counts[index] ?? 0]));
}

/** Lists of jobs that have ended, and how long their items are kept. */
const ENDED = { done: RETENTION_MS, cancelled: RETENTION_MS, dead: DEAD_RETENTION_MS } as const;

/**
 * Takes jobs off the lists of tenants whose records have gone, and says how many. 1 request, 3 commands for each tenant
 * and name.
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
