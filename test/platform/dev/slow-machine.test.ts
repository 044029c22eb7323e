/** A machine that is busy for seconds during a connection attempt. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedRedis, startRedis } from '../../../dev/redis/server.ts';
import { startRedisRest } from '../../../dev/redis-rest/server.ts';

let redis: EmbeddedRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

test('1/M7: the REST server connects to Redis even if its thread is blocked for more than a second', async () => {
  const starting = startRedisRest({ redisUrl: redis.url, token: 't' });
  // The connection is requested; when the thread goes on, its timer is checked before its socket.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  const rest = await starting;
  expect(rest.url).toMatch(/^http:/);
  await rest.close();
});
