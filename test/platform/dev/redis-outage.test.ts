/** Redis is killed and comes back on the same port: quick errors meanwhile, and no other part needs a restart. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedRedis, startRedis } from '../../../dev/redis/server.ts';
import { type RedisRest, startRedisRest } from '../../../dev/redis-rest/server.ts';
import { lastingPort } from '../../support/lasting-port.ts';
import { TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

let redis: EmbeddedRedis;
let rest: RedisRest;
beforeEach(async () => {
  redis = await startRedis({ port: await lastingPort() });
  rest = await startRedisRest({ redisUrl: redis.url, token: TOKEN, replyTimeLimitMs: 200 });
});
afterEach(async () => {
  await rest.close();
  await redis.close();
});

test('while Redis is down, requests are refused with 503; they work again when Redis is back', async () => {
  await call(rest, '/', ['SET', 'k', 'v']);
  await redis.close();
  await expect.poll(async () => (await call(rest, '/', ['GET', 'k'])).status).toBe(503);
  const down = await Promise.all([
    call(rest, '/', ['GET', 'k']),
    call(rest, '/pipeline', [['GET', 'k'], ['PING']]),
    call(rest, '/multi-exec', [['SET', 'k', 'w']]),
    call(rest, '/subscribe/c'),
  ]);
  for (const answer of down) {
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual({ error: expect.stringMatching(/^Redis is not available/) });
  }

  redis = await startRedis({ port: redis.port });
  await expect.poll(async () => (await call(rest, '/', ['GET', 'k'])).body).toEqual({ result: null });
  expect((await call(rest, '/', ['SET', 'k', 'again'])).body).toEqual({ result: 'OK' });
});

test('a request under way when Redis dies is answered and does not hang', async () => {
  // The command is sent in the next turn, on a connection that is being cut.
  rest.intercept = () => {
    void redis.close();
    return 'pass';
  };
  expect((await call(rest, '/', ['GET', 'k'])).status).toBe(503);
});

test('the stream of a subscriber ends when Redis dies', async () => {
  const response = await fetch(`${rest.url}/subscribe/c`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const stream = response.body?.getReader();
  await stream?.read();
  await redis.close();
  expect((await stream?.read())?.done).toBe(true);
});

test('closing twice has no further effect', async () => {
  await Promise.all([redis.close(), redis.close()]);
  await Promise.all([rest.close(), rest.close()]);
});

test('the server does not start without a reachable Redis', async () => {
  await redis.close();
  await expect(startRedisRest({ redisUrl: redis.url, token: TOKEN })).rejects.toThrow(/ECONNREFUSED/);
});
