/**
 * Unexpected behaviour of @upstash/ratelimit 2.2.0: each shown on the library itself, then that our limiter differs. If
 * a test of the library fails after an upgrade, a workaround may be removed.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bucket, fixed, rule, sliding } from '../../../src/platform/limits/index.ts';
import { barrier, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { keysLike, limitIsolate, NOON } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest('all');
});
beforeEach(() => {
  // The library reads Date.now().
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

type Algorithm = ConstructorParameters<typeof Ratelimit>[0]['limiter'];
type Settings = Partial<ConstructorParameters<typeof Ratelimit>[0]>;

function library(limiter: Algorithm, settings: Settings = {}) {
  const { redis: client } = limitIsolate(redis).scope();
  return new Ratelimit({ redis: client, limiter, prefix: newTenant(), ephemeralCache: false, timeout: 0, ...settings });
}

const who = (user = 'u') => ({ tenant: newTenant(), ip: undefined, user });
const byUser = { by: ({ user = '' }: { user?: string | undefined }) => user, whenDown: 'closed' } as const;

describe('a. keys that never end', () => {
  test('the library’s cached fixed window', async () => {
    const prefix = newTenant();
    const limiter = library(Ratelimit.cachedFixedWindow(10, '1 m'), { prefix, ephemeralCache: new Map() });
    await limiter.limit('u');
    const [key = ''] = await keysLike(redis.rest, `${prefix}:*`);
    expect(await limitIsolate(redis).scope().redis.pttl(key)).toBe(-1);
  });

  test.each([sliding(10, '1m'), fixed(10, '1m'), bucket({ capacity: 10, refill: 1, every: '1m' })])(
    'ours end: $kind',
    async (window) => {
      const subject = who();
      await limitIsolate(redis).check([rule('ends', { window, ...byUser })], subject);
      const keys = await keysLike(redis.rest, `hf:${subject.tenant}:*`);
      expect(keys).toHaveLength(1);
      const ttl = await limitIsolate(redis)
        .scope()
        .redis.pttl(keys[0] ?? '');
      expect(ttl).toBeGreaterThan(55_000);
      expect(ttl).toBeLessThanOrEqual(121_000);
    },
  );
});

describe('b. refused requests are counted', () => {
  test.each([
    ['sliding', Ratelimit.slidingWindow(10, '1 m')],
    ['fixed', Ratelimit.fixedWindow(10, '1 m')],
  ])('the library’s %s window', async (_kind, algorithm) => {
    const limiter = library(algorithm);
    await limiter.limit('u', { rate: 7 });
    expect(await limiter.limit('u', { rate: 10 })).toMatchObject({ success: false });
    // 3 are left, but no caller can use them.
    expect(await limiter.limit('u')).toMatchObject({ success: false, remaining: 0 });
  });

  test.each([sliding(10, '1m'), fixed(10, '1m'), bucket({ capacity: 10, refill: 1, every: '1m' })])(
    'ours refunds them: $kind',
    async (window) => {
      const isolate = limitIsolate(redis);
      const limited = rule('weighted', { window, ...byUser });
      const subject = who();
      await isolate.check([limited], subject, 7);
      const refused = await isolate.check([limited], subject, 10);
      expect(refused.verdict.violated).toEqual([expect.objectContaining({ remaining: 3 })]);
      expect((await isolate.check([limited], subject, 3)).verdict.allowed).toBe(true);
    },
  );

  test.each([sliding(10, '1m'), fixed(10, '1m')])(
    'a refusal does not outlast the coming refund of another refused request: $kind',
    async (window) => {
      const limited = rule('passing', { window, ...byUser });
      const subject = who();
      await limitIsolate(redis).check([limited], subject, 5);
      const [consumed, mayEnd] = [barrier(), barrier()];
      /** A `fetch` that waits between the two requests of a refusal. */
      const between = (first: () => void, wait: Promise<unknown>): typeof fetch => {
        let requests = 0;
        return async (input, init) => {
          requests += 1;
          if (requests > 1) await wait;
          const response = await fetch(input, init);
          if (requests === 1) first();
          return response;
        };
      };
      const one = limitIsolate({ ...redis, fetch: between(consumed.resolve, mayEnd.promise) });
      const refused = one.check([limited], subject, 8);
      await consumed.promise;
      const other = limitIsolate({ ...redis, fetch: between(mayEnd.resolve, refused) });
      // 5 are left, but 8 more are counted for now.
      const { verdict } = await other.check([limited], subject, 4);
      expect((await refused).verdict.allowed).toBe(false);
      expect(verdict.violated).toEqual([expect.objectContaining({ remaining: 5, retryAfterMs: 1 })]);
    },
  );

  test('except when a sliding window refuses by one unit: its answer hides the count, so the count stays', async () => {
    const isolate = limitIsolate(redis);
    const limited = rule('weighted', { window: sliding(10, '1m'), ...byUser });
    const subject = who();
    await isolate.check([limited], subject, 9);
    expect((await isolate.check([limited], subject, 2)).verdict.allowed).toBe(false);
    expect((await isolate.check([limited], subject, 1)).verdict).toMatchObject({ allowed: false });
    expect(await isolate.scope().redis.get(`hf:${subject.tenant}:rl:weighted:u:${NOON / 60_000}`)).toBe('11');
  });
});

describe('c. the time of a retry', () => {
  const chunk = 10_000;

  test('the library gives the end of its chunk: too late, or too early', async () => {
    const late = library(Ratelimit.slidingWindow(10, '10 s'));
    vi.setSystemTime(NOON - chunk);
    await late.limit('u', { rate: 10 });
    vi.setSystemTime(NOON + 1000);
    await late.limit('u');
    expect(await late.limit('u')).toMatchObject({ success: false, reset: NOON + chunk });
    vi.setSystemTime(NOON + 1001);
    expect(await late.limit('u')).toMatchObject({ success: true });

    const early = library(Ratelimit.slidingWindow(10, '10 s'));
    vi.setSystemTime(NOON);
    await early.limit('u', { rate: 10 });
    const { reset } = await early.limit('u');
    vi.setSystemTime(reset);
    expect(await early.limit('u')).toMatchObject({ success: false });
  });

  test('ours gives the time at which the request would pass', async () => {
    const clock = { now: NOON - chunk };
    const isolate = limitIsolate({ ...redis, now: () => clock.now });
    const limited = rule('ten', { window: sliding(10, '10s'), ...byUser });
    const [late, early] = [who(), who()];
    await isolate.check([limited], late, 10);
    clock.now = NOON + 1000;
    await isolate.check([limited], late);
    expect((await isolate.check([limited], late)).verdict.violated[0]).toMatchObject({ retryAfterMs: 1 });

    clock.now = NOON;
    await isolate.check([limited], early, 10);
    expect((await isolate.check([limited], early)).verdict.violated[0]).toMatchObject({ retryAfterMs: chunk + 1 });
  });
});

describe('d. the memory of blocked callers', () => {
  test('the library: one refusal blocks smaller requests too, and no caller is ever removed', async () => {
    const blocked = new Map<string, number>();
    const limiter = library(Ratelimit.tokenBucket(1, '1 m', 10), { ephemeralCache: blocked });
    for (const id of ['u1', 'u2', 'u3'])
      expect(await limiter.limit(id, { rate: 11 })).toMatchObject({ success: false });
    expect(await limiter.limit('u1')).toMatchObject({ success: false, reason: 'cacheBlock' });
    vi.setSystemTime(NOON + 3_600_000);
    await limiter.limit('u4');
    expect(blocked.size).toBe(3);
  });

  test('ours blocks each cost separately, and is bounded', async () => {
    const isolate = limitIsolate({ ...redis, maxKeys: 5 });
    const limited = rule('bounded', { window: bucket({ capacity: 2, refill: 1, every: '1m' }), ...byUser });
    for (let user = 0; user < 12; user += 1) {
      const subject = who(`u${user}`);
      await isolate.check([limited], subject);
      expect((await isolate.check([limited], subject, 2)).verdict.allowed).toBe(false);
      expect((await isolate.check([limited], subject)).verdict.allowed).toBe(true);
    }
    expect(isolate.memory.size.blocks).toBe(5);
  });
});

describe('e. the clock', () => {
  test('the library reads Date.now()', async () => {
    const prefix = newTenant();
    vi.setSystemTime(NOON + 120_000);
    await library(Ratelimit.fixedWindow(10, '1 m'), { prefix }).limit('u');
    expect(await keysLike(redis.rest, `${prefix}:*`)).toEqual([`${prefix}:u:${NOON / 60_000 + 2}`]);
  });

  test.each([
    [sliding(10, '1m'), `:${NOON / 60_000}`],
    [fixed(10, '1m'), `:${NOON / 60_000}`],
    [bucket({ capacity: 10, refill: 1, every: '1m' }), ''],
  ])('ours counts by the clock of its scope: $kind', async (window, suffix) => {
    vi.setSystemTime(NOON + 120_000);
    const subject = who();
    await limitIsolate(redis).check([rule('timed', { window, ...byUser })], subject);
    const key = `hf:${subject.tenant}:rl:timed:u${suffix}`;
    expect(await keysLike(redis.rest, `hf:${subject.tenant}:*`)).toEqual([key]);
    if (suffix === '') expect(await limitIsolate(redis).scope().redis.hget(key, 'refilledAt')).toBe(String(NOON));
  });
});

describe('f. without Redis', () => {
  test('the library lets slow requests pass but counts them, and throws at other failures', async () => {
    const prefix = newTenant();
    const limiter = library(Ratelimit.fixedWindow(1, '1 m'), { prefix, timeout: 20 });
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<'pass'>();
    redis.rest.intercept = () => {
      arrived.resolve();
      return released.promise;
    };
    expect(await limiter.limit('u')).toMatchObject({ success: true, limit: 0, reason: 'timeout' });
    await arrived.promise;
    redis.rest.intercept = undefined;
    released.resolve('pass');
    const patient = library(Ratelimit.fixedWindow(1, '1 m'), { prefix });
    await expect.poll(async () => (await patient.getRemaining('u')).remaining).toBe(0);
    expect(await patient.limit('u')).toMatchObject({ success: false });
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    await expect(patient.limit('u')).rejects.toMatchObject({ name: 'RedisError' });
  });
  // Ours: when-down.test.ts.
});

describe('g. identifiers that forge keys', () => {
  test('the library: an identifier dynamic:global breaks the limit of all callers', async () => {
    const limiter = library(Ratelimit.tokenBucket(1, '1 m', 10), { dynamicLimits: true });
    await limiter.limit('dynamic:global');
    await expect(limiter.limit('somebody else')).rejects.toMatchObject({ reply: 'WRONGTYPE' });
  });
  // Ours: identity.test.ts.
});

describe('h. reset by pattern', () => {
  test('the library: resetting * resets all callers', async () => {
    const limiter = library(Ratelimit.fixedWindow(1, '1 m'));
    await limiter.limit('u');
    expect(await limiter.limit('u')).toMatchObject({ success: false });
    await limiter.resetUsedTokens('*');
    expect(await limiter.limit('u')).toMatchObject({ success: true });
  });
  // Ours: "reset clears one subject" in costs.test.ts.
});

describe('i. the deny list', () => {
  test('the library fetches it from a third party; ours never does', async () => {
    const asked: string[] = [];
    const { redis: client } = limitIsolate(redis).scope();
    const isolate = limitIsolate(redis);
    const passing = isolate.scope();
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url);
      return new Response('', { status: 404 });
    });
    const limiter = library(Ratelimit.fixedWindow(1, '1 m'), { redis: client, enableProtection: true });
    const { pending } = await limiter.limit('u');
    await expect(pending).rejects.toThrow();
    expect(asked).toEqual([expect.stringContaining('https://raw.githubusercontent.com/')]);

    const limited = rule('plain', { window: fixed(1, '1m'), ...byUser });
    for (const _ of Array(3)) await passing.limiter.check([limited], who());
    expect(asked).toHaveLength(1);
  });
});

describe('j. negative rates', () => {
  test('the library: a negative rate raises the quota above its limit', async () => {
    const limiter = library(Ratelimit.fixedWindow(5, '1 m'));
    expect(await limiter.limit('u', { rate: -100 })).toMatchObject({ success: true, remaining: 105 });
    const tokens = library(Ratelimit.tokenBucket(1, '1 m', 5));
    expect(await tokens.limit('u', { rate: -100 })).toMatchObject({ success: true, remaining: 105 });
  });
  // Ours refuses such costs (costs.test.ts), and refunds at most the consumed quota (refund.test.ts).
});

describe('k. several rules', () => {
  test('the library: a request refused by one rule is counted by the other', async () => {
    const tenant = library(Ratelimit.fixedWindow(1, '1 m'));
    const address = library(Ratelimit.fixedWindow(10, '1 m'));
    for (const _ of Array(3)) await Promise.all([tenant.limit('t'), address.limit('a')]);
    expect(await address.getRemaining('a')).toMatchObject({ remaining: 7 });
  });
  // Ours: "a request refused by one rule consumes nothing of the others" in costs.test.ts.
});
