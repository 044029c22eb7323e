/**
 * `createHoldfast()` combines the rooms for an application. An application calls it once for each isolate; the call
 * does no I/O. A scope contains the services of one request. Applications that need other parts combine the rooms
 * themselves.
 */
import type { MiddlewareHandler } from 'hono';
import { createBackground, endAfter } from './background.ts';
import {
  type Cache,
  type CacheOutcome,
  type CacheStatistics,
  type Commit,
  createCache,
  createCacheStatistics,
  createInvalidator,
  createMemory,
  type LoadContext,
} from './cache/index.ts';
import type { Listener, ListenOptions } from './channels/index.ts';
import { type Counters, countedTransport, createCounters } from './counters/index.ts';
import { noDatabase, type QstashOptions, settingsOf } from './holdfast-settings.ts';
import { type BaseScope, type BaseTenant, jobOutboxHandlers } from './jobs/index.ts';
import { createLimiter, createLimitMemory, type Limiter, type LimitMemory } from './limits/index.ts';
import { type LockOptions, withLock } from './locks/index.ts';
import { createLog, type Log } from './log.ts';
import { dropOnInvalidation, tellProcesses } from './memory-channel.ts';
import { commit } from './outbox/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createRefusalNotes,
  createSubscribe,
  createTransport,
  RedisClient,
  type RedisKey,
  type RedisMeter,
  type Sealer,
  type TransportFetch,
} from './redis/index.ts';
import { createAuthKeys, createSessions, REVOCATION, revocationHandler, type Sessions } from './sessions/index.ts';
import type { SqlStore } from './sql/index.ts';
import { streamOutboxHandlers } from './streams/index.ts';
import { realSystem, type System } from './system.ts';

/** The database of one scope. */
export interface OpenDatabase<Tx> {
  store: SqlStore<Tx>;
  /** Closes the scope's connections. On Workers each scope has connections; on Node scopes share a pool. */
  close?(): Promise<unknown>;
}

/** The parts for {@link createHoldfast}. Only `redis` is needed. */
export interface HoldfastOptions<Tx, Loading extends LoadContext> {
  redis: {
    url: string;
    token: string;
    /** Time limit of an operation, in ms. Default 300. */
    timeoutMs?: number;
    /** How requests to Redis are sent. Default: the platform's `fetch`; see `holdfast/keep-alive-fetch`. */
    fetch?: TransportFetch;
  };
  /** Opens the database of a scope, without I/O. Writes and jobs need this option. */
  database?(): OpenDatabase<Tx>;
  /** The access to QStash. Jobs need this option. */
  qstash?: QstashOptions;
  /**
   * Keys for sessions: `id:base64` of 32 bytes each, separated by commas, the current key first. Sessions need this
   * option.
   */
  authKeys?: string;
  /** The sealer. Sealed queries and sensitive jobs need this option. */
  sealer?: Sealer;
  /** Returns the services that loaders get. By default, loaders get only the id of the tenant. */
  context?(tenant: string, store: SqlStore<Tx>): Loading;
  /** Returns the tenant ids after `id`, in ascending order, for schedules that run for each tenant. Default: none. */
  tenantsAfter?(id: string, limit: number): Promise<readonly string[]>;
  /** The treatment of writes while Redis does not answer; see `CommitServices.whenDown`. Default `available`. */
  whenDown?: 'available' | 'strict';
  /** `true` publishes each invalidation for the memory of long-lived processes: 1 command more a write. Default `false`. */
  memoryChannel?: boolean;
  /** Sends requests to QStash, and subscriptions to Redis. Default: the platform's `fetch`. */
  fetch?: typeof fetch;
  system?: System;
  log?: Log;
}

/** The services of one tenant in one scope. */
export interface HoldfastTenant<Tx, Loading extends LoadContext> extends BaseTenant {
  readonly cache: Cache<Loading, Tx>;
  readonly commit: Commit<Tx>;
  /**
   * The sessions of the tenant.
   * @throws {TypeError} if the option `authKeys` is missing.
   */
  readonly sessions: Sessions;
  /** Runs work while holding the tenant's lock with this name; see `withLock` in `holdfast/locks`. */
  withLock<Result>(name: string, options: LockOptions, work: Parameters<typeof withLock<Result>>[3]): Promise<Result>;
}

/** The services of one request, job or tick. */
export interface HoldfastScope<Tx, Loading extends LoadContext> extends BaseScope {
  /** The scope's requests and commands to Redis so far. */
  readonly redisMeter: RedisMeter;
  readonly limiter: Limiter;
  /** The outcomes of the scope's cached reads. */
  readonly reads: { outcome: CacheOutcome; query: string }[];
  readonly store: SqlStore<Tx>;
  /** Returns the services of a tenant. The id must come from verified credentials. */
  tenant(id: string): HoldfastTenant<Tx, Loading>;
}

/** The long-lived parts of one isolate: numbers and settings. */
export interface Holdfast<Tx, Loading extends LoadContext> {
  /** Makes the services of one request. The caller must `end()` the scope. */
  scope(): HoldfastScope<Tx, Loading>;
  /** Returns middleware that sets each request's scope as `c.var.scope`, and ends the scope after the response. */
  middleware(): MiddlewareHandler<{ Variables: { scope: HoldfastScope<Tx, Loading> } }>;
  /**
   * Listens to channels, and drops values from the memory of this process when other processes invalidate them. Call it
   * once, in a long-lived Node process. `options` has receivers of further channels, and a function for gaps.
   */
  listen(options?: Partial<ListenOptions>): Listener;
  readonly counters: Counters;
  readonly statistics: CacheStatistics;
  readonly limitMemory: LimitMemory;
}

/**
 * Combines the rooms, without I/O.
 * @example
 * ```ts
 * const holdfast = createHoldfast({
 *   redis: { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN },
 *   database: () => ({ store: pgStore(pool) }),
 * });
 * const app = new Hono().use(holdfast.middleware());
 * ```
 */
export function createHoldfast<Tx = unknown, Loading extends LoadContext = LoadContext>(
  options: HoldfastOptions<Tx, Loading>,
): Holdfast<Tx, Loading> {
  const { system = realSystem, sealer = null, whenDown = 'available' } = options;
  const now = () => system.now();
  const log = options.log ?? createLog({ now });
  const breaker = createBreaker({ now });
  const onRefused = createRefusalNotes({ now, log });
  const counters = createCounters({ now, token: () => system.token() }, now());
  const statistics = createCacheStatistics(counters);
  const memory = createMemory();
  const limitMemory = createLimitMemory();
  const keys = options.authKeys === undefined ? null : createAuthKeys(options.authKeys);
  const environment = settingsOf(options.qstash);
  // The wrapper is needed, because workerd's own fetch throws if it is called as a method of a scope.
  const send: typeof fetch = (input, init) => (options.fetch ?? fetch)(input, init);
  // Without the option `context`, loaders get only the tenant.
  const contextOf = options.context ?? ((tenant: string) => ({ tenant }) as Loading);

  function scope(): HoldfastScope<Tx, Loading> {
    const redisMeter = createRedisMeter();
    const { url, token, timeoutMs, fetch: sendToRedis } = options.redis;
    const limits = { meter: redisMeter, breaker, now, onRefused, ...(timeoutMs ? { timeout: timeoutMs } : {}) };
    const { after, ...background } = createBackground(log);
    const everyMs = environment.COUNTERS_FLUSH_MS;
    const counting = countedTransport({ counters, everyMs, after, client: () => redis });
    const redis: RedisClient = new RedisClient(
      createTransport({ url, token, ...limits, ...counting, ...(sendToRedis ? { fetch: sendToRedis } : {}) }),
    );
    const tell = options.memoryChannel ? tellProcesses({ redis, log }) : undefined;
    const database = options.database?.();
    const store = database?.store ?? noDatabase<Tx>();
    const reads: HoldfastScope<Tx, Loading>['reads'] = [];

    const tenants = new Map<string, HoldfastTenant<Tx, Loading>>();

    function tenant(id: string): HoldfastTenant<Tx, Loading> {
      const known = tenants.get(id);
      if (known) return known;
      const write: Commit<Tx> = async (run, settings) => {
        const changed = new Set<RedisKey>();
        const invalidator = createInvalidator(redis, system, changed, tell);
        try {
          const services = {
            tenant: id,
            store,
            invalidator,
            system,
            log,
            after,
            whenDown,
            sealer,
            handlers: made.outboxHandlers,
          };
          return await commit(services, run, settings);
        } finally {
          cache.changed([...changed]);
        }
      };
      const cache = createCache<Loading, Tx>({
        ...{ context: contextOf(id, store), redis, system, statistics, memory, sealer, after, commit: write },
        ...(tell && { tell }),
        onRead: (outcome, query) => reads.push({ outcome, query }),
      });
      const services: HoldfastTenant<Tx, Loading> = {
        tenant: id,
        cache,
        commit: write,
        get sessions() {
          if (!keys) throw new TypeError('Sessions need the option authKeys');
          return createSessions({ tenant: id, redis, system, keys, sealer, after });
        },
        withLock: (name, settings, work) => withLock({ tenant: id, redis, system, after }, name, settings, work),
      };
      tenants.set(id, services);
      return services;
    }

    const made: HoldfastScope<Tx, Loading> = {
      ...{ environment, redis, redisMeter, system, log, counters, sealer, fetch: send, store, reads, after, tenant },
      limiter: createLimiter({ redis, system, memory: limitMemory, log, counters }),
      get outboxHandlers() {
        const byJobs = options.qstash && { ...jobOutboxHandlers(made), ...streamOutboxHandlers(made) };
        return { ...byJobs, [REVOCATION]: revocationHandler(made) };
      },
      tenantsAfter: options.tenantsAfter ?? (async () => []),
      async end() {
        await background.end();
        await database?.close?.();
      },
    };
    return made;
  }

  return {
    scope,
    listen(more) {
      const { url, token } = options.redis;
      const subscribe = createSubscribe({ url, token, fetch: send, system, timeoutMs: 3_000 });
      return dropOnInvalidation({ subscribe, system, log }, memory, more);
    },
    counters,
    statistics,
    limitMemory,
    middleware: () => async (c, next) => {
      const opened = scope();
      c.set('scope', opened);
      await next();
      await endAfter(c, opened);
    },
  };
}
