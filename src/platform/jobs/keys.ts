/** The Redis keys of jobs. Every script of this room gets the same list of keys; `lua.ts` explains the list. */
import { streamKey, wakeKey } from '../feeds/lua.ts';
import { key, NO_TENANT, type RedisKey } from '../redis/index.ts';
import { JOB_FEED, JOBS_FEED } from './live.ts';

/** The states of a job, in the order of their indexes among the keys. */
export const STATES = ['queued', 'running', 'failed', 'done', 'dead', 'cancelled'] as const;
/** The state of a job; `lua.ts` shows the transitions between the states. */
export type State = (typeof STATES)[number];

/** A job's identity, and the names of the keys that the job shares with other jobs. */
export interface JobRef {
  tenant: string;
  name: string;
  id: string;
  unique?: string | undefined;
  batch?: { id: string; size: number } | undefined;
  /** Whether the job tells its progress and its end to the topic `job:{id}`. */
  live?: boolean | undefined;
}

/** The number of shards of the watch list. Without shards, all jobs of the system would write to the same key. */
export const WATCH_SHARDS = 16;

/** Returns the keys of one job. The indexes among these keys are in the order of {@link STATES}. */
export function jobKeys({ tenant, name, id, unique, batch, live }: JobRef): RedisKey[] {
  return [
    recordKey(tenant, id),
    resultKey(tenant, id),
    key(tenant, 'jobSteps', id),
    watchKey(shardOf(id)),
    ...STATES.map((state) => indexKey(tenant, name, state)),
    streamKey(tenant, JOBS_FEED, undefined),
    wakeKey(tenant, JOBS_FEED),
    ...(unique === undefined ? [] : [key(tenant, 'jobUnique', name, unique)]),
    ...(batch === undefined ? [] : [key(tenant, 'jobBatch', batch.id)]),
    ...(live ? [streamKey(tenant, JOB_FEED, id)] : []),
  ];
}

/** Returns the key of a job's record. */
export function recordKey(tenant: string, id: string): RedisKey {
  return key(tenant, 'job', id);
}

/** Returns the key of a job's result. */
export function resultKey(tenant: string, id: string): RedisKey {
  return key(tenant, 'jobResult', id);
}

/**
 * Returns the key of an index: a tenant's jobs with one name in one state, sorted by the time at which they reached the
 * state.
 */
export function indexKey(tenant: string, name: string, state: State): RedisKey {
  return key(tenant, 'jobIndex', name, state);
}

/** Returns the key of one shard of the watch list. */
export function watchKey(shard: number): RedisKey {
  return key(NO_TENANT, 'jobWatch', String(shard));
}

/** Returns the text that identifies a job in the watch list: tenant, name and id, separated by spaces. */
export function memberOf({ tenant, name, id }: JobRef): string {
  return `${tenant} ${name} ${id}`;
}

/** Reads a text that {@link memberOf} returned. */
export function refOf(member: string): JobRef {
  const [tenant = '', name = '', id = ''] = member.split(' ');
  return { tenant, name, id };
}

function shardOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % WATCH_SHARDS;
}
