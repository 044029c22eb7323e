/** The unmodified @upstash/redis with the REST server: every command has the reply that the SDK documents. */
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRest, TOKEN } from '../../support/rest.ts';

let server: Awaited<ReturnType<typeof startRest>>;
let redis: Redis;
let plain: Redis;

beforeAll(async () => {
  server = await startRest('all');
  redis = new Redis({ url: server.rest.url, token: TOKEN, enableTelemetry: false });
  plain = new Redis({ url: server.rest.url, token: TOKEN, responseEncoding: false, enableTelemetry: false });
});
beforeEach(() => redis.flushdb());
afterAll(() => server.close());

const NASTY = ['OK', 'a"b\\c', 'zwei\nZeilen\r\n', 'grüße 👋 \u0000 end', '', '  ', '%2F/?&='];

type Row = [name: string, calls: (redis: Redis) => Promise<unknown>, expected: unknown];

/** A row whose last call is checked after the others have run. */
function row(name: string, expected: unknown, ...calls: ((redis: Redis) => Promise<unknown>)[]): Row {
  const inOrder = async (redis: Redis): Promise<unknown> => {
    let result: unknown;
    for (const each of calls) result = await each(redis);
    return result;
  };
  return [name, inOrder, expected];
}

const stringRows = [
  row('SET', 'OK', (r) => r.set('k', 'v')),
  row(
    'SET that fails',
    null,
    (r) => r.set('k', 'v'),
    (r) => r.set('k', 'w', { nx: true, px: 1000 }),
  ),
  row('GET of nothing', null, (r) => r.get('none')),
  row(
    'GET of an object',
    { a: [1] },
    (r) => r.set('k', { a: [1] }),
    (r) => r.get('k'),
  ),
  row(
    'GET of the text OK',
    'OK',
    (r) => r.set('k', 'OK'),
    (r) => r.get('k'),
  ),
  row(
    'GETDEL',
    'v',
    (r) => r.set('k', 'v'),
    (r) => r.getdel('k'),
  ),
  row(
    'GETEX',
    50,
    (r) => r.set('k', 'v'),
    (r) => r.getex('k', { ex: 50 }),
    (r) => r.ttl('k'),
  ),
  row(
    'MGET',
    [1, null, 'x'],
    (r) => r.mset({ a: 1, b: 'x' }),
    (r) => r.mget('a', 'none', 'b'),
  ),
  row(
    'INCRBY, DECR',
    4,
    (r) => r.incrby('n', 5),
    (r) => r.decr('n'),
  ),
  row('INCRBYFLOAT', 1.5, (r) => r.incrbyfloat('n', 1.5)),
  row(
    'STRLEN',
    3,
    (r) => r.append('k', 'añ'),
    (r) => r.strlen('k'),
  ),
  row(
    'GETRANGE',
    'hul',
    (r) => r.set('k', 'hello'),
    (r) => r.setrange('k', 1, 'u'),
    (r) => r.getrange('k', 0, 2),
  ),
  row(
    'BITCOUNT',
    1,
    (r) => r.setbit('k', 7, 1),
    (r) => r.bitcount('k', 0, -1),
  ),
];

const keyRows = [
  row(
    'EXISTS',
    1,
    (r) => r.mset({ a: 1, b: 2 }),
    (r) => r.del('a'),
    (r) => r.exists('a', 'b'),
  ),
  row('PTTL of nothing', -2, (r) => r.pttl('none')),
  row(
    'PERSIST',
    -1,
    (r) => r.set('k', 1, { ex: 9 }),
    (r) => r.persist('k'),
    (r) => r.ttl('k'),
  ),
  row(
    'TYPE',
    'hash',
    (r) => r.hset('h', { a: 1 }),
    (r) => r.type('h'),
  ),
  row(
    'SCAN',
    ['0', ['u:1']],
    (r) => r.mset({ 'u:1': 1, 'v:1': 1 }),
    (r) => r.scan(0, { match: 'u:*', count: 1000 }),
  ),
  row(
    'KEYS',
    ['k:1'],
    (r) => r.set('k:1', 1),
    (r) => r.keys('k:*'),
  ),
  row(
    'RENAME',
    1,
    (r) => r.set('k', 1),
    (r) => r.rename('k', 'l'),
    (r) => r.get('l'),
  ),
  row(
    'DBSIZE',
    1,
    (r) => r.set('k', 1),
    (r) => r.dbsize(),
  ),
  row('PING', 'PONG', (r) => r.ping()),
  row('PUBLISH', 0, (r) => r.publish('nobody', 'x')),
  row('TIME', [expect.any(Number), expect.any(Number)], (r) => r.time()),
  row(
    'PFCOUNT',
    2,
    (r) => r.pfadd('p', 'a', 'b'),
    (r) => r.pfcount('p'),
  ),
];

const collectionRows = [
  row(
    'HGETALL',
    { a: 'x', b: 2 },
    (r) => r.hset('h', { a: 'x', b: 2 }),
    (r) => r.hgetall('h'),
  ),
  row('HGETALL of nothing', null, (r) => r.hgetall('none')),
  row(
    'HMGET',
    { a: 'x', none: null },
    (r) => r.hset('h', { a: 'x' }),
    (r) => r.hmget('h', 'a', 'none'),
  ),
  row(
    'HKEYS',
    ['n'],
    (r) => r.hincrby('h', 'n', 3),
    (r) => r.hkeys('h'),
  ),
  row(
    'HVALS',
    [3],
    (r) => r.hincrby('h', 'n', 3),
    (r) => r.hvals('h'),
  ),
  row(
    'HSCAN',
    ['0', ['a', 1]],
    (r) => r.hset('h', { a: 1 }),
    (r) => r.hscan('h', 0),
  ),
  row(
    'HRANDFIELD',
    { a: 1 },
    (r) => r.hset('h', { a: 1 }),
    (r) => r.hrandfield('h', 1, true),
  ),
  row(
    'LRANGE',
    ['a', 2, 'c'],
    (r) => r.rpush<string | number>('l', 'a', 2, 'c'),
    (r) => r.lrange('l', 0, -1),
  ),
  row(
    'LREM',
    2,
    (r) => r.rpush('l', 'a', 'b', 'a'),
    (r) => r.lrem('l', 0, 'a'),
  ),
  row(
    'LPOS',
    1,
    (r) => r.rpush('l', 'a', 'b'),
    (r) => r.lpos('l', 'b'),
  ),
  row(
    'LMOVE',
    'b',
    (r) => r.rpush('l', 'a', 'b'),
    (r) => r.lmove('l', 'm', 'right', 'left'),
    (r) => r.lpop('m'),
  ),
  row(
    'SMEMBERS',
    ['a'],
    (r) => r.sadd('s', 'a', 'a'),
    (r) => r.smembers('s'),
  ),
  row(
    'SINTER',
    ['a'],
    (r) => r.sadd('s', 'a'),
    (r) => r.sadd('t', 'a', 'b'),
    (r) => r.sinter('s', 't'),
  ),
  row(
    'SMISMEMBER',
    [1, 0],
    (r) => r.sadd('s', 'a'),
    (r) => r.smismember('s', ['a', 'b']),
  ),
];

const sortedSetRows = [
  row('ZRANGE with scores', ['a', 1.5, 'b', 2], addTwo, (r) => r.zrange('z', 0, -1, { withScores: true })),
  row('ZRANGE by score', ['a'], addTwo, (r) => r.zrange('z', '(2', '-inf', { byScore: true, rev: true })),
  row('ZINCRBY', 4, addTwo, (r) => r.zincrby('z', 2.5, 'a')),
  row('ZSCORE', 1.5, addTwo, (r) => r.zscore('z', 'a')),
  row('ZRANK', 1, addTwo, (r) => r.zrank('z', 'b')),
  row('ZPOPMIN', ['a', 1.5], addTwo, (r) => r.zpopmin('z')),
  row('ZCOUNT', 2, addTwo, (r) => r.zcount('z', '-inf', '+inf')),
];

const streamRows = [
  row(
    'XRANGE',
    { '1-1': { a: 'b', n: 1 } },
    (r) => r.xadd('x', '1-1', { a: 'b', n: 1 }),
    (r) => r.xrange('x', '-', '+'),
  ),
  row(
    'XREAD',
    [['x', [['1-1', ['a', 'b']]]]],
    (r) => r.xadd('x', '1-1', { a: 'b' }),
    (r) => r.xread('x', '0'),
  ),
  row(
    'XACK',
    1,
    (r) => r.xadd('x', '1-1', { a: 'b' }),
    (r) => r.xgroup('x', { type: 'CREATE', group: 'g', id: '0' }),
    (r) => r.xreadgroup('g', 'c', 'x', '>'),
    (r) => r.xack('x', 'g', '1-1'),
  ),
  row(
    'XDEL, XLEN',
    0,
    (r) => r.xadd('x', '1-1', { a: 1 }),
    (r) => r.xdel('x', '1-1'),
    (r) => r.xlen('x'),
  ),
];

const scriptRows = [
  row('EVAL', ['k', 'a', 7, [1, 'x']], (r) => r.eval('return {KEYS[1], ARGV[1], 7, {1, "x"}}', ['k'], ['a'])),
  row('EVAL with a status and nil', ['OK', 'OK', null], (r) =>
    r.eval('return {redis.status_reply("OK"), "OK", false}', [], []),
  ),
];

function addTwo(redis: Redis): Promise<unknown> {
  return redis.zadd('z', { score: 1.5, member: 'a' }, { score: 2, member: 'b' });
}

const TABLE = [...stringRows, ...keyRows, ...collectionRows, ...sortedSetRows, ...streamRows, ...scriptRows];

describe.each([
  ['base64', () => redis],
  ['plain', () => plain],
])('the SDK with %s replies', (_encoding, client) => {
  test.each(TABLE)('%s', async (_name, calls, expected) => {
    expect(await calls(client())).toEqual(expected);
  });
});

describe('values', () => {
  const raw = () =>
    new Redis({ url: server.rest.url, token: TOKEN, automaticDeserialization: false, enableTelemetry: false });

  test.each(NASTY)('%j survives as a value, a field and a member of an array', async (value) => {
    const client = raw();
    await client.set('k', value);
    await client.hset('h', { [value]: value });
    await client.rpush('l', value, value);
    expect(await client.get('k')).toBe(value);
    expect(await client.hget('h', value)).toBe(value);
    expect(await client.hkeys('h')).toEqual([value]);
    expect(await client.lrange('l', 0, -1)).toEqual([value, value]);
  });

  test('binary values come back unchanged in base64', async () => {
    const bytes = Buffer.from([0, 255, 254, 128, 13, 10, 0xc3, 0x28]);
    const headers = { authorization: `Bearer ${TOKEN}`, 'upstash-encoding': 'base64' };
    await fetch(`${server.rest.url}/set/bin`, { method: 'POST', headers, body: bytes });
    const reply = await fetch(`${server.rest.url}/get/bin`, { headers });
    const { result } = (await reply.json()) as { result: string };
    expect(Buffer.from(result, 'base64')).toEqual(bytes);
  });

  test('replies are raw: HGETALL stays a flat array', async () => {
    await redis.hset('h', { a: '1' });
    const reply = await fetch(server.rest.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: '["HGETALL","h"]',
    });
    expect(await reply.json()).toEqual({ result: ['a', '1'] });
  });
});

describe('pipelines and transactions of the SDK', () => {
  test('a pipeline returns each result, and separate errors on request', async () => {
    await redis.set('text', 'abc');
    const pipeline = redis.pipeline().set('a', 1).incr('text').get('a');
    const results = await pipeline.exec({ keepErrors: true });
    expect(results.map(({ error }) => error?.startsWith('ERR value is not an integer'))).toEqual([
      undefined,
      true,
      undefined,
    ]);
    expect(results.map(({ result }) => result)).toEqual(['OK', undefined, 1]);
  });

  test('automatic pipelining sends the commands of one turn in one request', async () => {
    const before = server.rest.counts();
    await Promise.all([redis.get('a'), redis.get('b'), redis.mget('c', 'd')]);
    const after = server.rest.counts();
    expect(after.requests - before.requests).toBe(1);
    expect(after.commands - before.commands).toBe(3);
  });

  test('a transaction returns its results', async () => {
    expect(await redis.multi().set('a', 'x').incr('n').get('a').hgetall('none').exec()).toEqual(['OK', 1, 'x', null]);
  });

  test('a command that fails in a running transaction does not undo the others', async () => {
    await redis.set('text', 'abc');
    await expect(redis.multi().set('a', 1).incr('text').exec()).rejects.toThrow(/ERR value is not an integer/);
    expect(await redis.get('a')).toBe(1);
  });

  test('transactions of many callers do not mix', async () => {
    const client = new Redis({ url: server.rest.url, token: TOKEN, enableTelemetry: false });
    const pairs = await Promise.all(
      Array.from({ length: 50 }, () => client.multi().incr('n').incr('n').exec<[number, number]>()),
    );
    for (const [first, second] of pairs) expect(second).toBe(first + 1);
    expect(await client.get('n')).toBe(100);
  });
});
