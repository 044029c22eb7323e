/** The keys of jobs. Every script of this room gets the same list, so that it can be read once; see `lua.ts`. */
import { key, NO_TENANT, type RedisKey } from '../redis/index.ts';

/** The states of a job, in the order of their indexes among the keys. */
export const STATES = ['queued', 'running', 'failed', 'done', 'dead', 'cancelled'] as const;
/** The state of a job; `lua.ts` draws how one leads to another. */
export type State = (typeof STATES)[number];

/** A job's identity, and the keys it shares with other jobs. */
export interface JobRef {
  tenant: string;
  name: string;
  id: string;
  unique?: string | undefined;
  batch?: { id: string; size: number } | undefined;
}

/** The number of shards of the watch list, so that not every job of the system writes to the same key. */
export const WATCH_SHARDS = 16;

/** The keys of one job, in the order of {@link STATES} where there is one for each state. */
export function jobKeys({ tenant, name, id, unique, batch }: JobRef): RedisKey[] {
  return [
    recordKey(tenant, id),
    resultKey(tenant, id),
    key(tenant, 'jobSteps', id),
    watchKey(shardOf(id)),
    ...STATES.map((state) => indexKey(tenant, name, state)),
    ...(unique === undefined ? [] : [key(tenant, 'jobUnique', name, unique)]),
    ...(batch === undefined ? [] : [key(tenant, 'jobBatch', batch.id)]),
  ];
}

/** The record of a job. */
export function recordKey(tenant: string, id: string): RedisKey {
  return key(tenant, 'job', id);
}

/** The result of a job. */
export function resultKey(tenant: string, id: string): RedisKey {
  return key(tenant, 'jobResult', id);
}

/** A tenant's jobs of one name in one state, by the time they came to it. */
export function indexKey(tenant: string, name: string, state: State): RedisKey {
  return key(tenant, 'jobIndex', name, state);
}

/** One shard of the watched jobs. */
export function watchKey(shard: number): RedisKey {
  return key(NO_TENANT, 'jobWatch', String(shard));
}

/** A job's name in lists of jobs of all tenants and names. None of the three parts has a space. */
export function memberOf({ tenant, name, id }: JobRef): string {
  return `${tenant} ${name} ${id}`;
}

/** Reads {@link memberOf}. */
export function refOf(member: string): JobRef {
  const [tenant = '', name = '', id = ''] = member.split(' ');
  return { tenant, name, id };
}

function shardOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % WATCH_SHARDS;
}
