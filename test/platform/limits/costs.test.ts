/** The counted cost of checks in requests and commands. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bucket, fixed, LimitError, rule, sliding } from '../../../src/platform/limits/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { keysLike, limitIsolate, NOON, warm } from './world.ts';

const byUser = rule('user', { window: sliding(3, '1m'), by: 'user', whenDown: 'open' });
const byIp = rule('address', { window: sliding(2, '1m'), by: 'ip', whenDown: 'open' });
const byTenant = rule('tenant', { window: fixed(100, '1h'), by: 'tenant', whenDown: 'open' });
const byEmail = rule('email', {
  window: bucket({ capacity: 5, refill: 1, every: '1m' }),
  by: ({ email = '' }) => email,
  whenDown: 'closed',
});
const all = [byUser, byIp, byTenant, byEmail];

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
  await warm(redis.rest, all, newTenant());
});
afterAll(() => redis.close());

let addresses = 0;
/** All tenants share the limits of addresses, so each test uses its own. */
function subject(more: { user?: string; tenant?: string } = {}) {
  addresses += 1;
  const ip = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:${addresses.toString(16)}::1`;
  return { tenant: newTenant(), ip, user: 'user_1', email: 'a@example.com', ...more };
}

describe('costs', () => {
  test('N rules are N commands of one request', async () => {
    const isolate = limitIsolate(redis);
    for (const rules of [[], [byUser], [byUser, byIp], all]) {
      const { verdict, requests, commands } = await isolate.check(rules, subject());
      expect(verdict.allowed).toBe(true);
      expect({ requests, commands }).toEqual({ requests: rules.length > 0 ? 1 : 0, commands: rules.length });
    }
  });

  test('they share the request with all other commands of the turn', async () => {
    const { limiter, redis: client, meter } = limitIsolate(redis).scope();
    await Promise.all([limiter.check(all, subject()), client.get('hf:-:q:other')]);
    expect(meter).toMatchObject({ requests: 1, commands: 5 });
  });

  test('an allowed request gets the end of its chunk, or of its bucket’s period', async () => {
    const clock = { now: NOON + 10_000 };
    const isolate = limitIsolate({ ...redis, now: () => clock.now });
    const who = subject();
    const resets = async () => {
      const { verdict } = await isolate.check([byUser, byTenant, byEmail], who);
      return verdict.states.map(({ resetMs }) => resetMs);
    };
    expect(await resets()).toEqual([50_000, 3_590_000, 60_000]);
    clock.now += 15_000;
    expect(await resets()).toEqual([35_000, 3_575_000, 45_000]);
  });

  test('a refusal costs one more command; repeated refusals cost nothing until the request would pass', async () => {
    const clock = { now: NOON };
    const isolate = limitIsolate({ ...redis, now: () => clock.now });
    const who = subject();
    await isolate.check([byIp], who);
    await isolate.check([byIp], who);
    const refused = await isolate.check([byIp], who);
    expect(refused).toMatchObject({ verdict: { allowed: false, reason: 'limited' }, requests: 2, commands: 2 });

    const retryAfterMs = refused.verdict.violated[0]?.retryAfterMs ?? 0;
    clock.now += retryAfterMs - 1;
    const blocked = await isolate.check([byIp, byUser], who);
    expect(blocked).toMatchObject({ verdict: { reason: 'limited' }, requests: 0, commands: 0 });
    expect(blocked.verdict.violated).toEqual([expect.objectContaining({ rule: 'address', retryAfterMs: 1 })]);
    clock.now += 1;
    expect(await isolate.check([byIp], who)).toMatchObject({ verdict: { allowed: true }, requests: 1, commands: 1 });
  });

  test('a refusal of an unproven user is checked again after 5 s, because quota may have been refunded', async () => {
    const clock = { now: NOON };
    const isolate = limitIsolate({ ...redis, now: () => clock.now });
    const who = subject();
    for (const _ of Array(3)) await isolate.check([byUser], who);
    expect((await isolate.check([byUser], who)).commands).toBe(2);
    clock.now += 4999;
    expect((await isolate.check([byUser], who)).commands).toBe(0);
    clock.now += 1;
    expect((await isolate.check([byUser], who)).commands).toBe(2);
  });

  test('a block of one cost does not block smaller costs', async () => {
    const isolate = limitIsolate(redis);
    const who = subject();
    expect(await isolate.check([byEmail], who, 3)).toMatchObject({ verdict: { allowed: true } });
    expect(await isolate.check([byEmail], who, 3)).toMatchObject({ verdict: { allowed: false }, commands: 2 });
    expect(await isolate.check([byEmail], who, 3)).toMatchObject({ verdict: { allowed: false }, commands: 0 });
    expect(await isolate.check([byEmail], who, 2)).toMatchObject({ verdict: { allowed: true }, commands: 1 });
  });

  test('an invalid cost, or one that could never pass, is an error without a request', async () => {
    const isolate = limitIsolate(redis);
    const { limiter, meter } = isolate.scope();
    for (const cost of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 4]) {
      const error: unknown = await limiter.check([byUser], subject(), { cost }).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(LimitError);
      expect(error).toMatchObject({ code: 'LIMIT_COST' });
    }
    await expect(limiter.check([byUser, byUser], subject())).rejects.toMatchObject({ code: 'LIMIT_RULE' });
    expect(meter).toMatchObject({ requests: 0, commands: 0 });
  });

  test('a bypass sends and consumes nothing, and is counted', async () => {
    const isolate = limitIsolate(redis);
    const who = subject();
    const { limiter, meter } = isolate.scope();
    for (const _ of Array(5)) {
      expect(limiter.bypass([byUser, byTenant], who)).toMatchObject({ allowed: true, bypassed: true, states: [] });
    }
    expect(meter.requests).toBe(0);
    expect(await keysLike(redis.rest, `hf:${who.tenant}:*`)).toEqual([]);
    expect(isolate.counters.pending()).toEqual(
      new Map([
        ['limits.requests|user|bypassed', 5],
        ['limits.requests|tenant|bypassed', 5],
      ]),
    );
    expect(isolate.events().filter(({ event }) => event === 'limit.bypassed')).toHaveLength(5);
  });

  test('a request refused by one rule consumes nothing of the others', async () => {
    const who = subject();
    const first = limitIsolate(redis);
    for (const _ of Array(2)) await first.check([byIp], who);
    // Another isolate, which has no record of the block.
    const refused = await limitIsolate(redis).check(all, who);
    expect(refused).toMatchObject({ verdict: { reason: 'limited' }, requests: 2, commands: 5 });
    expect(refused.verdict.violated.map(({ rule: name }) => name)).toEqual(['address']);
    const { verdict } = await limitIsolate(redis).check([byUser, byTenant, byEmail], who);
    expect(verdict.states.map(({ remaining }) => remaining)).toEqual([2, 99, 4]);
  });

  test('reset clears one subject of one rule, by its exact keys', async () => {
    const isolate = limitIsolate(redis);
    const tenant = newTenant();
    const [star, other] = [subject({ tenant, user: '*' }), subject({ tenant, user: 'user_2' })];
    for (const who of [star, other]) await isolate.check([byUser], who, 3);
    expect((await isolate.check([byUser], star)).verdict.allowed).toBe(false);
    const { limiter, meter } = isolate.scope();
    await limiter.reset(byUser, star);
    expect(meter).toMatchObject({ requests: 1, commands: 1 });
    expect((await isolate.check([byUser], star)).verdict.allowed).toBe(true);
    expect((await isolate.check([byUser], other)).verdict.allowed).toBe(false);
  });
});
