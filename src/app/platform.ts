/**
 * The composition root: from the environment to long-lived parts, and from those to the services of one request. Only
 * numbers and configuration live as long as the isolate (breaker, statistics; on Node also the database pool). Every
 * part with a socket or a promise is made per scope, because workerd allows neither to be shared between requests.
 */
import { BUILD_ID } from '#build-id';
import { createBackground } from '../platform/background.ts';
import {
  type CacheStatistics,
  type Commit,
  createCache,
  createCacheStatistics,
  createInvalidator,
  createMemory,
  flushStatistics,
} from '../platform/cache/index.ts';
import { addressDigest, codeHmac, createOneTimeCodes } from '../platform/codes/index.ts';
import { type DatabasePool, openDatabase, type TransactionClient } from '../platform/db/index.ts';
import type { DataContext, Scope, TenantScope } from '../platform/http/index.ts';
import {
  createJobs,
  createSchedules,
  jobOutboxHandlers,
  platformSchedules,
  type ScheduleRegistry,
  type TickReport,
  trigger,
} from '../platform/jobs/index.ts';
import { createLimiter, createLimitMemory, type LimitMemory, rule, sliding } from '../platform/limits/index.ts';
import { createLog, type Log, type LogOptions } from '../platform/log.ts';
import { createMailer } from '../platform/mail/index.ts';
import { type CircuitOptions, createCircuit, createCircuitMemory } from '../platform/outbound/index.ts';
import { addToOutbox, commit } from '../platform/outbox/index.ts';
import {
  createBreaker,
  createEvictionMemory,
  createRedisMeter,
  createRefusalNotes,
  createSealer,
  createTransport,
  RedisClient,
  type RedisKey,
  type Sealer,
  type TransportFetch,
} from '../platform/redis/index.ts';
import {
  authSealer,
  createAuthKeys,
  createClientTokens,
  createSessions,
  REPEAT_AFTER_MS,
  REVOCATION,
  type Revocation,
} from '../platform/sessions/index.ts';
import { realSystem, type System } from '../platform/system.ts';
import type { Environment } from './env.ts';

/** The parts for a platform. */
export interface PlatformOptions {
  environment: Environment;
  /** Lends Prisma clients to scopes: one for all on Node and Lambda, one at a time to each on workerd. */
  pool?: DatabasePool;
  system?: System;
  /** How requests to Redis are sent. Default: the platform's `fetch`; on Node `createNodeFetch()` is faster. */
  fetch?: TransportFetch;
  /** The schedules. Default: the platform's own. */
  schedules?: ScheduleRegistry;
  /** The `fetch` for all other requests: QStash, the mail provider, webhooks. Default: the platform's `fetch`. */
  outbound?: typeof fetch;
  /**
   * The `fetch` for URLs chosen by users, outside local mode. Default: `outbound`, which on Workers cannot reach
   * private networks. Use `createPublicFetch()` on Node.
   */
  publicFetch?: typeof fetch;
  /** Receives log lines. Default: the console. */
  write?: LogOptions['write'];
}

/** The long-lived parts of one isolate. */
export interface Platform {
  /** Makes the services of one request, tick or job. The caller must `end()` the scope. */
  scope(requestId?: string): Scope;
  /**
   * Runs the schedules that are due. Called by the scheduled function.
   * @param at the minute of the call, in ms since the epoch. Default: now.
   */
  scheduled(at?: number): Promise<TickReport[]>;
  readonly schedules: ScheduleRegistry;
  readonly statistics: CacheStatistics;
  /** This isolate's local state of the limits, and how often each rule admitted and refused. */
  readonly limitMemory: LimitMemory;
}

/** Builds a platform, without I/O. */
export function createPlatform(options: PlatformOptions): Platform {
  const { environment, pool, system = realSystem } = options;
  const schedules = options.schedules ?? createSchedules(platformSchedules(createJobs([])));
  const now = () => system.now();
  const log = createLog({
    now,
    level: environment.LOG_LEVEL,
    messages: environment.ERROR_MESSAGES,
    ...(options.write ? { write: options.write } : {}),
  }).with(BUILD_ID === undefined ? {} : { build: BUILD_ID });
  const breaker = createBreaker({ now });
  const onRefused = createRefusalNotes({ now, log });
  const evictionMemory = createEvictionMemory();
  const statistics = createCacheStatistics();
  const memory = createMemory();
  const sealer = openSealer(environment, log);
  const authKeys = createAuthKeys(environment.AUTH_KEYS);
  const codeSealer = authSealer(authKeys);
  const digestOfAddress = addressDigest(authKeys);
  const limitMemory = createLimitMemory();
  const apiRules = apiRulesOf(environment);
  const circuits = createCircuitMemory();
  // A wrapper, because workerd's own fetch throws if called as a method of a scope.
  const send: typeof fetch = (input, init) => (options.outbound ?? fetch)(input, init);
  const sendToPublic = environment.HOLDFAST_MODE === 'local' ? send : (options.publicFetch ?? send);
  let statisticsFlushedAt = now();

  function scope(requestId: string = system.token()): Scope {
    const redisMeter = createRedisMeter();
    const scopeLog = log.with({ requestId });
    const transport = createTransport({
      url: environment.UPSTASH_REDIS_REST_URL,
      token: environment.UPSTASH_REDIS_REST_TOKEN,
      timeout: environment.REDIS_TIMEOUT_MS,
      coalesce: environment.REDIS_COALESCE,
      meter: redisMeter,
      breaker,
      now,
      onRefused,
      onUnexpectedReply: (command) => scopeLog.error('redis.unexpected_reply', { command }),
      ...(options.fetch ? { fetch: options.fetch } : {}),
    });
    const redis = new RedisClient(transport);
    const database = openDatabase({ connectionString: environment.DATABASE_URL, ...(pool ? { pool } : {}) });
    const { store } = database;
    const background = createBackground(scopeLog);
    const { after } = background;
    const tenants = new Map<string, TenantScope>();
    const reads: Scope['reads'] = [];

    function tenant(id: string): TenantScope {
      const known = tenants.get(id);
      if (known) return known;
      const context: DataContext = { tenant: id, db: () => database.client() };
      const commitHere: Commit<TransactionClient> = async (run, options) => {
        const changed = new Set<RedisKey>();
        const invalidator = createInvalidator(redis, system, changed);
        const whenDown = environment.WRITES_WHEN_REDIS_IS_DOWN;
        const { call, actorId } = services;
        const write = {
          tenant: id,
          actorId,
          store,
          invalidator,
          system,
          log: scopeLog,
          after,
          whenDown,
          sealer,
          call,
        };
        try {
          return await commit({ ...write, handlers: jobOutboxHandlers(made) }, run, options);
        } finally {
          cache.changed([...changed]);
        }
      };
      const cache = createCache({
        context,
        redis,
        system,
        statistics,
        memory,
        sealer,
        commit: commitHere,
        after,
        onRead: (outcome, query) => reads.push({ outcome, query }),
        onPipeline() {
          if (now() - statisticsFlushedAt < environment.CACHE_STATISTICS_MS) return;
          statisticsFlushedAt = now();
          after(flushStatistics(redis, statistics, now()));
        },
      });
      const onRevoked = (payload: Revocation) => {
        const entry = { tenant: id, kind: REVOCATION, payload, dueAt: system.now() + REPEAT_AFTER_MS };
        after(() =>
          addToOutbox({ store, system }, entry).catch((error: unknown) =>
            scopeLog.warn('session.revocation_not_stored', { error }),
          ),
        );
      };
      const identity = { tenant: id, redis, system, keys: authKeys, onRevoked };
      const sessions = createSessions({
        ...identity,
        sealer,
        after,
        onRefused: (reason, { sid }) => scopeLog.warn('session.refused', { tenant: id, reason, sid: sid.slice(0, 8) }),
      });
      const tokens = createClientTokens({ ...identity, issuer: environment.APP_URL });
      const services: TenantScope = {
        ...context,
        actorId: null,
        call: null,
        cache,
        commit: commitHere,
        sessions,
        tokens,
      };
      tenants.set(id, services);
      return services;
    }

    const circuit = (options: CircuitOptions) =>
      createCircuit({ redis, system, log: scopeLog, memory: circuits, after }, options);

    const made: Scope = {
      requestId,
      environment,
      log: scopeLog,
      system,
      redis,
      redisMeter,
      evictionMemory,
      limiter: createLimiter({ redis, system, memory: limitMemory, log: scopeLog }),
      apiRules,
      codes: createOneTimeCodes({ redis, system, hmac: codeHmac(authKeys) }),
      addressDigest: digestOfAddress,
      circuit,
      mailer: createMailer({
        url: environment.MAIL_URL,
        token: environment.MAIL_TOKEN,
        from: environment.MAIL_FROM,
        circuit: circuit({ name: 'mail' }),
        system,
        fetch: send,
      }),
      database,
      store,
      sealer,
      authSealer: codeSealer,
      fetch: send,
      publicFetch: sendToPublic,
      statistics,
      reads,
      after,
      tenant,
      async tenantsAfter(id, take) {
        const client = await database.client();
        const where = { id: { gt: id } };
        const tenants = await client.tenant.findMany({ where, orderBy: { id: 'asc' }, take, select: { id: true } });
        return tenants.map((each) => each.id);
      },
      async end() {
        await background.end();
        await database.close();
      },
    };
    return made;
  }

  return {
    scope,
    statistics,
    limitMemory,
    schedules,
    scheduled: (at = now()) => trigger({ scope, schedules }, at),
  };
}

/** The limits of one caller and of one IP address for all routes behind the gate. Without Redis, requests are admitted. */
function apiRulesOf({ API_RATE_PER_CALLER, API_RATE_PER_ADDRESS }: Environment) {
  return [
    rule('api-caller', { window: sliding(API_RATE_PER_CALLER, '1m'), by: 'user', whenDown: 'open' }),
    rule('api-address', { window: sliding(API_RATE_PER_ADDRESS, '1m'), by: 'ip', whenDown: 'open' }),
  ];
}

/** The sealer of SEAL_KEYS (`id:base64,id:base64`, the current one first), or none. */
function openSealer({ SEAL_KEYS }: Environment, log: Log): Sealer | null {
  if (!SEAL_KEYS) return null;
  const keys = SEAL_KEYS.split(',').map((each) => each.split(':') as [string, string]);
  return createSealer({
    keys: Object.fromEntries(keys),
    current: keys[0]?.[0] ?? '',
    onRefused: (reason, keyId) => log.error('seal.refused', { reason, keyId }),
  });
}
