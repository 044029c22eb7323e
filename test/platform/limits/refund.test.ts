/** Refunds of quota that a false claim consumed: once, and never more than was consumed. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  bucket,
  fixed,
  type Rule,
  rule,
  type Subject,
  sliding,
  type Verdict,
} from '../../../src/platform/limits/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { keysLike, limitIsolate, NOON, warm } from './world.ts';

const W = 600_000;
const windows = [sliding(10, W), fixed(10, W), bucket({ capacity: 10, refill: 2, every: W })];
const byUser = rule('refund-user', { window: sliding(10, W), by: 'user', whenDown: 'local' });
const byTenant = rule('refund-tenant', { window: fixed(10, W), by: 'tenant', whenDown: 'local' });
const byIp = rule('refund-ip', { window: sliding(10, W), by: 'ip', whenDown: 'closed' });
const byEmail = rule('refund-email', {
  window: sliding(10, W),
  by: ({ email = '' }) => email,
  whenDown: 'closed',
});

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
  await warm(redis.rest, [byUser, byTenant], newTenant());
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

/** All tenants share the limits of addresses, so each test uses its own. */
const who = (): Subject => ({
  tenant: newTenant(),
  ip: `2001:db8:${[1, 2].map(() => Math.floor(Math.random() * 65_536).toString(16)).join(':')}::1`,
  user: 'user_1',
  email: 'a@example.com',
});

async function remaining(limited: Rule, subject: Subject, now = NOON): Promise<number> {
  const isolate = limitIsolate({ ...redis, now: () => now });
  const { limiter } = isolate.scope();
  const verdict = await limiter.check([limited], subject);
  await limiter.refund(verdict);
  return (verdict.states[0]?.remaining ?? 0) + (verdict.allowed ? 1 : 0);
}

describe('refund', () => {
  test('goes to user and tenant, not to the address or to a rule’s own key; 1 request, 1 command', async () => {
    const subject = who();
    const { limiter, meter } = limitIsolate(redis).scope();
    const rules = [byUser, byTenant, byIp, byEmail];
    const verdict = await limiter.check(rules, subject, { cost: 3 });
    expect(meter).toMatchObject({ requests: 1, commands: 4 });
    await limiter.refund(verdict);
    expect(meter).toMatchObject({ requests: 2, commands: 5 });
    const { verdict: after } = await limitIsolate(redis).check(rules, subject);
    expect(after.states.map((state) => state.remaining)).toEqual([9, 9, 6, 6]);
  });

  test('happens once', async () => {
    const subject = who();
    const { limiter, meter } = limitIsolate(redis).scope();
    await limiter.check([byUser], subject, { cost: 5 });
    const verdict = await limiter.check([byUser], subject, { cost: 2 });
    await Promise.all([limiter.refund(verdict), limiter.refund(verdict)]);
    await limiter.refund(verdict);
    expect(meter.requests).toBe(3);
    expect(await remaining(byUser, subject)).toBe(5);
  });

  test('does nothing if no quota was consumed', async () => {
    const subject = who();
    const { limiter, meter } = limitIsolate(redis).scope();
    await limiter.check([byUser], subject, { cost: 10 });
    const refused = await limiter.check([byUser], subject);
    const requests = meter.requests;
    await limiter.refund(refused);
    await limiter.refund(limiter.bypass([byUser], subject));
    expect(meter.requests).toBe(requests);
    expect(await remaining(byUser, subject)).toBe(0);
  });

  test.each(windows)('does not create ended counters again: $kind', async (window) => {
    const limited = rule('ended', { window, by: 'user', whenDown: 'closed' });
    const subject = who();
    const { limiter, redis: client } = limitIsolate(redis).scope();
    const verdict = await limiter.check([limited], subject);
    await client.del(...(await keysLike(redis.rest, `hf:${subject.tenant}:*`)));
    await limiter.refund(verdict);
    expect(await keysLike(redis.rest, `hf:${subject.tenant}:*`)).toEqual([]);
  });

  test.each(windows)('goes only to the chunk in which the quota was consumed: $kind', async (window) => {
    const limited = rule('late', { window, by: 'user', whenDown: 'closed' });
    const subject = who();
    const clock = { now: NOON };
    const { limiter } = limitIsolate({ ...redis, now: () => clock.now }).scope();
    const verdict = await limiter.check([limited], subject, { cost: 10 });
    clock.now += W;
    await limiter.check([limited], { ...subject, user: 'user_1' }).then(limiter.refund);
    await limiter.refund(verdict);
    expect(await remaining(limited, subject, clock.now)).toBe(10);
    expect(await remaining(limited, subject, clock.now + W)).toBe(10);
  });

  test('keeps an attacker with a false claim from locking a tenant out, even where a block is remembered', async () => {
    const subject = who();
    const isolate = limitIsolate(redis);
    const { limiter } = isolate.scope();
    const claimed: Verdict[] = [];
    for (const _ of Array(10)) claimed.push(await limiter.check([byTenant], subject));
    expect(await isolate.check([byTenant], subject)).toMatchObject({ verdict: { reason: 'limited' } });
    expect(await isolate.check([byTenant], subject)).toMatchObject({ verdict: { reason: 'limited' }, requests: 0 });
    await Promise.all(claimed.map(limiter.refund));
    expect(await isolate.check([byTenant], subject)).toMatchObject({ verdict: { allowed: true } });
    expect(await remaining(byTenant, subject)).toBe(9);
  });

  test('without Redis causes no error; local counts are refunded', async () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    const subject = who();
    const { limiter } = limitIsolate(redis).scope();
    for (const _ of Array(4)) await limiter.refund(await limiter.check([byUser, byTenant], subject, { cost: 4 }));
    const verdict = await limiter.check([byUser, byTenant], subject, { cost: 4 });
    expect(verdict.states.map((state) => state.remaining)).toEqual([6, 6]);

    redis.rest.intercept = undefined;
    const counted = await limitIsolate(redis).scope().limiter.check([byUser], subject);
    expect(counted.allowed).toBe(true);
    redis.rest.intercept = () => 'drop-response';
    await expect(limiter.refund(counted)).resolves.toBeUndefined();
  });

  test('passes on errors that are not from Redis', async () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    const isolate = limitIsolate(redis);
    const { limiter } = isolate.scope();
    const counted = await limiter.check([byUser], who());
    isolate.memory.refundLocally = () => {
      throw new TypeError('a fault of this process');
    };
    await expect(limiter.refund(counted)).rejects.toThrow('a fault of this process');
  });

  test.each(windows)('in any order with requests keeps the consumed quota within the limit: $kind', async (window) => {
    const limited = rule('mixed', { window, by: 'user', whenDown: 'closed' });
    const steps = fc.array(
      fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 10 }) }), fc.record({ giveBack: fc.nat(20) })),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const subject = who();
        const held: { cost: number; giveBack(): Promise<void> }[] = [];
        for (const step of program) {
          if ('giveBack' in step) {
            const [entry] = held.splice(step.giveBack % Math.max(1, held.length), 1);
            await entry?.giveBack();
            continue;
          }
          // A new isolate, so that Redis decides.
          const { limiter } = limitIsolate(redis).scope();
          const verdict = await limiter.check([limited], subject, { cost: step.take });
          if (!verdict.allowed) continue;
          held.push({ cost: step.take, giveBack: () => limiter.refund(verdict) });
          expect(held.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(limited.window.limit);
        }
      }),
      { numRuns: 30 },
    );
  });
});
