/** The services of one request, tick or delivery. Services that few requests use are created on first use. */
import { apiKeyRecord } from '../identity/index.ts';
import { type Background, createBackground } from '../platform/background.ts';
import { codeHmac, createOneTimeCodes, type OneTimeCodes } from '../platform/codes/index.ts';
import { countedTransport, countStatement } from '../platform/counters/index.ts';
import { type Database, openDatabase, type QueryMeter } from '../platform/db/index.ts';
import { FEED_EVENT, feedHandler } from '../platform/feeds/index.ts';
import type { Scope, TenantScope } from '../platform/http/index.ts';
import { jobOutboxHandlers } from '../platform/jobs/index.ts';
import { createLimiter } from '../platform/limits/index.ts';
import { createMailer, type Mailer } from '../platform/mail/index.ts';
import { type CircuitOptions, createCircuit } from '../platform/outbound/index.ts';
import {
  createSubscribe,
  createTransport,
  RedisClient,
  type RedisMeter,
  type Subscribe,
} from '../platform/redis/index.ts';
import { REVOCATION, revocationHandler } from '../platform/sessions/index.ts';
import { streamOutboxHandlers } from '../platform/streams/index.ts';
import { createTrace, parseTraceparent, type Trace, tracedFetch } from '../platform/telemetry/index.ts';
import type { Isolate } from './isolate.ts';
import { redisSpan, statementSpan } from './spans.ts';
import { createTenantScope } from './tenant-scope.ts';

/** The time limit for the confirmation of a subscription, in ms. */
const SUBSCRIBE_TIMEOUT_MS = 3_000;

/**
 * Returns a function that creates scopes. The caller must `end()` each scope. Without a request id, the function makes
 * a random request id. `traceparent` is the header of the request.
 */
export function scopesOf(isolate: Isolate): (requestId?: string, traceparent?: string) => Scope {
  return (requestId = isolate.system.token(), traceparent) =>
    createScope(isolate, requestId, traceOf(isolate, traceparent));
}

/** Starts the trace of a scope. Without a collector, only a scope of a traced caller has a trace. */
function traceOf({ environment, system, exporter }: Isolate, traceparent: string | undefined): Trace | null {
  const parent = traceparent === undefined ? null : parseTraceparent(traceparent);
  if (!exporter && !parent) return null;
  return createTrace({
    system,
    parent,
    records: exporter !== null,
    ratio: environment.OTEL_TRACES_SAMPLER_ARG,
    parentBased: environment.OTEL_TRACES_SAMPLER === 'parentbased_traceidratio',
    slowMs: environment.TRACE_SLOW_MS,
  });
}

function createScope(isolate: Isolate, requestId: string, trace: Trace | null): Scope {
  const { environment, pool, system, counters } = isolate;
  const log = isolate.log.with({ requestId, ...(trace ? { traceId: trace.traceId } : {}) });
  const traced = (send: typeof fetch) => (trace ? tracedFetch(trace, system, send) : send);
  const redisMeter: RedisMeter = { requests: 0, commands: 0, ms: 0, bytesOut: 0, bytesIn: 0, failures: 0 };
  const redis: RedisClient = new RedisClient(
    createTransport({
      url: environment.UPSTASH_REDIS_REST_URL,
      token: environment.UPSTASH_REDIS_REST_TOKEN,
      timeout: environment.REDIS_TIMEOUT_MS,
      coalesce: environment.REDIS_COALESCE,
      meter: redisMeter,
      breaker: isolate.breaker,
      now: () => system.now(),
      onRefused: isolate.onRefused,
      ...countedTransport({
        counters,
        everyMs: environment.COUNTERS_FLUSH_MS,
        client: () => redis,
        after: (work) => scope.after(work),
        onRequest: (request) => trace?.add(redisSpan(request)),
      }),
      onUnexpectedReply: (command) => log.error('redis.unexpected_reply', { command }),
      ...(isolate.redisFetch ? { fetch: isolate.redisFetch } : {}),
    }),
  );
  const slowMs = environment.SLOW_SQL_MS;
  const onStatement = (sql: string, ms: number) => {
    const slow = countStatement({ counters, requestId, slowMs }, sql, ms);
    trace?.add(statementSpan(sql, ms));
    if (slow) log.warn('db.slow', { statement: slow, ms: Math.round(ms) });
  };
  const queryMeter: QueryMeter = { queries: 0, ms: 0, onStatement };
  const tenants = new Map<string, TenantScope>();
  const circuit = (options: CircuitOptions) =>
    createCircuit({ redis, system, log, counters, memory: isolate.circuits, after: scope.after }, options);

  // These services are created at their first use, because most requests need none of these services.
  let subscribe: Subscribe | undefined;
  let background: Background | undefined;
  let database: Database | undefined;
  let codes: OneTimeCodes | undefined;
  let mailer: Mailer | undefined;

  const scope: Scope = {
    requestId,
    trace,
    exporter: isolate.exporter,
    environment,
    log,
    system,
    redis,
    get subscribe() {
      subscribe ??= createSubscribe({
        url: environment.UPSTASH_REDIS_REST_URL,
        token: environment.UPSTASH_REDIS_REST_TOKEN,
        timeoutMs: SUBSCRIBE_TIMEOUT_MS,
        system,
        fetch: isolate.fetch,
        meter: redisMeter,
        onRefused: isolate.onRefused,
      });
      return subscribe;
    },
    redisMeter,
    evictionMemory: isolate.evictionMemory,
    limiter: createLimiter({ redis, system, memory: isolate.limitMemory, log, counters }),
    apiRules: isolate.apiRules,
    apiKeyRecords: apiKeyRecord,
    usage: isolate.usage,
    get codes() {
      codes ??= createOneTimeCodes({ redis, system, hmac: codeHmac(isolate.authKeys) });
      return codes;
    },
    addressDigest: isolate.addressDigest,
    circuit,
    get mailer() {
      mailer ??= createMailer({
        url: environment.MAIL_URL,
        token: environment.MAIL_TOKEN,
        from: environment.MAIL_FROM,
        circuit: circuit({ name: 'mail' }),
        system,
        fetch: scope.fetch,
      });
      return mailer;
    },
    queryMeter,
    get database() {
      database ??= openDatabase({
        connectionString: environment.DATABASE_URL,
        meter: queryMeter,
        ...(pool ? { pool } : {}),
      });
      return database;
    },
    get store() {
      return scope.database.store;
    },
    get outboxHandlers() {
      return {
        ...jobOutboxHandlers(scope),
        [REVOCATION]: revocationHandler(scope),
        [FEED_EVENT]: feedHandler(scope),
        ...streamOutboxHandlers(scope),
      };
    },
    sealer: isolate.sealer,
    authSealer: isolate.authSealer,
    fetch: traced(isolate.fetch),
    // The trace of a traced scope has a span for each publication.
    sendToQstash: trace ? undefined : isolate.qstashFetch,
    publicFetch: traced(isolate.publicFetch),
    counters,
    statistics: isolate.statistics,
    reads: [],
    after(work) {
      background ??= createBackground(log);
      background.after(work);
    },
    tenant(id) {
      const known = tenants.get(id) ?? createTenantScope(isolate, scope, id);
      tenants.set(id, known);
      return known;
    },
    async tenantsAfter(id, take) {
      const client = await scope.database.client();
      const where = { id: { gt: id } };
      const found = await client.tenant.findMany({ where, orderBy: { id: 'asc' }, take, select: { id: true } });
      return found.map((tenant) => tenant.id);
    },
    async end() {
      await background?.end();
      await database?.close();
      if (trace) await isolate.exporter?.sendSpans(trace.kept(), log);
    },
  };
  return scope;
}
