import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, isText, key, RedisError, script } from '../../../src/platform/redis/index.ts';
import { createIsolate } from '../../support/isolate.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';

const setScript = script<string>(
  'test.set',
  `
-- KEYS[1] a string
-- ARGV[1] its value
return redis.call('SET', KEYS[1], ARGV[1])
`,
  { isReply: isText },
);

const freeing = script<string>(
  'test.free',
  `
-- Gives a string a value that is not longer than the one it has.
-- KEYS[1] a string
-- ARGV[1] its value
return redis.call('SET', KEYS[1], ARGV[1])
`,
  { allowOom: true, isReply: isText },
);

describe.skipIf(!hasRedisServer)('a Redis that answers and refuses', () => {
  let server: RedisServer;
  let rest: Awaited<ReturnType<typeof startAppRest>>;
  beforeAll(async () => {
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
  });
  afterEach(() => server.heal());
  afterAll(async () => {
    await rest.close();
    await server.close();
  });

  async function refusalOf(write: () => Promise<unknown>): Promise<RedisError> {
    const error = await write().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof RedisError)) throw new Error('Redis refused nothing', { cause: error });
    return error;
  }

  it.each([
    ['full', 'OOM', () => server.fill()],
    ['read-only', 'READONLY', () => server.makeReadOnly()],
    ['without the permission to SET', 'NOPERM', () => server.forbid('-set')],
  ])('%s: a write is a refusal (%s), and reads go on', async (_state, reply, make) => {
    const { redis } = createIsolate({ rest }).scope('acme');
    const kept = key('acme', 'item', 'kept');
    await redis.set(kept, 'value');
    await make();
    const refused = await refusalOf(() => redis.set(key('acme', 'item', 'new'), 'value'));
    expect(isRefusal(refused)).toBe(true);
    expect(refused).toMatchObject({ code: reply === 'NOPERM' ? 'REDIS_NOPERM' : 'REDIS_COMMAND', reply });
    expect(await redis.get(kept)).toBe('value');
  });

  it.each([
    ['full', () => server.fill()],
    ['read-only', () => server.makeReadOnly()],
    ['without the permission to SET', () => server.forbid('-set')],
  ])('%s: a script that writes is a refusal', async (_state, make) => {
    const { redis } = createIsolate({ rest }).scope('acme');
    await make();
    expect(isRefusal(await refusalOf(() => setScript.call(redis, [key('acme', 'item', 'new')], ['v'])))).toBe(true);
  });

  it('full: UNLINK is allowed', async () => {
    const { redis } = createIsolate({ rest }).scope('acme');
    const kept = key('acme', 'item', 'kept');
    await redis.set(kept, 'value');
    await server.fill();
    expect(await redis.unlink(kept)).toBe(1);
  });

  it('full: a script with the flag allow-oom runs, by its text and by its digest', async () => {
    const { redis } = createIsolate({ rest }).scope('acme');
    await server.fill();
    expect(await freeing.call(redis, [key('acme', 'item', 'kept')], ['one'])).toBe('OK');
    expect(await freeing.call(redis, [key('acme', 'item', 'kept')], ['two'])).toBe('OK');
    expect(await redis.get(key('acme', 'item', 'kept'))).toBe('two');
  });
});
