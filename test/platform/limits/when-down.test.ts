/** Requests while Redis does not answer: each rule decides by itself, and the verdict says so. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  bucket,
  fixed,
  limitProblem,
  rateLimitHeaders,
  rule,
  sliding,
  type WhenDown,
} from '../../../src/platform/limits/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { limitIsolate, NOON, type Rest, warm } from './world.ts';

const ruleThat = (whenDown: WhenDown, limit = 3) =>
  rule(`down-${whenDown}`, { window: sliding(limit, '1m'), by: 'user', whenDown });
const open = ruleThat('open');
const closed = ruleThat('closed');
const local = ruleThat('local');

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
  await warm(redis.rest, [open], newTenant());
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

const who = () => ({ tenant: newTenant(), ip: '192.0.2.1', user: 'user_1' });

const FAULTS: Record<string, { intercept?: Rest['intercept']; timeout?: number; fetch?: typeof fetch; code: string }> =
  {
    'answers 503': { intercept: () => ({ status: 503, body: { error: 'down' } }), code: 'REDIS_UNAVAILABLE' },
    'cannot be reached': { fetch: () => Promise.reject(new TypeError('fetch failed')), code: 'REDIS_UNAVAILABLE' },
    hangs: { intercept: () => 'hang', timeout: 50, code: 'REDIS_TIMEOUT' },
    'loses the answer': { intercept: () => 'drop-response', code: 'REDIS_UNAVAILABLE' },
    'refuses the token': { intercept: () => ({ status: 401, body: { error: 'no' } }), code: 'REDIS_UNAUTHORIZED' },
  };

describe.each(Object.entries(FAULTS))('Redis %s', (_name, { intercept, timeout, fetch, code }) => {
  const isolateWithFault = (now = () => NOON) => {
    redis.rest.intercept = intercept;
    return limitIsolate({
      ...redis,
      now,
      ...(timeout === undefined ? {} : { timeout }),
      ...(fetch ? { fetch } : {}),
    });
  };

  test('open: passes, and reports that the request was not counted', async () => {
    const isolate = isolateWithFault();
    const { verdict } = await isolate.check([open], who());
    expect(verdict).toMatchObject({ allowed: true, reason: null });
    expect(verdict.states).toEqual([expect.objectContaining({ degraded: true, remaining: null })]);
    expect(isolate.events()).toEqual([
      expect.objectContaining({ level: 'warn', event: 'limit.unavailable', rule: 'down-open', whenDown: 'open', code }),
    ]);
  });

  test('closed: refused, as unavailable and not as limited', async () => {
    const isolate = isolateWithFault();
    const { verdict } = await isolate.check([closed], who());
    expect(verdict).toMatchObject({ allowed: false, reason: 'unavailable' });
    expect(limitProblem(verdict)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(isolate.events().map(({ event }) => event)).toEqual(['limit.unavailable']);
  });

  test('local: the isolate counts by itself, with the same limit and windows', async () => {
    const clock = { now: NOON };
    const isolate = isolateWithFault(() => clock.now);
    const subject = who();
    const allowed = async () => (await isolate.check([local], subject)).verdict.allowed;
    expect([await allowed(), await allowed(), await allowed(), await allowed()]).toEqual([true, true, true, false]);
    clock.now += 20_000;
    const { verdict } = await isolate.check([local], subject);
    expect(verdict).toMatchObject({ reason: 'limited' });
    expect(verdict.violated).toEqual([expect.objectContaining({ degraded: true, remaining: 0, retryAfterMs: 40_000 })]);
    expect(limitProblem(verdict)).toMatchObject({ status: 429 });
    expect((await isolate.check([local], who())).verdict.allowed).toBe(true);
    clock.now += 40_000;
    expect(await allowed()).toBe(true);
  });
});

describe('rules together', () => {
  test('a closed rule refuses; the local count of another rule is refunded', async () => {
    redis.rest.intercept = FAULTS['answers 503']?.intercept;
    const isolate = limitIsolate(redis);
    const subject = who();
    for (const _ of Array(5)) {
      expect((await isolate.check([open, local, closed], subject)).verdict).toMatchObject({ reason: 'unavailable' });
    }
    expect((await isolate.check([local], subject)).verdict.states[0]).toMatchObject({ allowed: true, remaining: 2 });
  });

  test('a rule with a broken key decides by itself; its refusal refunds the others', async () => {
    const isolate = limitIsolate(redis);
    const subject = who();
    const counted = rule('counted', { window: fixed(9, '1m'), by: 'user', whenDown: 'open' });
    const { redis: client } = isolate.scope();
    await client.hset(`hf:${subject.tenant}:rl:down-closed:user_1:${NOON / 60_000}`, { x: 1 });
    const { verdict } = await isolate.check([counted, closed], subject);
    expect(verdict).toMatchObject({ reason: 'unavailable', violated: [{ rule: 'down-closed' }] });
    expect((await isolate.check([counted], subject)).verdict.states[0]).toMatchObject({ remaining: 8 });
  });

  test('Redis counts as soon as it is back', async () => {
    const isolate = limitIsolate(redis);
    const subject = who();
    redis.rest.intercept = FAULTS['answers 503']?.intercept;
    await isolate.check([local], subject);
    redis.rest.intercept = undefined;
    expect((await isolate.check([local], subject)).verdict.states[0]).toMatchObject({ degraded: false, remaining: 2 });
  });

  test('with an open breaker no request is sent, and the rules decide', async () => {
    const isolate = limitIsolate(redis);
    redis.rest.intercept = FAULTS['answers 503']?.intercept;
    for (const _ of Array(5)) await isolate.check([open], who());
    redis.rest.intercept = undefined;
    expect(await isolate.check([closed], who())).toMatchObject({ verdict: { reason: 'unavailable' }, requests: 0 });
    expect(isolate.events().at(-1)).toMatchObject({ code: 'REDIS_BREAKER_OPEN' });
  });

  test('local counts are bounded', async () => {
    redis.rest.intercept = FAULTS['answers 503']?.intercept;
    const isolate = limitIsolate({ ...redis, maxKeys: 10 });
    for (let user = 0; user < 50; user += 1) await isolate.check([local], { ...who(), user: `user_${user}` });
    expect(isolate.memory.size).toEqual({ blocks: 0, counters: 10 });
  });
});

describe('Redis goes down between the two requests of a refusal', () => {
  test.each([
    ['sliding', sliding(2, '1m'), 120_000],
    ['fixed', fixed(2, '1m'), 60_000],
    ['bucket', bucket({ capacity: 2, refill: 1, every: '1m' }), 60_000],
  ] as const)(
    '%s: the latest possible time replaces the exact one, and no block is remembered',
    async (kind, window, latest) => {
      const limited = rule(`cut-${kind}`, { window, by: 'user', whenDown: 'closed' });
      const subject = who();
      await limitIsolate(redis).check([limited], subject, 2);
      const isolate = limitIsolate(redis);
      let requests = 0;
      redis.rest.intercept = () => {
        requests += 1;
        return requests === 1 ? 'pass' : { status: 503, body: { error: 'down' } };
      };
      const { verdict } = await isolate.check([limited], subject);
      expect(verdict).toMatchObject({ reason: 'limited', violated: [{ retryAfterMs: latest, degraded: false }] });
      expect(rateLimitHeaders(verdict)['retry-after']).toBe(String(latest / 1000));
      expect(isolate.memory.size.blocks).toBe(0);
    },
  );
});
