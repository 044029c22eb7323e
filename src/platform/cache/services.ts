/** The services of every cache operation, and the reading: a query with bound arguments. */
import type { RedisClient, RedisKey, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { ErrorSummary } from './load-end.ts';
import type { Changed, Memory } from './memory.ts';
import type { Packing } from './payload.ts';
import type { EntryKeys, Query, QueryOptions } from './query.ts';
import type { LoadContext, QueryArgs } from './query-definition.ts';
import type { CacheStatistics } from './statistics.ts';

/** The source of an answer, as the `X-Cache` header shows it. */
export type CacheOutcome = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

/** The services that the cache of one scope uses. */
export interface CacheServices {
  redis: RedisClient;
  system: System;
  statistics: CacheStatistics;
  memory: Memory;
  sealer: Sealer | null;
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /** The longest wait for another caller's load, in ms. */
  waitMs: number;
  /** Returns the status and code of a loader's error, for callers that wait for the load. */
  summaryOf(error: unknown): Partial<ErrorSummary>;
  /** The largest entry that is stored, in bytes. */
  largestEntry: number;
  /** Tells other processes of invalidated tags; see `cache.ts`. */
  tell(changed: Changed): void;
}

/** One value to read: a query with tenant, arguments and context bound. */
export interface Reading<Value> {
  query: QueryOptions<Value>;
  args: QueryArgs;
  keys: EntryKeys;
  /** How values are encoded. `null` if values must be sealed and there is no sealer: then nothing is cached. */
  packing: Packing | null;
  /** Loads the values of several arguments of the same query, in their order. */
  load(args: readonly QueryArgs[]): Promise<readonly Value[]>;
}

/** Binds a query to arguments and to the tenant and services of its context. */
export function bindReading<Args extends QueryArgs, Value, Context extends LoadContext>(
  query: Query<Args, Value, Context>,
  args: Args,
  context: Context,
  sealer: Sealer | null,
): Reading<Value> {
  const keys = query.keysOf(context.tenant, args);
  return {
    query,
    args,
    keys,
    packing: packingOf(query, context.tenant, keys, sealer),
    // The cast is safe: a loader is called only with arguments of readings of the same query.
    load: (all) => query.load(all as readonly Args[], context),
  };
}

/** Returns how a query's values are encoded; `null` if values must be sealed and there is no sealer. */
export function packingOf(
  query: Pick<QueryOptions<unknown>, 'sealed' | 'compressFrom'>,
  tenant: string,
  keys: Pick<EntryKeys, 'entry'>,
  sealer: Sealer | null,
): Packing | null {
  if (!query.sealed) return { compressFrom: query.compressFrom, seal: null };
  return sealer && { compressFrom: query.compressFrom, seal: { sealer, context: ['cache', tenant, keys.entry] } };
}

/**
 * Returns the change of one entry as other processes are told of it. A message names versions of tags and no entry,
 * because the key of an entry contains arguments of a query. So an entry without tags counts as all.
 */
export function ofEntry(versions: readonly RedisKey[]): Changed {
  return versions.length === 0 ? 'all' : versions;
}
