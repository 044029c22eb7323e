/** The transport over a real REST server: coalescing, limits, retries, the breaker, and errors without arguments. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createBreaker,
  createRedisMeter,
  createTransport,
  isListOf,
  isText,
  key,
  RedisClient,
  type RedisError,
  script,
  type TransportOptions,
} from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest('all');
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

function connect(options: Partial<TransportOptions> = {}) {
  const meter = createRedisMeter();
  const now = options.now ?? Date.now;
  const breaker = options.breaker ?? createBreaker({ now });
  const transport = createTransport({ ...redis.rest, meter, breaker, now, timeout: 30_000, ...options });
  return { client: new RedisClient(transport), meter, breaker };
}

/** The names of the commands of each request that reached the server. */
function recordRequests(verdict: Parameters<typeof respond>[0] = 'pass') {
  const requests: string[][] = [];
  redis.rest.intercept = (request) => {
    requests.push(request.commands.map(([name]) => String(name).toUpperCase()));
    return respond(verdict, requests.length);
  };
  return requests;
}

type Verdict = Awaited<ReturnType<NonNullable<typeof redis.rest.intercept>>>;
function respond(verdict: Verdict | ((attempt: number) => Verdict), attempt: number): Verdict {
  return typeof verdict === 'function' ? verdict(attempt) : verdict;
}

const broken = { status: 503, body: { error: 'down' } };

describe('coalescing', () => {
  test('commands of different callers in one turn leave as one request, and each gets its own answer', async () => {
    const tenant = newTenant();
    const requests = recordRequests();
    const { client, meter } = connect();
    const name = key(tenant, 'entry', 'a');
    const [set, get, , missing] = await Promise.all([
      client.set(name, '1'),
      client.get(name),
      Promise.resolve().then(() => client.incr(name)),
      (async () => {
        // A module that awaits an already settled promise is still in the same turn.
        await null;
        await null;
        return client.get(key(tenant, 'entry', 'b'));
      })(),
    ]);
    expect([set, get, missing]).toEqual(['OK', '1', null]);
    expect(requests).toEqual([['SET', 'GET', 'INCR', 'GET']]);
    expect(meter).toMatchObject({ requests: 1, commands: 4, failures: 0 });
  });

  test('an error of one command affects that command only', async () => {
    const tenant = newTenant();
    const { client } = connect();
    const name = key(tenant, 'entry', 'text');
    const results = await Promise.allSettled([client.set(name, 'x'), client.hget(name, 'field'), client.get(name)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('`by-mode` sends reads and writes in separate requests', async () => {
    const requests = recordRequests();
    const { client } = connect({ coalesce: 'by-mode' });
    const name = key(newTenant(), 'entry', 'a');
    await Promise.all([client.get(name), client.set(name, '1'), client.exists(name)]);
    expect(requests.sort()).toEqual([['GET', 'EXISTS'], ['SET']]);
  });

  test('a pipeline joins the request; a transaction has a request of its own', async () => {
    const requests = recordRequests();
    const { client } = connect();
    const name = key(newTenant(), 'entry', 'a');
    const [pipelined, transacted] = await Promise.all([
      client.pipeline().set(name, '1').get(name).exec(),
      client.multi().incr(name).incr(name).exec(),
      client.get(name),
    ]);
    expect(pipelined).toEqual(['OK', '1']);
    expect(transacted).toHaveLength(2);
    expect(requests.sort()).toEqual([
      ['INCR', 'INCR'],
      ['SET', 'GET', 'GET'],
    ]);
  });

  test('replies are passed on as Redis sent them, without conversion', async () => {
    const { client } = connect();
    const name = key(newTenant(), 'entry', 'text');
    for (const text of ['true', 'null', '{"a":1}', '123456', '"quoted"', 'ünï🌊']) {
      await client.set(name, text);
      expect(await client.get(name)).toBe(text);
    }
  });
});

describe('time limit', () => {
  test('a server that never answers costs exactly the time limit', async () => {
    recordRequests('hang');
    const { client, meter } = connect({ timeout: 40 });
    await expect(client.get(key(newTenant(), 'entry', 'a'))).rejects.toMatchObject({ code: 'REDIS_TIMEOUT' });
    expect(meter).toMatchObject({ requests: 1, failures: 1 });
  });
});

describe('retry', () => {
  test('a read whose answer was lost is sent again', async () => {
    const requests = recordRequests((attempt) => (attempt === 1 ? 'drop-response' : 'pass'));
    const { client } = connect();
    expect(await client.get(key(newTenant(), 'entry', 'a'))).toBeNull();
    expect(requests).toHaveLength(2);
  });

  test('a read is sent at most twice', async () => {
    const requests = recordRequests(broken);
    const { client } = connect();
    await expect(client.get(key(newTenant(), 'entry', 'a'))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(requests).toHaveLength(2);
  });

  test('a write whose answer was lost ran once and is not sent again', async () => {
    const name = key(newTenant(), 'entry', 'counter');
    const requests = recordRequests((attempt) => (attempt === 1 ? 'drop-response' : 'pass'));
    const { client } = connect();
    await expect(client.incr(name)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(requests).toHaveLength(1);
    expect(await client.get(name)).toBe('1');
  });

  test('only the reads of a mixed batch are sent again', async () => {
    const name = key(newTenant(), 'entry', 'counter');
    const requests = recordRequests((attempt) => (attempt === 1 ? 'drop-response' : 'pass'));
    const { client } = connect();
    const [get, incr] = await Promise.allSettled([client.get(name), client.incr(name)]);
    expect(incr.status).toBe('rejected');
    expect(get).toMatchObject({ status: 'fulfilled', value: '1' });
    expect(requests).toEqual([['GET', 'INCR'], ['GET']]);
  });

  test('no retry follows the time limit or a refused request', async () => {
    const requests = recordRequests({ status: 413, body: { error: 'too large' } });
    const { client } = connect();
    await expect(client.get(key(newTenant(), 'entry', 'a'))).rejects.toMatchObject({ code: 'REDIS_REJECTED' });
    expect(requests).toHaveLength(1);
  });
});

describe('breaker', () => {
  test('after five failures no request is sent; after a second, one probe is sent and closes the breaker', async () => {
    const clock = { now: 1_000_000 };
    let verdict: Verdict = broken;
    const requests = recordRequests(() => verdict);
    const { client } = connect({ now: () => clock.now });
    const write = () => client.set(key('t', 'entry', 'breaker'), '1').catch((error: RedisError) => error.code);
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await write()).toBe('REDIS_UNAVAILABLE');
    expect(await write()).toBe('REDIS_BREAKER_OPEN');
    expect(requests).toHaveLength(5);
    clock.now += 1000;
    verdict = 'pass';
    expect(await write()).toBe('OK');
    expect(await write()).toBe('OK');
    expect(requests).toHaveLength(7);
  });
});

describe('errors', () => {
  test.each([
    ['a wrong token', { token: 'wrong' }, 'REDIS_UNAUTHORIZED'],
    ['no server', { url: 'http://127.0.0.1:9' }, 'REDIS_UNAVAILABLE'],
  ] as const)('%s', async (_name, options, code) => {
    const { client } = connect(options);
    await expect(client.get(key('t', 'entry', 'a'))).rejects.toMatchObject({ name: 'RedisError', code });
  });

  test('never have an argument, neither in the message nor in a property', async () => {
    const { client } = connect();
    const secret = 'hunter2-SECRET';
    const name = key(newTenant(), 'entry', secret);
    await client.set(name, secret);
    const errors = await Promise.all([
      client.hget(name, secret).catch((error: unknown) => error),
      client.incrby(name, 1).catch((error: unknown) => error),
      client.eval(`return redis.error_reply('ERR ' .. ARGV[1])`, [name], [secret]).catch((error: unknown) => error),
      client.exec(['NOSUCHCOMMAND', secret]).catch((error: unknown) => error),
      client
        .pipeline()
        .hget(name, secret)
        .exec()
        .catch((error: unknown) => error),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const { message, stack, cause } = error as Error;
      const everything = JSON.stringify([message, stack, String(cause), Object.entries(error as Error)]);
      expect(everything).not.toContain(secret);
    }
    expect(errors[0]).toMatchObject({ code: 'REDIS_COMMAND', reply: 'WRONGTYPE', command: 'HGET' });
  });
});

describe('scripts', () => {
  const echo = script<string[]>('echo', 'return {KEYS[1], ARGV[1]}', { isReply: isListOf(isText) });

  test('the first run sends the text, later ones the digest: always one request', async () => {
    const requests = recordRequests();
    const { client } = connect();
    const name = key('t', 'entry', 'a');
    const fresh = script<string[]>('fresh', `return {KEYS[1], ARGV[1], '${newTenant()}'}`, {
      isReply: isListOf(isText),
    });
    await fresh.call(client, [name], ['1']);
    await fresh.call(client, [name], ['1']);
    expect(requests).toEqual([['EVAL'], ['EVALSHA']]);
  });

  test('a server without the script gets the text again', async () => {
    const { client } = connect();
    const name = key('t', 'entry', 'a');
    await echo.call(client, [name], ['1']);
    await client.scriptFlush();
    const requests = recordRequests();
    expect(await echo.call(client, [name], [42])).toEqual([name, '42']);
    expect(requests).toEqual([['EVALSHA'], ['EVAL']]);
  });

  test('keys must be present and distinct', async () => {
    const { client } = connect();
    const name = key('t', 'entry', 'a');
    await expect(echo.call(client, [], [])).rejects.toMatchObject({ code: 'REDIS_KEY' });
    await expect(echo.call(client, [name, name], [])).rejects.toMatchObject({ code: 'REDIS_KEY' });
  });
});
