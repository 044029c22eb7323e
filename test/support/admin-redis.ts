/** A client of Redis with all rights, for the commands of a test itself, which the app's user may not send. */
import { inject } from 'vitest';
import { createBreaker, createRedisMeter, createTransport, RedisClient } from '../../src/platform/redis/index.ts';
import { ADMIN_TOKEN } from './rest.ts';

/** Returns a client of the Redis of a suite, or of the shared cloud with its token. */
export function adminRedis({ url, token = ADMIN_TOKEN }: { url: string; token?: string }): RedisClient {
  const now = Date.now;
  const breaker = createBreaker({ now });
  return new RedisClient(createTransport({ url, token, meter: createRedisMeter(), breaker, now, timeout: 30_000 }));
}

/** Returns a client of the Redis that all suites share. */
export function cloudRedis(): RedisClient {
  const { url, adminToken } = inject('cloud').redisRest;
  return adminRedis({ url, token: adminToken });
}
