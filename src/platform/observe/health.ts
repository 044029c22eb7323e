/** Checks that the service is ready, and reports the state of this isolate's cache. */
import { type CacheStatistics, hitRatio } from '../cache/index.ts';
import type { Scope } from '../http/index.ts';
import { type Eviction, infoField, infoNumber, readEviction } from '../redis/index.ts';

/** The services that the check needs. */
type HealthScope = Pick<Scope, 'redis' | 'evictionMemory' | 'database' | 'log' | 'system'>;

/** The readiness of everything the service depends on. */
export interface Readiness {
  /** `degraded`: the database answers but Redis does not, so answers are right but slow. */
  status: 'ok' | 'degraded' | 'down';
  stats: { hits: number; misses: number; sets: number; deletes: number; errors: number };
  hitRatio: number;
  /** `eviction` must be off: see `redis/eviction.ts`. */
  redis: { status: 'ok' | 'down'; eviction: Eviction } & Record<string, string | number | null>;
  database: { status: 'ok' | 'down' };
}

/** The fields of Redis's INFO that are shown. Upstash and the embedded server do not send all of these fields. */
const INFO_NUMBERS = [
  ...['used_memory', 'mem_fragmentation_ratio', 'evicted_keys', 'expired_keys', 'connected_clients'],
  'uptime_in_seconds',
];

/**
 * Checks Redis and PostgreSQL, each within its own time limit. Costs 1 request to Redis and 1 query. If INFO does not
 * contain the eviction policy, there may be 1 more request to Redis.
 */
export async function readiness(scope: HealthScope, statistics: CacheStatistics): Promise<Readiness> {
  const [redis, database] = await Promise.all([askRedis(scope), askDatabase(scope)]);
  const { hits, stale, misses, bypasses, sets, deletes, errors } = statistics.total;
  return {
    status: database.status === 'down' ? 'down' : redis.status === 'down' ? 'degraded' : 'ok',
    stats: { hits: hits + stale, misses: misses + bypasses, sets, deletes, errors },
    hitRatio: Math.round(hitRatio(statistics.total) * 10_000) / 10_000,
    redis,
    database,
  };
}

async function askRedis(scope: HealthScope): Promise<Readiness['redis']> {
  const { redis, evictionMemory: memory, log, system } = scope;
  const asked = redis.exec<string>(['INFO']);
  const looked = readEviction({ redis, memory, log, now: () => system.now() }, asked.then(String));
  const [ping, info] = await Promise.allSettled([redis.ping(), asked]);
  const eviction = await looked;
  if (ping.status === 'rejected') return { status: 'down', eviction };
  const text = info.status === 'fulfilled' ? String(info.value) : '';
  return {
    status: 'ok',
    eviction,
    version: infoField(text, 'redis_version'),
    used_memory_human: infoField(text, 'used_memory_human'),
    ...Object.fromEntries(INFO_NUMBERS.map((field) => [field, infoNumber(text, field)])),
  };
}

async function askDatabase({ database, log }: HealthScope): Promise<Readiness['database']> {
  try {
    await (await database.client()).$queryRaw`SELECT 1`;
    return { status: 'ok' };
  } catch (error) {
    log.warn('health.database_down', { error });
    return { status: 'down' };
  }
}
