/** Limits on a Redis that refuses, and on one that forgets. */
import { beforeEach, expect, test } from 'vitest';
import { limitProblem, type Rule, rule, sliding } from '../../../src/platform/limits/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { limitIsolate, NOON } from '../limits/world.ts';
import { describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();

const [open, closed, local] = (['open', 'closed', 'local'] as const).map((whenDown) =>
  rule(`refused-${whenDown}`, { window: sliding(2, '1m'), by: 'user', whenDown }),
) as [Rule, Rule, Rule];

let subject: { tenant: string; ip: string; user: string };

describeFaults('limits', () => {
  beforeEach(() => {
    subject = { tenant: newTenant(), ip: '192.0.2.1', user: 'user_1' };
  });

  test.each(STATES)('%s: an open rule lets requests pass, and reports that they were not counted', async (state) => {
    const isolate = limitIsolate({ rest: redis.rest() });
    // From here on Redis has the script.
    await isolate.check([open], subject);
    await redis.make(state);
    const { verdict, requests } = await isolate.check([open], subject);
    expect(verdict).toMatchObject({ allowed: true, reason: null });
    expect(verdict.states).toMatchObject([{ degraded: true, remaining: null }]);
    expect(requests).toBe(1);
  });

  test.each(STATES)('%s: a closed rule refuses with 503, not with 429', async (state) => {
    await redis.make(state);
    const { verdict } = await limitIsolate({ rest: redis.rest() }).check([closed], subject);
    expect(verdict).toMatchObject({ allowed: false, reason: 'unavailable' });
    expect(limitProblem(verdict)).toMatchObject({ status: 503 });
  });

  test.each(STATES)('%s: a local rule counts in the isolate', async (state) => {
    await redis.make(state);
    const isolate = limitIsolate({ rest: redis.rest() });
    const allowed = [];
    for (let check = 0; check < 3; check += 1) allowed.push((await isolate.check([local], subject)).verdict.allowed);
    expect(allowed).toEqual([true, true, false]);
  });

  test.each(STATES)('%s: quota that cannot be refunded comes back with time', async (state) => {
    const clock = { now: NOON };
    const isolate = limitIsolate({ rest: redis.rest(), now: () => clock.now });
    const { limiter } = isolate.scope();
    const verdict = await limiter.check([open], subject);
    await redis.make(state);
    await limiter.refund(verdict);
    await redis.heal();
    clock.now += 120_000;
    expect((await isolate.check([open], subject)).verdict.states).toMatchObject([{ remaining: 1, degraded: false }]);
  });

  test.each(STATES)('%s: refusals are logged once a minute for each rule, not for each request', async (state) => {
    const clock = { now: NOON };
    const isolate = limitIsolate({ rest: redis.rest(), now: () => clock.now });
    await redis.make(state);
    for (let check = 0; check < 5; check += 1) await isolate.check([open, closed], subject);
    const refusals = () => isolate.events().filter(({ event }) => event === 'limit.unavailable');
    expect(refusals().map(({ rule }) => rule)).toEqual(['refused-open', 'refused-closed']);
    clock.now += 60_000;
    await isolate.check([open], subject);
    expect(refusals()).toHaveLength(3);
    expect(isolate.counters.pending().get('limits.requests|refused-open|unavailable')).toBe(6);
  });

  test('a failover that forgets counts: the quota may be consumed again', async () => {
    const isolate = limitIsolate({ rest: redis.rest() });
    await redis.forget(() => isolate.check([open], subject));
    const allowed = [];
    for (let check = 0; check < 3; check += 1) allowed.push((await isolate.check([open], subject)).verdict.allowed);
    expect(allowed).toEqual([true, true, false]);
  });
});
