/** Checks Redis: the token, evictions, the clock, the memory. */
import { createLog } from '../../src/platform/log.ts';
import {
  createBreaker,
  createEvictionMemory,
  createRedisMeter,
  createTransport,
  type Eviction,
  infoNumber,
  RedisClient,
  RedisError,
  readEviction,
} from '../../src/platform/redis/index.ts';
import { clockFinding, type Finding, PATIENCE_MS, type Variables } from './finding.ts';

/** Opens a client for commands of an operator, who waits longer than a request. */
export function openRedis({ url, token }: { url: string; token: string }, now: () => number): RedisClient {
  const meter = createRedisMeter();
  return new RedisClient(
    createTransport({ url, token, timeout: PATIENCE_MS, meter, breaker: createBreaker({ now }), now }),
  );
}

/** Checks the Redis of the variables. 1 request; 3 if Redis reports no eviction policy. */
export async function checkRedis(variables: Variables, now: () => number): Promise<Finding[]> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, REDIS_MEMORY_LIMIT: limit } = variables;
  if (!url || !token) return [];
  const redis = openRedis({ url, token }, now);
  const began = now();
  const asked = redis.exec<string>(['INFO']);
  const log = createLog({ now, write: () => undefined });
  const evicts = readEviction({ redis, memory: createEvictionMemory(), log, now }, asked.then(String));
  try {
    const [info, [seconds, micros]] = await Promise.all([asked, redis.exec<[string, string]>(['TIME'])]);
    const ended = now();
    return [
      { part: 'redis', outcome: 'ok', text: `answers in ${ended - began} ms` },
      evictionFinding(await evicts),
      clockFinding('redis', Number(seconds) * 1000 + Number(micros) / 1000, { began, ended }),
      ...memoryFinding(infoNumber(String(info), 'used_memory'), Number(limit || 0)),
    ];
  } catch (error) {
    return [failureOf(error)];
  }
}

function evictionFinding(eviction: Eviction): Finding {
  if (eviction === 'off') return { part: 'redis', outcome: 'ok', text: 'evicts no keys' };
  const cure = 'Turn eviction off in the settings of the database (maxmemory-policy noeviction)';
  return eviction === 'on'
    ? {
        part: 'redis',
        outcome: 'failed',
        text: 'evicts keys when it is full: jobs, locks and sessions would be lost',
        cure,
      }
    : { part: 'redis', outcome: 'warning', text: 'does not report its eviction policy', cure };
}

/** `limit` is the memory of the plan in bytes; 0 if it is not known. */
function memoryFinding(used: number | null, limit: number): Finding[] {
  if (used === null || !(limit > 0)) return [];
  const share = Math.round((used / limit) * 100);
  const text = `uses ${share} % of REDIS_MEMORY_LIMIT`;
  if (share < 80) return [{ part: 'redis', outcome: 'ok', text }];
  return [{ part: 'redis', outcome: 'warning', text, cure: 'Choose a larger plan; see docs/alerts.md' }];
}

function failureOf(error: unknown): Finding {
  const code = error instanceof RedisError ? error.code : 'REDIS_UNAVAILABLE';
  if (code === 'REDIS_UNAUTHORIZED') {
    const cure = 'Copy UPSTASH_REDIS_REST_TOKEN from the REST API of the database; a read-only token is not enough';
    return { part: 'redis', outcome: 'failed', text: 'refuses the token', cure };
  }
  const text = code === 'REDIS_TIMEOUT' ? `no answer within ${PATIENCE_MS / 1000} s` : `no answer (${code})`;
  return { part: 'redis', outcome: 'failed', text, cure: 'Check UPSTASH_REDIS_REST_URL, and that the database exists' };
}
