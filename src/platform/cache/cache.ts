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
  /** Seals and opens the values of sealed queries. */
  sealer?: Sealer | null;
  /** Runs the transaction of {@link Cache.write}. */
  commit?: Commit<Tx>;
  /** Keeps work (the refresh of a stale value) going after the response. */
  after(work: Promise<unknown>): void;
  /** Receives the outcome of each read, for the `X-Cache` header. */
  onRead?(outcome: CacheOutcome, query: string): void;
  /** The cache calls this function in a turn in which it sends a pipeline, so that statistics can join. */
  onPipeline?(): void;
  /** The longest wait for another caller's load, in ms; after it, this caller loads the value too. Default 5000. */
  waitMs?: number;
}

/** The result of warming. */
export interface WarmResult {
  /** The number of values that were loaded. */
  loaded: number;
  /** The number of values that were cached already. */
  present: number;
}

/** Cached reads and their invalidation, for one tenant in one scope. `Tx` is the client of a write's transaction. */
export interface Cache<Context extends LoadContext, Tx = unknown> {
  /**
   * Returns the value of a query from the cache, or loads and caches the value. Hit: 1 request, 1 command. Miss: 3
   * and 3.
   * @throws the loader's error; never an error of Redis.
   */
  read<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Value>;
  /** Returns the value as JSON text. A cached value is returned as its stored text, without a parse. */
  readJson<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<string>;
  /**
   * Returns many values, in the order of `args`. Only hits: 1 request, 1 command. Misses: 1 loader call, 3 requests.
   */
  readMany<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: readonly Args[]): Promise<Value[]>;
  /** Starts the lookup for a later {@link read}, without loading anything. */
  prefetch<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): void;
  /** Loads the value and replaces the cached value, even if another caller is loading. 2 requests, 2 commands. */
  refresh<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Value>;
  /** Loads and caches the values that are not cached yet. The costs are those of {@link readMany}. */
  warm<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: readonly Args[]): Promise<WarmResult>;
  /**
   * Write-through: runs `write` in a transaction and caches its result. 2 requests, 2 commands.
   * @throws the error of `write`; then neither the database nor the cache has changed.
   */
  write<Args extends QueryArgs, Value>(
    query: Query<Args, Value, Context>,
    args: Args,
    write: (tx: Transaction<Tx>) => Promise<Value>,
  ): Promise<Value>;
  /**
   * Write-behind: stores the value in Redis; the next flush writes the value to the database. 1 request, 1 command.
   * @throws {RedisError} if Redis did not confirm: the value may or may not be stored.
   */
  writeBehind<Args extends QueryArgs, Value>(
    query: Query<Args, Value, Context>,
    args: Args,
    value: Value,
  ): Promise<void>;
  /**
   * Invalidates every entry that depends on the tags. 1 request, 1 command; 2 of each if Redis is full. Inside a
   * write, use `tx.invalidate` instead.
   * @throws {RedisError} if Redis did not confirm: the old values may still be served.
   */
  invalidate(...tags: Tag[]): Promise<void>;
  /** Invalidates softly: until the refresh, entries that were current may be served as stale. */
  invalidateSoftly(...tags: Tag[]): Promise<void>;
  /**
   * Removes one entry and the lease of its loader, so that a running load cannot store the entry. 1 request, 1
   * command.
   * @throws {RedisError} if Redis did not confirm.
   */
  forget<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<void>;
  /**
   * Removes the entries whose keys match, such as `deal-page:companyId:*`, and the leases of their loaders. The scan
   * goes through all keys of the database, so prefer tags. Returns the number of removed entries.
   * @throws {RedisError} if Redis did not confirm: some entries may remain.
   */
  forgetMatching(pattern: string): Promise<number>;
  /** Returns a description of one entry: age, freshness, tags, size. 1 request, 2 commands. */
  inspect<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Inspection | null>;
  /** Forgets the reads that began before a settled write of this scope, so that later reads do not share them. */
  changed(versionKeys: readonly RedisKey[]): void;
  /** Plain operations on the tenant's stored values: get, set, increment and the like. */
  readonly store: Store;
}
