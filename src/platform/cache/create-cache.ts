/**
 * The cache of one scope, bound to one tenant: all its keys belong to that tenant. Overlapping reads of the same
 * entry in one scope share one answer. Different scopes share values only, never promises.
 */
import { awaitedLater } from '../awaited-later.ts';
import { CommitRefusedError } from '../outbox/index.ts';
import { isRefusal, type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { Cache, CacheOptions } from './cache.ts';
import { settleVersions } from './change-versions.ts';
import type { Lookup } from './classify.ts';
import { loadAndFill } from './fill.ts';
import { addMembers, mayHave } from './filter-commands.ts';
import { inspectEntry } from './inspect.ts';
import { checkedSummary } from './load-end.ts';
import { loadUnserved } from './load-or-wait.ts';
import { plainText } from './payload.ts';
import type { Query } from './query.ts';
import type { LoadContext, QueryArgs } from './query-definition.ts';
import { lookUpAll, type ReadResult, serveFound } from './read.ts';
import { readMany } from './read-many.ts';
import { removeMatching } from './scan.ts';
import { bindReading, type CacheServices, ofEntry, type Reading } from './services.ts';
import { createStore } from './store.ts';
import { takeLeases } from './take-leases.ts';
import { deleteVersions } from './versions.ts';
import { journalWrite } from './write-behind.ts';
import { journalWriteIf } from './write-behind-if.ts';
import { writeThrough } from './write-through.ts';

/** The default of the largest entry, in bytes. */
const LARGEST_ENTRY = 1_048_576;

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
    summaryOf: options.summaryOf ?? checkedSummary,
    largestEntry: options.largestEntry ?? LARGEST_ENTRY,
    tell: options.tell ?? (() => undefined),
  };
  const { tell } = services;
  const lookups = new Map<RedisKey, Promise<Lookup>>();
  const reads = new Map<RedisKey, Promise<ReadResult<unknown>>>();

  function bind<Args extends QueryArgs, Value>(query: Query<Args, Value, Context>, args: Args): Reading<Value> {
    return bindReading(query, args, context, services.sealer);
  }

  async function lookUp(reading: Reading<unknown>): Promise<Lookup> {
    const [found] = await lookUpAll(services, [reading]);
    return found ?? { kind: 'unavailable' };
  }

  /** Reads one entry. Callers that overlap share the read. */
  async function readOne<Value>(reading: Reading<Value>): Promise<ReadResult<Value>> {
    const { entry } = reading.keys;
    let running = reads.get(entry) as Promise<ReadResult<Value>> | undefined;
    if (!running) {
      const prefetched = lookups.get(entry);
      lookups.delete(entry);
      running = (prefetched ?? lookUp(reading)).then(async (found) => {
        return (await serveFound(services, reading, found)) ?? loadUnserved(services, reading, found);
      });
      reads.set(entry, running);
      const done = () => reads.get(entry) === running && reads.delete(entry);
      running.then(done, done);
    }
    const result = await running;
    onRead?.(result.outcome, reading.query.name);
    return result;
  }

  /** Forgets all reads and lookups from before a change of this scope, so that the next read does not share them. */
  function changed(versionKeys: readonly RedisKey[]): void {
    memory.forgetDependents(versionKeys);
    lookups.clear();
    reads.clear();
  }

  async function invalidate(tags: readonly Tag[], soft: boolean): Promise<void> {
    const keys = [...new Set(tags.map((tag) => versionKey(tenant, tag)))];
    if (keys.length === 0) return;
    try {
      const settled = settleVersions(redis, keys, '', system.token(), soft);
      tell(keys);
      await settled;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const deleted = deleteVersions(redis, keys);
      tell(keys);
      await deleted;
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
        args.map((one) => bind(query, one)),
      );
      for (const { outcome } of results) onRead?.(outcome, query.name);
      return results.map(({ value }) => value);
    },

    prefetch(query, args) {
      const reading = bind(query, args);
      const { entry } = reading.keys;
      if (!lookups.has(entry)) lookups.set(entry, awaitedLater(lookUp(reading)));
    },

    async mayExist(query, args) {
      return !query.guard || mayHave(redis, query.name, query.guard, query.keysOf(tenant, args).entry);
    },

    async admit(query, ...all) {
      const { guard, name } = query;
      if (!guard) throw new TypeError(`Query ${name} has no guard`);
      const members = all.map((args) => query.keysOf(tenant, args).entry);
      try {
        await addMembers(redis, name, guard, members);
      } catch (cause) {
        throw new CommitRefusedError(`Redis did not confirm a member of the guard of ${name}`, { cause });
      }
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
        args.map((one) => bind(query, one)),
      );
      const loaded = results.filter(({ outcome }) => outcome === 'MISS' || outcome === 'BYPASS').length;
      return { loaded, present: results.length - loaded };
    },

    write(query, args, write) {
      const { commit } = options;
      if (!commit) throw new TypeError('This cache was made without a database to write to');
      return writeThrough(services, commit, bind(query, args), query.tagsOf(args), write);
    },

    async writeBehind(query, args, value, check) {
      const reading = bind(query, args);
      if (check) await journalWriteIf(services, reading, tenant, value, check);
      else await journalWrite(services, reading, tenant, value);
      memory.forget(reading.keys.entry);
      changed([]);
    },

    invalidate: (...tags) => invalidate(tags, false),
    invalidateSoftly: (...tags) => invalidate(tags, true),

    async forget(query, args) {
      const { entry, lease, versions } = bind(query, args).keys;
      const removed = redis.del(lease, entry);
      tell(ofEntry(versions));
      await removed;
      memory.forget(entry);
      changed([]);
      statistics.count(query.name, 'deletes');
    },

    async forgetMatching(pattern) {
      // The leases are removed first: a running load loses its lease, and so cannot store an entry after the second
      // scan.
      await removeMatching(redis, tenant, 'lease', pattern);
      const removed = await removeMatching(redis, tenant, 'entry', pattern);
      tell('all');
      memory.forgetAll();
      changed([]);
      statistics.count('-', 'deletes', removed);
      return removed;
    },

    inspect: (query, args) => inspectEntry(services, bind(query, args)),
  };
}
