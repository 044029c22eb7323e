import type { Transaction } from '../outbox/index.ts';
import type { RedisClient, RedisKey, Sealer, Tag } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Inspection } from './inspect.ts';
import type { Memory } from './memory.ts';
import type { LoadContext, Query, QueryArgs } from './query.ts';
import { readMany } from './read-many.ts';
import type { CacheOutcome } from './services.ts';
import type { CacheStatistics } from './statistics.ts';
import type { Store } from './store.ts';
import type { Commit } from './write-through.ts';

/** The services and options of a {@link Cache}. */
export interface CacheOptions<Context extends LoadContext, Tx = unknown> {
  /** The tenant, and further services that loaders need. */
  context: Context;
  redis: RedisClient;
  system: System;
  statistics: CacheStatistics;
  memory: Memory;
  /** Needed by queries that are sealed. */
  sealer?: Sealer | null;
  /** Needed by {@link Cache.write}. */
  commit?: Commit<Tx>;
  /** Keeps work (the refresh of a stale value) going after the response. */
  after(work: Promise<unknown>): void;
  /** Called for each read: for the `X-Cache` header. */
  onRead?(outcome: CacheOutcome, query: string): void;
  /** Called in a turn in which a pipeline leaves anyway. */
  onPipeline?(): void;
  /** How long to wait for another caller's load before loading as well, in ms. Default 5000. */
  waitMs?: number;
}

/** The result of warming. */
export interface WarmResult {
  /** Values that had to be loaded. */
  loaded: number;
  /** Values that were there already. */
  present: number;
}

/** Cached reads and their invalidation, for one tenant in one scope. `Tx` is the client of a write's transaction. */
export interface Cache<Context extends LoadContext, Tx = unknown> {
  /**
   * The value of a query: from the cache, or loaded and cached. Hit: 1 request, 1 command. Miss: 3 and 3.
   * @throws the loader's error; never an error of Redis.
   */
  read<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Value>;
  /** Like {@link read}, as JSON text: a cached answer is the stored text, neither parsed nor written again. */
  readJson<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<string>;
  /** Many values of a query, in the order asked. All hits: 1 request, 1 command. Misses: one loader call, 3 requests. */
  readMany<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: readonly Args[]): Promise<Value[]>;
  /** Starts the lookup that a later {@link read} will use, without loading anything. */
  prefetch<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): void;
  /** Loads the value and replaces the cached one, even if another caller is loading it. 2 requests, 2 commands. */
  refresh<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Value>;
  /** Makes sure that values are cached. Costs what {@link readMany} costs. */
  warm<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: readonly Args[]): Promise<WarmResult>;
  /**
   * Write-through: runs `write` in a transaction and caches what it returns. 2 requests, 2 commands.
   * @throws the error of `write`; then neither the database nor the cache has changed.
   */
  write<Args extends QueryArgs, Value>(
    query: Query<Args, Value, Context>,
    args: Args,
    write: (tx: Transaction<Tx>) => Promise<Value>,
  ): Promise<Value>;
  /**
   * Write-behind: acknowledged when Redis has it, in the database after the next flush. 1 request, 1 command.
   * @throws {RedisError} if Redis did not confirm: it may or may not be written.
   */
  writeBehind<Args extends QueryArgs, Value>(
    query: Query<Args, Value, Context>,
    args: Args,
    value: Value,
  ): Promise<void>;
  /**
   * Ends every value that depends on the tags. 1 request, 1 command; 2 of each if Redis is full. Inside a write use
   * `tx.invalidate` instead.
   * @throws {RedisError} if Redis did not confirm: the old values may still be served.
   */
  invalidate(...tags: Tag[]): Promise<void>;
  /** Like {@link invalidate}, but values made since the last change may be served as stale while they are refreshed. */
  invalidateSoftly(...tags: Tag[]): Promise<void>;
  /**
   * Removes one entry, and voids the lease of a caller that is loading it now. 1 request, 1 command.
   * @throws {RedisError} if Redis did not confirm.
   */
  forget<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<void>;
  /**
   * Removes the entries whose keys match, such as `deal-page:companyId:*`, and voids the leases of callers that are
   * loading one. This scans all keys of the database: prefer tags. Resolves with the number of entries removed.
   * @throws {RedisError} if Redis did not confirm: some may be left.
   */
  forgetMatching(pattern: string): Promise<number>;
  /** A description of one entry: age, freshness, tags, size. 1 request, 2 commands. */
  inspect<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Inspection | null>;
  /** Call this when a write of this scope was settled: its next reads share no read begun before. */
  changed(versionKeys: readonly RedisKey[]): void;
  /** Plain operations on values of the tenant's own: get, set, increment and the like. */
  readonly store: Store;
}
