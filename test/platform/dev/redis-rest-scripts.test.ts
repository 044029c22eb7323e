/** Scripts for Upstash run on engines that reject Upstash's shebang, under the SHA-1 that the SDK computes. */
import { createHash } from 'node:crypto';
import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ScriptRewriter } from '../../../dev/redis-rest/scripts.ts';
import { startRest, TOKEN } from '../../support/rest.ts';
import { call } from './rest-call.ts';

let server: Awaited<ReturnType<typeof startRest>>;
let redis: Redis;
beforeAll(async () => {
  server = await startRest('all');
  redis = new Redis({ url: server.rest.url, token: TOKEN, enableTelemetry: false });
});
beforeEach(async () => {
  await redis.scriptFlush();
  await redis.flushdb();
});
afterAll(() => server.close());

const SCRIPT = '#!lua flags=allow-key-locking\nreturn redis.call("INCRBY", KEYS[1], ARGV[1])';
const SHA = createHash('sha1').update(SCRIPT).digest('hex');

describe('the key-locking shebang', () => {
  test('is removed from EVAL, and EVALSHA finds the script by the caller’s text', async () => {
    await expect(redis.evalsha(SHA, ['n'], ['1'])).rejects.toThrow(/NOSCRIPT/);
    expect(await redis.eval(SCRIPT, ['n'], ['2'])).toBe(2);
    expect(await redis.evalsha(SHA, ['n'], ['3'])).toBe(5);
  });

  test('is removed from SCRIPT LOAD, which answers the SHA-1 of the caller’s text', async () => {
    expect(await redis.scriptLoad(SCRIPT)).toBe(SHA);
    expect(await redis.scriptExists(SHA, 'f'.repeat(40))).toEqual([1, 0]);
    expect(await redis.evalsha(SHA, ['n'], ['4'])).toBe(4);
  });

  test('is forgotten by SCRIPT FLUSH', async () => {
    await redis.scriptLoad(SCRIPT);
    await redis.scriptFlush();
    await expect(redis.evalsha(SHA, ['n'], ['1'])).rejects.toThrow(/NOSCRIPT/);
  });

  test('is removed in pipelines and transactions too', async () => {
    const run = ['EVAL', SCRIPT, 1, 'n', 1];
    expect((await call(server.rest, '/pipeline', [run, ['EVALSHA', SHA, 1, 'n', 1]])).body).toEqual([
      { result: 1 },
      { result: 2 },
    ]);
    expect((await call(server.rest, '/multi-exec', [run, ['EVALSHA', SHA, 1, 'n', 1]])).body).toEqual([
      { result: 3 },
      { result: 4 },
    ]);
  });

  test('line numbers in script errors are those of the caller’s text', async () => {
    const { body } = await call(server.rest, '/', ['EVAL', '#!lua flags=allow-key-locking\n\nerror("here")', 0]);
    expect(body).toEqual({ error: expect.stringMatching(/user_script:3: here/) });
  });

  test('the read-only forms are served', async () => {
    const reader = '#!lua flags=allow-key-locking\nreturn redis.call("GET", KEYS[1])';
    await redis.set('k', 'v');
    expect(await redis.evalRo(reader, ['k'], [])).toBe('v');
    expect(await redis.createScript<string, true>(reader, { readonly: true }).exec(['k'], [])).toBe('v');
  });
});

describe('other flags in the same line', () => {
  const FREEING = '#!lua flags=allow-key-locking,allow-oom\nreturn redis.call("SET", KEYS[1], ARGV[1])';

  test('are removed with the line unless the engine supports them; the script runs in both cases', async () => {
    expect(await redis.eval(FREEING, ['k'], ['one'])).toBe('OK');
    expect(await redis.evalsha(createHash('sha1').update(FREEING).digest('hex'), ['k'], ['two'])).toBe('OK');
    expect(await redis.get('k')).toBe('two');
  });

  test('are kept for an engine that supports them', () => {
    const text = (keeps: boolean, script: string) => new ScriptRewriter(keeps).rewrite(['EVAL', script, '0'])[1];
    expect(text(true, FREEING)).toBe(FREEING.replace('allow-key-locking,', ''));
    expect(text(true, '#!lua flags=no-writes,allow-key-locking\nreturn 1')).toBe('#!lua flags=no-writes\nreturn 1');
    expect(text(true, SCRIPT)).toBe(SCRIPT.replace(/^.*/, ''));
    expect(text(false, FREEING)).toBe(FREEING.replace(/^.*/, ''));
    expect(text(true, '#!lua flags=allow-oom\nreturn 1')).toBe('#!lua flags=allow-oom\nreturn 1');
  });
});

test('the script object of the SDK tries the SHA-1, then the text, then the SHA-1 again', async () => {
  const script = redis.createScript<number>(SCRIPT);
  const before = server.rest.counts().commands;
  expect(await script.exec(['n'], ['1'])).toBe(1);
  expect(await script.exec(['n'], ['1'])).toBe(2);
  expect(server.rest.counts().commands - before).toBe(3);
});

describe('@upstash/ratelimit', () => {
  test.each([
    ['sliding window', Ratelimit.slidingWindow(2, '1 h')],
    ['fixed window', Ratelimit.fixedWindow(2, '1 h')],
    ['token bucket', Ratelimit.tokenBucket(2, '1 h', 2)],
  ])('%s lets two through and refuses the third', async (name, limiter) => {
    const ratelimit = new Ratelimit({ redis, limiter, prefix: name, ephemeralCache: false });
    const outcomes = [await ratelimit.limit('u'), await ratelimit.limit('u'), await ratelimit.limit('u')];
    expect(outcomes.map(({ success }) => success)).toEqual([true, true, false]);
    expect((await ratelimit.limit('other')).success).toBe(true);
    expect((await ratelimit.getRemaining('u')).remaining).toBe(0);
    await ratelimit.resetUsedTokens('u');
    expect((await ratelimit.limit('u')).success).toBe(true);
  });
});
