/** The REST protocol: forms of requests, errors, access control, and faults on demand. */
import { createHash } from 'node:crypto';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRest, TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

let server: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  server = await startRest('all');
});
beforeEach(async () => {
  server.rest.intercept = undefined;
  server.rest.refuses = undefined;
  await call(server.rest, '/', ['FLUSHDB']);
});
afterAll(() => server.close());

const base64 = { 'upstash-encoding': 'base64' };

describe('forms of a request', () => {
  test('a command as a JSON array, with numbers and booleans as arguments', async () => {
    expect((await call(server.rest, '/', ['RPUSH', 'l', 1, true, 2.5, 'x'])).body).toEqual({ result: 4 });
    expect((await call(server.rest, '/', ['LRANGE', 'l', 0, -1])).body).toEqual({ result: ['1', 'true', '2.5', 'x'] });
  });

  test('a command as a path, with options as the query', async () => {
    expect((await call(server.rest, '/set/key/value?EX=100')).body).toEqual({ result: 'OK' });
    expect((await call(server.rest, '/ttl/key')).body).toEqual({ result: 100 });
    expect((await call(server.rest, '/set/key/other?NX')).body).toEqual({ result: null });
  });

  test('the body of a POST is the last argument before the options', async () => {
    await call(server.rest, '/set/key?EX=100', '{"a": "b"}');
    expect((await call(server.rest, '/get/key')).body).toEqual({ result: '{"a": "b"}' });
    expect((await call(server.rest, '/ttl/key')).body).toEqual({ result: 100 });
  });

  test('segments of a path are percent-decoded after splitting', async () => {
    await call(server.rest, `/set/${encodeURIComponent('a/b c%')}/${encodeURIComponent('ü?&')}`);
    expect((await call(server.rest, '/', ['GET', 'a/b c%'])).body).toEqual({ result: 'ü?&' });
  });

  test('base64 keeps OK, numbers and null unchanged and encodes every other string at any depth', async () => {
    const script = 'return {"OK", 1, {"x", {"y"}}, false}';
    const commands = [['SET', 'k', 'OK'], ['GET', 'k'], ['PING'], ['EVAL', script, 0], ['GET', 'none']];
    expect((await call(server.rest, '/pipeline', commands, base64)).body).toEqual([
      { result: 'OK' },
      { result: 'T0s=' },
      { result: 'UE9ORw==' },
      { result: ['T0s=', 1, ['eA==', ['eQ==']], null] },
      { result: null },
    ]);
  });

  test('each client has a sync token of its own, which other clients do not change', async () => {
    const ask = async (token?: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { 'upstash-sync-token': token };
      return (await call(server.rest, '/', ['PING'], headers)).headers.get('upstash-sync-token') ?? '';
    };
    const one = await ask();
    const two = await ask('');
    const stranger = await ask('token of another server');
    expect(new Set([one, two, stranger]).size).toBe(3);
    const clientOf = (token: string) => token.slice(0, token.lastIndexOf('-'));
    const answersOf = (token: string) => Number(token.slice(token.lastIndexOf('-') + 1));
    expect([one, two, stranger].map(answersOf)).toEqual([1, 1, 1]);
    const [next, other] = [await ask(one), await ask(two)];
    expect([clientOf(next), answersOf(next)]).toEqual([clientOf(one), 2]);
    expect([clientOf(other), answersOf(other)]).toEqual([clientOf(two), 2]);
  });

  test('the SDK sends its token back', async () => {
    const redis = new Redis({ url: server.rest.url, token: TOKEN, enableTelemetry: false });
    await redis.set('k', 1);
    const first = redis.readYourWritesSyncToken;
    await redis.get('k');
    expect(first).toMatch(/-1$/);
    expect(redis.readYourWritesSyncToken).toBe(first?.replace(/-1$/, '-2'));
  });

  test.each(['DELETE', 'PATCH', 'OPTIONS'])('%s is a 405 that names the methods, and runs nothing', async (method) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${server.rest.url}/set/k/v`, { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('HEAD, GET, POST, PUT');
    expect(await response.json()).toEqual({ error: `ERR ${method} is not allowed: use HEAD, GET, POST, PUT` });
    expect((await call(server.rest, '/get/k')).body).toEqual({ result: null });
  });

  test('PUT is read like POST, and HEAD runs a command without showing its answer', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    await fetch(`${server.rest.url}/set/k`, { method: 'PUT', headers, body: 'v' });
    const head = await fetch(`${server.rest.url}/append/k/w`, { method: 'HEAD', headers });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await call(server.rest, '/get/k')).body).toEqual({ result: 'vw' });
  });
});

describe('errors', () => {
  test('a failed command is a 400 with its message', async () => {
    await call(server.rest, '/', ['SET', 'k', 'text']);
    const { status, body } = await call(server.rest, '/', ['INCR', 'k'], base64);
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'ERR value is not an integer or out of range' });
  });

  test('a failed command of a pipeline does not fail the pipeline', async () => {
    const { status, body } = await call(server.rest, '/pipeline', [['NOPE'], ['PING']]);
    expect(status).toBe(200);
    expect(body).toEqual([{ error: expect.stringMatching(/^ERR unknown command/) }, { result: 'PONG' }]);
  });

  test('a transaction that cannot be queued is discarded as a whole', async () => {
    const { status, body } = await call(server.rest, '/multi-exec', [['SET', 'k', 'v'], ['GET']]);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: "EXECABORT Transaction discarded because of: ERR wrong number of arguments for 'get' command",
    });
    expect((await call(server.rest, '/', ['GET', 'k'])).body).toEqual({ result: null });
  });

  test.each([
    ['/', '{not json'],
    ['/', '{}'],
    ['/', '[]'],
    ['/', '[{"a":1}]'],
    ['/', '[["GET","k"]]'],
    ['/pipeline', '[]'],
    ['/pipeline', '["GET","k"]'],
    ['/multi-exec', '"x"'],
  ])('%s with %s is a 400 with a message', async (path, body) => {
    const answer = await call(server.rest, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringMatching(/^ERR /) });
  });

  test.each([
    [['MULTI']],
    [['SELECT', '1']],
    [['blpop', 'l', '0']],
    [['SUBSCRIBE', 'c']],
    [['XREAD', 'BLOCK', '0', 'STREAMS', 's', '$']],
  ])('%j is refused, and the shared connection stays unchanged', async (command) => {
    const { status, body } = await call(server.rest, '/', command);
    expect(status).toBe(400);
    expect(body).toEqual({ error: expect.stringMatching(/^ERR Command is not available/) });
    expect((await call(server.rest, '/', ['PING'])).body).toEqual({ result: 'PONG' });
  });

  test('a stream may be named `block`', async () => {
    await call(server.rest, '/', ['XADD', 'block', '1-1', 'a', 'b']);
    const { status } = await call(server.rest, '/', ['XREAD', 'STREAMS', 'block', '0']);
    expect(status).toBe(200);
  });
});

describe('access', () => {
  test.each([[undefined], ['Bearer wrong'], ['Bearer test-tokeX'], ['Bearer '], [TOKEN], [`Basic ${TOKEN}`]])(
    'authorization %s is a 401',
    async (authorization) => {
      const response = await fetch(server.rest.url, {
        method: 'POST',
        body: '["SET","k","v"]',
        ...(authorization !== undefined && { headers: { authorization } }),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/^WRONGPASS/) });
      expect((await call(server.rest, '/', ['EXISTS', 'k'])).body).toEqual({ result: 0 });
    },
  );

  test('a token in the query is not accepted, because logs would contain it', async () => {
    expect((await fetch(`${server.rest.url}/get/k?_token=${TOKEN}`)).status).toBe(401);
  });

  test('the SDK reports the 401', async () => {
    const redis = new Redis({ url: server.rest.url, token: 'wrong' });
    await expect(redis.get('k')).rejects.toThrow(/WRONGPASS/);
  });
});

describe('faults on demand', () => {
  test('the interceptor gets path and commands, and may let them pass', async () => {
    const seen: unknown[] = [];
    server.rest.intercept = (request) => {
      seen.push(request);
      return 'pass';
    };
    await call(server.rest, '/pipeline', [
      ['SET', 'k', 1],
      ['GET', 'k'],
    ]);
    expect(seen).toEqual([
      {
        path: '/pipeline',
        commands: [
          ['SET', 'k', '1'],
          ['GET', 'k'],
        ],
      },
    ]);
  });

  test('an answer can replace the real one: the command does not run', async () => {
    server.rest.intercept = () => ({ status: 502, body: { error: 'bad gateway' } });
    expect(await call(server.rest, '/', ['SET', 'k', 'v'])).toMatchObject({
      status: 502,
      body: { error: 'bad gateway' },
    });
    server.rest.intercept = undefined;
    expect((await call(server.rest, '/', ['GET', 'k'])).body).toEqual({ result: null });
  });

  test('a response can be lost: the command runs, and the connection breaks', async () => {
    server.rest.intercept = () => 'drop-response';
    await expect(call(server.rest, '/', ['INCR', 'n'])).rejects.toThrow();
    server.rest.intercept = undefined;
    expect((await call(server.rest, '/', ['GET', 'n'])).body).toEqual({ result: '1' });
  });

  test('a hanging request ends at the caller’s time limit and is not run', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    server.rest.intercept = () => {
      resolve();
      return 'hang';
    };
    const caller = new AbortController();
    const pending = fetch(server.rest.url, {
      method: 'POST',
      body: '["SET","k","v"]',
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: caller.signal,
    });
    await arrived;
    caller.abort();
    await expect(pending).rejects.toThrow(/abort/);
    server.rest.intercept = undefined;
    expect((await call(server.rest, '/', ['GET', 'k'])).body).toEqual({ result: null });
  });

  test('requests and commands are counted', async () => {
    const before = server.rest.counts();
    await call(server.rest, '/', ['PING']);
    await call(server.rest, '/pipeline', [['PING'], ['PING']]);
    await call(server.rest, '/multi-exec', [
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['INCR', 'n'],
    ]);
    const after = server.rest.counts();
    expect({ requests: after.requests - before.requests, commands: after.commands - before.commands }).toEqual({
      requests: 3,
      commands: 6,
    });
  });
});

describe('a Redis that refuses writes', () => {
  const FLAGGED = "#!lua flags=allow-key-locking,allow-oom\nreturn redis.call('DEL', KEYS[1])";
  const digest = createHash('sha1').update(FLAGGED).digest('hex');
  const commands = [
    ['GET', 'k'],
    ['SET', 'k', 'new'],
    ['EVAL', "return redis.call('SET', KEYS[1], 'new')", 1, 'k'],
    ['EVALSHA', digest, 1, 'other'],
    ['UNLINK', 'other'],
    ['GET', 'k'],
  ];
  const outcomes = async () => {
    const { body } = await call(server.rest, '/pipeline', commands);
    return (body as { result?: unknown; error?: string }[]).map(
      ({ result, error }) => error?.split(' ', 1)[0] ?? result,
    );
  };
  beforeEach(async () => {
    await call(server.rest, '/', ['SET', 'k', 'old']);
    await call(server.rest, '/', ['EVAL', FLAGGED, 1, 'other']);
  });

  test('full: reads, deletions and scripts with allow-oom run', async () => {
    server.rest.refuses = 'OOM';
    expect(await outcomes()).toEqual(['old', 'OOM', 'OOM', 0, 0, 'old']);
    const transaction = await call(server.rest, '/multi-exec', [['SET', 'k', 'new']]);
    expect(transaction.body).toEqual({ error: expect.stringContaining('OOM') });
  });

  test('read-only: only reads run, until it accepts writes again', async () => {
    server.rest.refuses = 'READONLY';
    expect(await outcomes()).toEqual(['old', 'READONLY', 'READONLY', 'READONLY', 'READONLY', 'old']);
    server.rest.refuses = undefined;
    expect(await outcomes()).toEqual(['old', 'OK', 'OK', 0, 0, 'new']);
  });
});
