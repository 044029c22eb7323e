/**
 * The composition root: from the environment to long-lived parts, and from those to the services of one request. What
 * lives as long as the isolate is numbers and configuration (breaker, statistics; on Node also the database pool);
 * everything that holds a socket or a promise is made per scope, because workerd lets neither cross requests.
 */
import { BUILD_ID } from '#build-id';
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
import { addToOutbox, commit, type DatabasePool, openDatabase } from '../platform/db/index.ts';
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

/** What a platform is made of. */
export interface PlatformOptions {
  environment: Environment;
  /** Lends Prisma clients to scopes: one for all on Node and Lambda, one at a time to each on workerd. */
  pool?: DatabasePool;
  system?: System;
  /** How requests to Redis are sent. Default: the platform's `fetch`; on Node `createNodeFetch()` is faster. */
  fetch?: TransportFetch;
  /** What is done when. Default: the platform's own schedules. */
  schedules?: ScheduleRegistry;
  /** The way to everything else: QStash, the mail provider, webhooks. Default: the platform's `fetch`. */
  outbound?: typeof fetch;
  /**
   * The way to URLs that users choose, outside local mode. Default: as `outbound`, which on Workers reaches no private
   * network; on Node `createPublicFetch()`.
   */
  publicFetch?: typeof fetch;
  /** Receives log lines. Default: the console. */
  write?: LogOptions['write'];
}

/** The long-lived parts of one isolate. */
export interface Platform {
  /** Makes the services of one request, tick or job. Whoever makes a scope must `end()` it. */
  scope(requestId?: string): Scope;
  /**
   * What the scheduled function does: runs what is due.
   * @param at the minute it was called for, in ms since the epoch. Default: now.
   */
  scheduled(at?: number): Promise<TickReport[]>;
  readonly schedules: ScheduleRegistry;
  readonly statistics: CacheStatistics;
  /** What this isolate remembers of limits, and how often each rule said yes and no. */
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
  // Called as a method of a scope, workerd's own fetch would refuse.
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
      meter: redisMeter,
      breaker,
      now,
      onRefused,
      onUnexpectedReply: (command) => scopeLog.error('redis.unexpected_reply', { command }),
      ...(options.fetch ? { fetch: options.fetch } : {}),
    });
    const redis = new RedisClient(transport);
    const database = openDatabase({ connectionString: environment.DATABASE_URL, ...(pool ? { pool } : {}) });
    const pending = new Set<Promise<unknown>>();
    const tenants = new Map<string, TenantScope>();
    const reads: Scope['reads'] = [];

    const later: (() => Promise<unknown>)[] = [];

    function after(work: Promise<unknown> | (() => Promise<unknown>)): void {
      if (typeof work === 'function') {
        later.push(work);
        return;
      }
      const guarded = work.catch((error: unknown) => scopeLog.error('after.failed', { error }));
      pending.add(guarded);
      guarded.then(() => pending.delete(guarded));
    }

    function tenant(id: string): TenantScope {
      const known = tenants.get(id);
      if (known) return known;
      const context: DataContext = { tenant: id, db: () => database.client() };
      const commitHere: Commit = async (run, options) => {
        const changed = new Set<RedisKey>();
        const invalidator = createInvalidator(redis, system, changed);
        const whenDown = environment.WRITES_WHEN_REDIS_IS_DOWN;
        const { call } = services;
        const write = { tenant: id, database, invalidator, system, log: scopeLog, after, whenDown, sealer, call };
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
          addToOutbox({ database, system }, entry).catch((error: unknown) =>
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
      sealer,
      authSealer: codeSealer,
      fetch: send,
      publicFetch: sendToPublic,
      statistics,
      reads,
      after,
      tenant,
      async end() {
        // Work may hand over more work.
        while (pending.size > 0 || later.length > 0) {
          for (const work of later.splice(0)) after((async () => work())());
          await Promise.all(pending);
        }
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

/** What one caller and one address may ask of everything behind a gate. Reads go on when nobody can count. */
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
