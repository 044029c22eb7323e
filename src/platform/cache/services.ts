/** The services of every cache operation, and a query's reading with everything bound. */
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Memory } from './memory.ts';
import type { Packing } from './payload.ts';
import type { EntryKeys, LoadContext, Query, QueryArgs, QueryOptions } from './query.ts';
import type { CacheStatistics } from './statistics.ts';

/** Where an answer came from. */
export type CacheOutcome = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

/** The surroundings of a scope's cache. */
export interface CacheServices {
  redis: RedisClient;
  system: System;
  statistics: CacheStatistics;
  memory: Memory;
  sealer: Sealer | null;
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /** How long a caller waits for another one's load before it loads itself, in ms. */
  waitMs: number;
  /** Called in a turn in which a pipeline leaves anyway, so that statistics can go with it. */
  onPipeline(): void;
}

/** One thing to read: a query with tenant, arguments and context bound. */
export interface Reading<Value> {
  query: QueryOptions<Value>;
  args: QueryArgs;
  keys: EntryKeys;
  /** How its values are written. `null` if they must be sealed and there is no sealer: then nothing is cached. */
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
    // The arguments come back as they went in, from readings of this same query.
    load: (all) => query.load(all as readonly Args[], context),
  };
}

/** How values of a query are written under their keys; `null` if they must be sealed and cannot be. */
export function packingOf(
  query: Pick<QueryOptions<unknown>, 'sealed' | 'compressFrom'>,
  tenant: string,
  keys: Pick<EntryKeys, 'entry'>,
  sealer: Sealer | null,
): Packing | null {
  if (!query.sealed) return { compressFrom: query.compressFrom, seal: null };
  return sealer && { compressFrom: query.compressFrom, seal: { sealer, context: ['cache', tenant, keys.entry] } };
}
