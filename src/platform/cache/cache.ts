import type { Transaction } from '../outbox/index.ts';
import type { RedisClient, RedisKey, Sealer, Tag } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { CacheBusyError, SharedLoadError } from './errors.ts';
import type { Inspection } from './inspect.ts';
import type { ErrorSummary } from './load-end.ts';
import type { Changed, Memory } from './memory.ts';
import type { Query } from './query.ts';
import type { LoadContext, QueryArgs } from './query-definition.ts';
import { readMany } from './read-many.ts';
import type { CacheOutcome } from './services.ts';
import type { CacheStatistics } from './statistics.ts';
import type { Store } from './store.ts';
import type { CheckCurrent } from './write-behind-if.ts';
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
  /**
   * The cache calls this function in each turn of the event loop in which the cache sends a pipeline. The function may
   * add the counts of the statistics to that pipeline.
   */
  after(work: Promise<unknown>): void;
  /** Receives the outcome of each read, for the `X-Cache` header. */
  onRead?(outcome: CacheOutcome, query: string): void;
  /**
   * Tells other processes of invalidated tags, so that their memories drop the values. Is called in the turn in which the
   * invalidation is sent. Default: other processes are not told.
   */
  tell?(changed: Changed): void;
  /** The longest wait for another caller's load, in ms; see `onTimeout` of a query. Default 5000. */
  waitMs?: number;
  /**
   * Returns the status (400 to 599) and the code (`NOT_FOUND`) of a loader's error, for callers in other isolates that
   * wait for the load. Default: the properties `status` and `code` of the error.
   */
  summaryOf?(error: unknown): Partial<ErrorSummary>;
  /**
   * The largest entry that is stored, in bytes as Redis stores it, compressed if the query asks for it. Callers get
   * larger values, too, but each read loads them. Default 1 MiB.
   */
  largestEntry?: number;
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
   * Returns the value of a query from the cache, or loads and caches the value. A hit costs 1 request and 1 command; a
   * miss costs 3 requests and 3 commands.
   * @throws the loader's error, never an error of Redis; {@link SharedLoadError} if another caller's load has failed;
   * {@link CacheBusyError} if another caller is still loading at the end of the wait.
   */
  read<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Value>;
  /** Returns the value as JSON text. A cached value is returned as its stored text, without a parse. */
  readJson<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<string>;
  /**
   * Returns many values, in the order of `args`. If all values are cached: 1 request, 1 command. Otherwise: 3 requests,
   * and 1 call of the loader for all missing values.
   */
  readMany<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: readonly Args[]): Promise<Value[]>;
  /**
   * Asks the guard of a query whether the source may have a value, for look-ups that must read the source itself.
   * `false` is certain. `true` without a guard, without its filter and without Redis. 1 command.
   */
  mayExist<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<boolean>;
  /**
   * Adds arguments to the guard of a query, in the write that gives them a value: pass this call to
   * `tx.alongsideMarks`. 1 command.
   * @throws {CommitRefusedError} (of the outbox) if Redis did not confirm: the write must not be made.
   */
  admit<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, ...args: Args[]): Promise<void>;
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
   * @param check refuses the write by throwing, if the current value is not as required; no other write comes between
   * the check and the write. 1 more request and command and, if no value is pending, the query's loader.
   * @throws the error of the check.
   * @throws {RedisError} if Redis did not confirm: the value may or may not be stored.
   */
  writeBehind<Args extends QueryArgs, Value>(
    query: Query<Args, Value, Context>,
    args: Args,
    value: Value,
    check?: CheckCurrent<Value>,
  ): Promise<void>;
  /**
   * Invalidates every entry that depends on the tags. 1 request, 1 command; 2 of each if Redis is full. Inside a
   * write, use `tx.invalidate` instead.
   * @throws {RedisError} if Redis did not confirm: the old values may still be served.
   */
  invalidate(...tags: Tag[]): Promise<void>;
  /**
   * Invalidates softly: entries that were current until now may still be served as stale, until a refresh replaces
   * them.
   */
  invalidateSoftly(...tags: Tag[]): Promise<void>;
  /**
   * Removes one entry and the lease of its loader. A running load cannot store the entry without the lease. 1 request,
   * 1 command.
   * @throws {RedisError} if Redis did not confirm.
   */
  forget<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<void>;
  /**
   * Removes the entries whose keys match a pattern such as `deal-page:companyId:*`, and the leases of their loaders.
   * Returns the number of removed entries. Prefer tags: the scan goes through all keys of the database.
   * @throws {RedisError} if Redis did not confirm: some entries may remain.
   */
  forgetMatching(pattern: string): Promise<number>;
  /** Returns a description of one entry: age, freshness, tags, size. 1 request, 2 commands. */
  inspect<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Promise<Inspection | null>;
  /**
   * Forgets the answers of reads that began before a write of this scope settled. Later reads then look up the entries
   * again.
   */
  changed(versionKeys: readonly RedisKey[]): void;
  /** Plain operations on the tenant's stored values: get, set, increment and the like. */
  readonly store: Store;
}
