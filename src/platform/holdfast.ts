/**
 * `createHoldfast()` combines the rooms for an application: once for each isolate, without I/O. A scope contains the
 * services of one request. Applications that need other parts combine the rooms themselves.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { createBackground } from './background.ts';
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
import { type BaseScope, type BaseTenant, type JobSettings, jobOutboxHandlers } from './jobs/index.ts';
import { createLimiter, createLimitMemory, type Limiter, type LimitMemory } from './limits/index.ts';
import { type LockOptions, withLock } from './locks/index.ts';
import { createLog, type Log } from './log.ts';
import { commit } from './outbox/index.ts';
import {
  createBreaker,
  createRedisMeter,
  createRefusalNotes,
  createTransport,
  RedisClient,
  type RedisKey,
  type RedisMeter,
  type Sealer,
  type TransportFetch,
} from './redis/index.ts';
import { createAuthKeys, createSessions, type Sessions } from './sessions/index.ts';
import type { SqlStore } from './sql/index.ts';
import { realSystem, type System } from './system.ts';

/** The database of one scope. */
export interface OpenDatabase<Tx> {
  store: SqlStore<Tx>;
  /** Closes the scope's connections. On Workers each scope has connections; on Node scopes share a pool. */
  close?(): Promise<unknown>;
}

/** The access to QStash, and the origin for deliveries. */
export interface QstashOptions {
  url: string;
  token: string;
  currentSigningKey: string;
  nextSigningKey: string;
  /** The origin at which QStash reaches this application. QStash's signatures are bound to this origin. */
  deliverTo: string;
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
  /** Opens the database of a scope, without I/O. Needed by writes and jobs. */
  database?(): OpenDatabase<Tx>;
  /** The access to QStash. Needed by jobs. */
  qstash?: QstashOptions;
  /** Keys needed by sessions: `id:base64` of 32 bytes each, separated by commas, the current key first. */
  authKeys?: string;
  /** The sealer. Needed by sealed queries and sensitive jobs. */
  sealer?: Sealer;
  /** Returns the services of loaders. Default: the tenant's id. */
  context?(tenant: string, store: SqlStore<Tx>): Loading;
  /** Returns the tenant ids after `id`, in ascending order, for schedules that run for each tenant. Default: none. */
  tenantsAfter?(id: string, limit: number): Promise<readonly string[]>;
  /** The treatment of writes while Redis does not answer; see `CommitServices.whenDown`. Default `available`. */
  whenDown?: 'available' | 'strict';
  /** Sends requests to QStash. Default: the platform's `fetch`. */
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
   * @throws {TypeError} without the option `authKeys`.
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
  /** Returns the services of a tenant. Pass only a tenant from verified credentials. */
  tenant(id: string): HoldfastTenant<Tx, Loading>;
}

/** The long-lived parts of one isolate: numbers and settings. */
export interface Holdfast<Tx, Loading extends LoadContext> {
  /** Makes the services of one request. The caller must `end()` the scope. */
  scope(): HoldfastScope<Tx, Loading>;
  /** Returns middleware that sets each request's scope as `c.var.scope`, and ends the scope after the response. */
  middleware(): MiddlewareHandler<{ Variables: { scope: HoldfastScope<Tx, Loading> } }>;
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
  const statistics = createCacheStatistics();
  const memory = createMemory();
  const limitMemory = createLimitMemory();
  const keys = options.authKeys === undefined ? null : createAuthKeys(options.authKeys);
  const environment = settingsOf(options.qstash);
  // A wrapper, because workerd's own fetch throws if called as a method of a scope.
  const send: typeof fetch = (input, init) => (options.fetch ?? fetch)(input, init);
  // Without the option `context`, loaders get only the tenant.
  const contextOf = options.context ?? ((tenant: string) => ({ tenant }) as Loading);

  function scope(): HoldfastScope<Tx, Loading> {
    const redisMeter = createRedisMeter();
    const { url, token, timeoutMs, fetch: sendToRedis } = options.redis;
    const limits = { meter: redisMeter, breaker, now, onRefused, ...(timeoutMs ? { timeout: timeoutMs } : {}) };
    const redis = new RedisClient(
      createTransport({ url, token, ...limits, ...(sendToRedis ? { fetch: sendToRedis } : {}) }),
    );
    const background = createBackground(log);
    const { after } = background;
    const database = options.database?.();
    const store = database?.store ?? noDatabase<Tx>();
    const reads: HoldfastScope<Tx, Loading>['reads'] = [];

    const tenants = new Map<string, HoldfastTenant<Tx, Loading>>();

    function tenant(id: string): HoldfastTenant<Tx, Loading> {
      const known = tenants.get(id);
      if (known) return known;
      const write: Commit<Tx> = async (run, settings) => {
        const changed = new Set<RedisKey>();
        const invalidator = createInvalidator(redis, system, changed);
        const handlers = options.qstash ? jobOutboxHandlers(made) : {};
        try {
          const services = { tenant: id, store, invalidator, system, log, after, whenDown, sealer, handlers };
          return await commit(services, run, settings);
        } finally {
          cache.changed([...changed]);
        }
      };
      const cache = createCache<Loading, Tx>({
        ...{ context: contextOf(id, store), redis, system, statistics, memory, sealer, after, commit: write },
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
      ...{ environment, redis, redisMeter, system, log, sealer, fetch: send, store, reads, after, tenant },
      limiter: createLimiter({ redis, system, memory: limitMemory, log }),
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

/** Ends a scope after the response if the platform allows this (`waitUntil`), otherwise before the response. */
async function endAfter(c: Context, scope: BaseScope): Promise<void> {
  const ended = scope.end();
  let context: Pick<Context['executionCtx'], 'waitUntil'>;
  try {
    context = c.executionCtx;
  } catch {
    // Hono throws if the platform has no execution context, as on Node.
    return ended;
  }
  context.waitUntil(ended);
}

function settingsOf(qstash: QstashOptions | undefined): JobSettings {
  return {
    QSTASH_URL: qstash?.url ?? '',
    QSTASH_TOKEN: qstash?.token ?? '',
    QSTASH_CURRENT_SIGNING_KEY: qstash?.currentSigningKey ?? '',
    QSTASH_NEXT_SIGNING_KEY: qstash?.nextSigningKey ?? '',
    APP_URL: qstash?.deliverTo ?? '',
    CACHE_STATISTICS_MS: 10_000,
    ERROR_MESSAGES: 'redacted',
  };
}

function noDatabase<Tx>(): SqlStore<Tx> {
  const refuse = () => Promise.reject(new TypeError('Writes and jobs need the option database'));
  return { transaction: refuse, query: refuse };
}
