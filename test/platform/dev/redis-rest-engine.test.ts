/** The REST API on the embedded engine: rewritten commands, and refusals that name a page of the documentation. */
import { readFileSync } from 'node:fs';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis } from '../../../dev/redis/server.ts';
import { type RedisRest, startRedisRest } from '../../../dev/redis-rest/server.ts';
import { TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

let engine: Awaited<ReturnType<typeof startRedis>>;
let rest: RedisRest;
let redis: Redis;
beforeAll(async () => {
  engine = await startRedis();
  rest = await startRedisRest({ redisUrl: engine.url, token: TOKEN });
  redis = new Redis({ url: rest.url, token: TOKEN, enableTelemetry: false });
});
beforeEach(() => redis.flushdb());
afterAll(async () => {
  await rest.close();
  await engine.close();
});

const run = async (...command: (string | number)[]) =>
  (await call(rest, '/', command)).body as { result?: unknown; error?: string };

describe('the = of a trim', () => {
  const add = (id: string) => redis.xadd('s', id, { n: 1 });

  test('is accepted by XADD and XTRIM after MAXLEN and MINID, in any case and after NOMKSTREAM', async () => {
    for (const id of ['1-1', '2-1', '3-1', '4-1']) await add(id);
    expect(await run('XADD', 's', 'NOMKSTREAM', 'maxlen', '=', '4', '5-1', 'n', '1')).toEqual({ result: '5-1' });
    expect(await redis.xlen('s')).toBe(4);
    expect(await run('XADD', 's', 'MINID', '=', '3-1', '6-1', 'n', '1')).toEqual({ result: '6-1' });
    expect(await redis.xlen('s')).toBe(4);
    expect(await redis.xtrim('s', { strategy: 'MAXLEN', exactness: '=', threshold: 3 })).toBe(1);
    expect(await redis.xtrim('s', { strategy: 'MINID', exactness: '=', threshold: '6-1' })).toBe(2);
    expect(await run('XRANGE', 's', '-', '+')).toEqual({ result: [['6-1', ['n', '1']]] });
  });

  test('is accepted in a pipeline and in a transaction too', async () => {
    const trim = { trim: { type: 'MAXLEN', comparison: '=', threshold: 1 } } as const;
    await redis.pipeline().xadd('s', '1-1', { n: 1 }, trim).xadd('s', '2-1', { n: 1 }, trim).exec();
    await redis.multi().xadd('s', '3-1', { n: 1 }, trim).exec();
    expect(await redis.xlen('s')).toBe(1);
  });

  test('stays in a field named MAXLEN with the value =', async () => {
    await run('XADD', 's', '1-1', 'MAXLEN', '=', '=', 'MAXLEN');
    expect(await run('XRANGE', 's', '-', '+')).toEqual({ result: [['1-1', ['MAXLEN', '=', '=', 'MAXLEN']]] });
  });

  test('without a threshold is still an error', async () => {
    expect(await run('XTRIM', 's', 'MAXLEN', '=')).toEqual({ error: expect.stringMatching(/^ERR/) });
  });
});

test('ECHO answers its argument, also in a transaction and as a path', async () => {
  expect(await redis.echo('hi there')).toBe('hi there');
  expect(await redis.multi().echo('a').set('k', 1).exec()).toEqual(['a', 'OK']);
  expect((await call(rest, '/echo/by%20path')).body).toEqual({ result: 'by path' });
});

describe('memory', () => {
  const usage = async (key: string) => Number((await run('MEMORY', 'USAGE', key)).result);
  const used = async () => Number(/^used_memory:(\d+)\r?$/m.exec(String((await run('INFO', 'memory')).result))?.[1]);
  const FILLS: [type: string, bytes: number, fill: () => Promise<unknown>][] = [
    ['string', 10_000, () => redis.set('k', 'x'.repeat(10_000))],
    ['list', 100 * 100, () => redis.rpush('k', ...Array.from({ length: 100 }, () => 'x'.repeat(100)))],
    ['set', 5_000, () => redis.sadd('k', 'x'.repeat(2_500), 'y'.repeat(2_500))],
    ['hash', 20_000, () => redis.hset('k', { a: 'x'.repeat(10_000), b: 'y'.repeat(10_000) })],
    ['zset', 5_000, () => redis.zadd('k', { score: 1, member: 'x'.repeat(5_000) })],
    ['stream', 5_000, () => redis.xadd('k', '*', { a: 'x'.repeat(5_000) })],
  ];

  test.each(FILLS)('MEMORY USAGE of a %s is its %i bytes and a little more', async (_type, bytes, fill) => {
    await fill();
    const measured = await usage('k');
    expect(measured).toBeGreaterThan(bytes);
    expect(measured).toBeLessThan(bytes * 1.2 + 200);
  });

  test('MEMORY USAGE of a long list is extrapolated from its beginning, or exact on request', async () => {
    await redis.rpush('k', ...Array.from({ length: 1_000 }, () => 'x'.repeat(50)));
    const exact = Number((await run('MEMORY', 'USAGE', 'k', 'SAMPLES', 0)).result);
    expect(exact).toBeGreaterThan(50_000);
    expect(Math.abs((await usage('k')) - exact)).toBeLessThan(exact / 10);
  });

  test('MEMORY USAGE of a missing key is null, in a transaction too', async () => {
    expect(await run('MEMORY', 'USAGE', 'none')).toEqual({ result: null });
    expect((await call(rest, '/multi-exec', [['memory', 'usage', 'none']])).body).toEqual([{ result: null }]);
  });

  test('INFO memory grows with stored data and shrinks with removed data', async () => {
    expect(await used()).toBe(0);
    await redis.mset(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, 'x'.repeat(1_000)])));
    expect(await used()).toBeGreaterThan(300_000);
    expect(await used()).toBeLessThan(400_000);
    expect(String((await run('INFO')).result)).toMatch(/^used_memory_human:3\d\d\.\d\dK\r?$/m);
    await redis.flushdb();
    expect(await used()).toBe(0);
  });

  test('INFO has the eviction policy, so that an app without CONFIG knows it', async () => {
    for (const section of [[], ['memory']]) {
      expect(String((await run('INFO', ...section)).result)).toMatch(/^maxmemory_policy:noeviction\r?$/m);
    }
  });

  test('INFO of another section is unchanged', async () => {
    const info = String((await run('INFO', 'server')).result);
    expect(info).toMatch(/redis_version/);
    expect(info).not.toMatch(/used_memory/);
  });
});

describe('missing commands', () => {
  const page = 'docs/local-redis.md';
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## Not supported'), text.indexOf('Also not supported'));
  const listed = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...line.matchAll(/`([A-Z][^`*/]*)`/g)].map(([, command = '']) => command));

  test('every command listed on the page is refused by its name', async () => {
    const { body } = await call(
      rest,
      '/pipeline',
      listed.map((command) => command.split(' ')),
    );
    const answers = (body as { error?: string }[]).map(({ error }, at) => [listed[at], error]);
    expect(answers.filter(([, error]) => !error?.includes(page))).toEqual([]);
    expect(answers.map(([command]) => command)).toEqual(
      expect.arrayContaining(['JSON.SET', 'SELECT', 'XREAD BLOCK 1 STREAMS s 0']),
    );
  });

  test('are refused alone, in a pipeline and in a transaction', async () => {
    const error = expect.stringContaining(page);
    expect(await run('DUMP', 'k')).toEqual({ error });
    expect(await run('SELECT', 1)).toEqual({ error });
    expect((await call(rest, '/pipeline', [['DUMP', 'k'], ['PING']])).body).toEqual([{ error }, { result: 'PONG' }]);
    expect((await call(rest, '/multi-exec', [['DUMP', 'k']])).body).toEqual({ error });
    expect((await call(rest, '/multi-exec', [['SELECT', 1]])).body).toEqual({ error });
  });

  test('do not include a wrong call of a known command, which gets the engine’s own error', async () => {
    await redis.set('k', 'text');
    expect((await run('INCR', 'k')).error).not.toContain(page);
    expect((await run('SET', 'k', 'v', 'EX')).error).not.toContain(page);
  });

  test('include replies in the format RESP2', async () => {
    const { status, body } = await call(rest, '/', ['PING'], { 'upstash-response-format': 'resp2' });
    expect(status).toBe(400);
    expect(body).toEqual({ error: expect.stringContaining(page) });
  });
});
