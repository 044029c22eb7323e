/** The embedded Redis: starts empty on the port it is given, and answers without the stalls of Nagle's algorithm. */
import { createClient } from '@redis/client';
import { expect, test } from 'vitest';
import { startRedis } from '../../../dev/redis.ts';
import { startRedisRest } from '../../../dev/redis-rest/server.ts';
import { TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

test('it restarts empty on the same port', async () => {
  const first = await startRedis();
  const client = createClient({ url: first.url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  await client.set('k', 'v');
  await first.close();

  const second = await startRedis({ port: first.port });
  expect(second.url).toBe(first.url);
  const again = createClient({ url: second.url });
  await again.connect();
  expect(await again.get('k')).toBeNull();
  again.destroy();
  await second.close();
});

test('a taken port is an error with its code', async () => {
  const redis = await startRedis();
  await expect(startRedis({ port: redis.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await redis.close();
});

test('concurrent requests are answered without 40 ms stalls', async () => {
  const redis = await startRedis();
  const rest = await startRedisRest({ redisUrl: redis.url, token: TOKEN });
  const rounds: number[] = [];
  for (let round = 0; round < 15; round++) {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 16 }, () => call(rest, '/', ['PING'])));
    rounds.push(performance.now() - startedAt);
  }
  // A delayed acknowledgement would hold up every round; the fastest one tells, however busy the machine is.
  expect(Math.min(...rounds)).toBeLessThan(35);
  await rest.close();
  await redis.close();
});
