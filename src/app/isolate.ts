/**
 * The long-lived parts of one isolate: configuration, counters, memories, keys. A part with a socket or a promise
 * belongs to a scope instead, because on workerd a request cannot use a socket or a promise of another request. The
 * database pool of Node is the one exception.
 */
import { BUILD_ID } from '#build-id';
import { type CacheStatistics, createCacheStatistics, createMemory, type Memory } from '../platform/cache/index.ts';
import { type AddressDigest, addressDigest } from '../platform/codes/index.ts';
import { type Counters, createCounters } from '../platform/counters/index.ts';
import type { DatabasePool } from '../platform/db/index.ts';
import type { NodeFetch } from '../platform/keep-alive-fetch.ts';
import { createLimitMemory, type LimitMemory, type Rule, rule, sliding } from '../platform/limits/index.ts';
import { createLog, type Log, type LogOptions } from '../platform/log.ts';
import { wakeOperators } from '../platform/observe/index.ts';
import { type CircuitMemory, createCircuitMemory } from '../platform/outbound/index.ts';
import {
  type Breaker,
  createBreaker,
  createEvictionMemory,
  createRefusalNotes,
  createSealer,
  type EvictionMemory,
  type Refused,
  type Sealer,
  type TransportFetch,
} from '../platform/redis/index.ts';
import { type AuthKeys, authSealer, createAuthKeys } from '../platform/sessions/index.ts';
import { realSystem, type System } from '../platform/system.ts';
import { createExporter, type Exporter } from '../platform/telemetry/index.ts';
import { createUsage, type Usage } from '../platform/usage/index.ts';
import type { Environment } from './env.ts';

/** The parts that an isolate is made of. */
export interface IsolateOptions {
  environment: Environment;
  /**
   * Lends Prisma clients to scopes. On Node and Lambda scopes share one client. On workerd two scopes never use a
   * client at the same time.
   */
  pool?: DatabasePool;
  system?: System;
  /** How requests to Redis are sent. Default: the platform's `fetch`; on Node `createNodeFetch()` is faster. */
  fetch?: TransportFetch;
  /** The `fetch` for all other requests: QStash, the mail provider, webhooks. Default: the platform's `fetch`. */
  outbound?: typeof fetch;
  /** How jobs are published to QStash, outside of traces. Default: `outbound`; on Node `createNodeFetch()` is faster. */
  qstash?: NodeFetch;
  /**
   * The `fetch` for URLs chosen by users, outside local mode. Default: `outbound`, which on Workers cannot reach
   * private networks. Use `createPublicFetch()` on Node.
   */
  publicFetch?: typeof fetch;
  /** Receives log lines. Default: the console. */
  write?: LogOptions['write'];
}

/** The long-lived parts; scopes share them. */
export interface Isolate {
  readonly environment: Environment;
  readonly pool: DatabasePool | undefined;
  readonly system: System;
  readonly log: Log;
  readonly redisFetch: TransportFetch | undefined;
  readonly qstashFetch: NodeFetch | undefined;
  readonly breaker: Breaker;
  /** Counts and logs a refusal by Redis. */
  readonly onRefused: (refused: Refused) => void;
  readonly evictionMemory: EvictionMemory;
  readonly counters: Counters;
  /** The users of this isolate's requests. */
  readonly usage: Usage;
  readonly statistics: CacheStatistics;
  readonly memory: Memory;
  readonly sealer: Sealer | null;
  readonly authKeys: AuthKeys;
  readonly authSealer: Sealer;
  readonly addressDigest: AddressDigest;
  /** This isolate's memory of the limits: blocked callers, and counts for times when Redis does not answer. */
  readonly limitMemory: LimitMemory;
  readonly apiRules: readonly Rule[];
  readonly circuits: CircuitMemory;
  readonly fetch: typeof fetch;
  readonly publicFetch: typeof fetch;
  /** Sends traces and metrics; `null` without a collector. */
  readonly exporter: Exporter | null;
}

/** Makes an isolate, without I/O. */
export function createIsolate(options: IsolateOptions): Isolate {
  const { environment, pool, system = realSystem, fetch: redisFetch } = options;
  const now = system.now.bind(system);
  const log = createLog({
    now,
    level: environment.LOG_LEVEL,
    messages: environment.ERROR_MESSAGES,
    ...(options.write ? { write: options.write } : {}),
  }).with(BUILD_ID === undefined ? {} : { build: BUILD_ID });
  const authKeys = createAuthKeys(environment.AUTH_KEYS);
  const counters = createCounters({ now, token: () => system.token() }, now());
  const usage = createUsage({ now, hmac: (text) => authKeys.hmac('usage', text).mac });
  counters.alongside((redis) => usage.flush(redis));
  counters.alongside((redis) => wakeOperators({ redis, counters }, environment.OPERATOR_TENANT));
  // The wrapper is needed, because workerd's own fetch throws if it is called as a method of a scope.
  const send: typeof fetch = (input, init) => (options.outbound ?? fetch)(input, init);
  return {
    environment,
    pool,
    system,
    log,
    redisFetch,
    qstashFetch: options.qstash,
    breaker: createBreaker({ now }),
    onRefused: createRefusalNotes({ now, log, count: (reply) => counters.count('redis.refused', { reply }) }),
    evictionMemory: createEvictionMemory(),
    counters,
    usage,
    statistics: createCacheStatistics(counters),
    memory: createMemory(),
    sealer: openSealer(environment, log),
    authKeys,
    authSealer: authSealer(authKeys),
    addressDigest: addressDigest(authKeys),
    limitMemory: createLimitMemory(),
    apiRules: apiRulesOf(environment),
    circuits: createCircuitMemory(),
    fetch: send,
    publicFetch: environment.HOLDFAST_MODE === 'local' ? send : (options.publicFetch ?? send),
    exporter: openExporter(environment, send),
  };
}

/**
 * Returns the limits of a caller and of an IP address for all routes with a gate. If Redis does not answer, requests
 * pass.
 */
function apiRulesOf({ API_RATE_PER_CALLER, API_RATE_PER_ADDRESS }: Environment): Rule[] {
  return [
    rule('api-caller', { window: sliding(API_RATE_PER_CALLER, '1m'), by: 'user', whenDown: 'open' }),
    rule('api-address', { window: sliding(API_RATE_PER_ADDRESS, '1m'), by: 'ip', whenDown: 'open' }),
  ];
}

function openExporter(environment: Environment, send: typeof fetch): Exporter | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = environment;
  if (endpoint === undefined) return null;
  const service = { name: environment.OTEL_SERVICE_NAME, version: BUILD_ID };
  return createExporter({ endpoint, headers, service, fetch: send });
}

/** Creates the sealer of SEAL_KEYS (`id:base64,id:base64`, the current key first); `null` without SEAL_KEYS. */
function openSealer({ SEAL_KEYS }: Environment, log: Log): Sealer | null {
  if (!SEAL_KEYS) return null;
  const keys = SEAL_KEYS.split(',').map((each) => each.split(':') as [string, string]);
  return createSealer({
    keys: Object.fromEntries(keys),
    current: keys[0]?.[0] ?? '',
    onRefused: (reason, keyId) => log.error('seal.refused', { reason, keyId }),
  });
}
