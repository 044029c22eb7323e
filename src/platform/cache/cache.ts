/**
 * The cache of one scope, bound to one tenant: every key it can form belongs to that tenant. Reads of the same thing
 * that overlap in one scope share one answer; across scopes only values are shared, never promises.
 */
import { awaitedLater } from '../awaited-later.ts';
import type { Transaction } from '../outbox/index.ts';
import { isRefusal, type RedisClient, type RedisKey, type Sealer, type Tag, versionKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Lookup } from './classify.ts';
import { loadAndFill } from './fill.ts';
import { type Inspection, inspectEntry } from './inspect.ts';
import type { Memory } from './memory.ts';
import { plainText } from './payload.ts';
import type { LoadContext, Query, QueryArgs } from './query.ts';
import { lookUpAll, type ReadResult, resolveLookup } from './read.ts';
import { readMany } from './read-many.ts';
import { removeMatching } from './scan.ts';
import { bindReading, type CacheOutcome, type CacheServices, type Reading } from './services.ts';
import type { CacheStatistics } from './statistics.ts';
import { createStore, type Store } from './store.ts';
import { takeLeases } from './take-leases.ts';
import { deleteVersions, settleVersions } from './versions.ts';
import { journalWrite } from './write-behind.ts';
import { type Commit, writeThrough } from './write-through.ts';

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

/** Creates the cache of one tenant in one scope. */
export function createCache<Context extends LoadContext, Tx = unknown>(
  options: CacheOptions<Context, Tx>,
): Cache<Context, Tx> {
  const { context, redis, system, statistics, memory, onRead } = options;
  const { tenant } = context;
  const services: CacheServices = {
    redis,
    system,
    statistics,
    memory,
    sealer: options.sealer ?? null,
    after: options.after,
    waitMs: options.waitMs ?? 5000,
    onPipeline: options.onPipeline ?? (() => undefined),
  };
  const lookups = new Map<RedisKey, Promise<Lookup>>();
  const reads = new Map<RedisKey, Promise<ReadResult<unknown>>>();

  function bind<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Reading<Value> {
    return bindReading(query, args, context, services.sealer);
  }

  async function lookUp(reading: Reading<unknown>): Promise<Lookup> {
    const [found] = await lookUpAll(services, [reading]);
    return found ?? { kind: 'unavailable' };
  }

  /** One read, shared by callers that overlap. */
  async function readOne<Value>(reading: Reading<Value>): Promise<ReadResult<Value>> {
    const { entry } = reading.keys;
    let running = reads.get(entry) as Promise<ReadResult<Value>> | undefined;
    if (!running) {
      const prefetched = lookups.get(entry);
      lookups.delete(entry);
      running = (prefetched ?? lookUp(reading)).then((found) => resolveLookup(services, reading, found));
      reads.set(entry, running);
      const done = () => reads.get(entry) === running && reads.delete(entry);
      running.then(done, done);
    }
    const result = await running;
    onRead?.(result.outcome, reading.query.name);
    return result;
  }

  /** After a change made in this scope, the next read does not share a read that began before the change. */
  function changed(versionKeys: readonly RedisKey[]): void {
    memory.forgetDependents(versionKeys);
    lookups.clear();
    reads.clear();
  }

  async function invalidate(tags: readonly Tag[], soft: boolean): Promise<void> {
    const keys = [...new Set(tags.map((each) => versionKey(tenant, each)))];
    if (keys.length === 0) return;
    try {
      await settleVersions(redis, keys, '', system.token(), soft);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await deleteVersions(redis, keys);
    }
    changed(keys);
    statistics.count('-', 'deletes', keys.length);
  }

  return {
    get store() {
      return createStore(services, tenant);
    },
    changed,

    read: async (query, args) => (await readOne(bind(query, args))).value,

    async readJson(query, args) {
      const reading = bind(query, args);
      const { value, payload } = await readOne(reading);
      if (!payload?.encoding.startsWith('j')) return JSON.stringify(value);
      return (await plainText(payload, reading.packing?.seal ?? null)) ?? JSON.stringify(value);
    },

    async readMany(query, args) {
      const results = await readMany(
        services,
        args.map((each) => bind(query, each)),
      );
      for (const { outcome } of results) onRead?.(outcome, query.name);
      return results.map(({ value }) => value);
    },

    prefetch(query, args) {
      const reading = bind(query, args);
      const { entry } = reading.keys;
      if (!lookups.has(entry)) lookups.set(entry, awaitedLater(lookUp(reading)));
    },

    async refresh(query, args) {
      const reading = bind(query, args);
      const token = system.token();
      const [answer] = await takeLeases(services, [{ reading, seenFillId: '' }], token, true);
      if (answer?.kind !== 'acquired') return (await readOne(reading)).value;
      return loadAndFill(services, reading, token, answer);
    },

    async warm(query, args) {
      const results = await readMany(
        services,
        args.map((each) => bind(query, each)),
      );
      const loaded = results.filter(({ outcome }) => outcome === 'MISS' || outcome === 'BYPASS').length;
      return { loaded, present: results.length - loaded };
    },

    write(query, args, write) {
      const { commit } = options;
      if (!commit) throw new TypeError('This cache was made without a database to write to');
      return writeThrough(services, commit, bind(query, args), query.tagsOf(args), write);
    },

    async writeBehind(query, args, value) {
      const reading = bind(query, args);
      await journalWrite(services, reading, tenant, value);
      memory.forget(reading.keys.entry);
      changed([]);
    },

    invalidate: (...tags) => invalidate(tags, false),
    invalidateSoftly: (...tags) => invalidate(tags, true),

    async forget(query, args) {
      const { entry, lease } = bind(query, args).keys;
      await redis.del(lease, entry);
      memory.forget(entry);
      changed([]);
      statistics.count(query.name, 'deletes');
    },

    async forgetMatching(pattern) {
      // Leases first: a load that began before loses its lease, so it cannot store an entry after the second scan.
      await removeMatching(redis, tenant, 'lease', pattern);
      const removed = await removeMatching(redis, tenant, 'entry', pattern);
      memory.forgetAll();
      changed([]);
      statistics.count('-', 'deletes', removed);
      return removed;
    },

    inspect: (query, args) => inspectEntry(services, bind(query, args)),
  };
}
