/** How callers share limits: no caller can consume the quota of another, and none gets a second quota. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucket, fixed, type Rule, rule, type Subject, sliding } from '../../../src/platform/limits/index.ts';
import { key } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { keysLike, limitIsolate, NOON } from './world.ts';

const chunk = NOON / 60_000;
const byUser = rule('of-user', { window: sliding(2, '1m'), by: 'user', whenDown: 'closed' });
const byTenant = rule('of-tenant', { window: fixed(2, '1m'), by: 'tenant', whenDown: 'closed' });

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

/** Rules by address have one name space for all tenants, so each test has a rule of its own. */
function byIp(): Rule {
  const name = `ip-${newTenant().toLowerCase()}`;
  return rule(name, { window: sliding(2, '1m'), by: 'ip', whenDown: 'closed' });
}

/** The number of passing requests of each subject: three requests, each in an isolate of its own. */
async function passes(limited: Rule, subjects: readonly Subject[]): Promise<number[]> {
  const counts: number[] = [];
  for (const subject of subjects) {
    let count = 0;
    for (const _ of Array(3)) count += (await limitIsolate(redis).check([limited], subject)).verdict.allowed ? 1 : 0;
    counts.push(count);
  }
  return counts;
}

const HOSTILE = [
  ...['*', '?', '[a-z]', 'a:b', 'a', 'b', ':', '', ' ', '{u}', '%2A', '..', '~', 'dynamic:global', 'dynamic', 'all'],
  ...['__proto__', 'constructor', `u:${chunk}`, `${chunk}`, 'é', 'e\u0301', '日本', '\ud800', '\0', '\r\nDEL *', '-'],
  ...['x'.repeat(100_000), `${'x'.repeat(99_999)}y`, JSON.stringify({ a: 1 })],
];

test.each([
  ['sliding', sliding(2, '1m')],
  ['fixed', fixed(2, '1m')],
  ['bucket', bucket({ capacity: 2, refill: 1, every: '1m' })],
] as const)('each hostile identifier is a caller of its own: %s', async (_kind, window) => {
  const limited = rule('hostile', { window, by: 'user', whenDown: 'closed' });
  const tenant = newTenant();
  const subjects = HOSTILE.map((user) => ({ tenant, ip: '192.0.2.1', user }));
  expect(await passes(limited, subjects)).toEqual(HOSTILE.map(() => 2));

  const suffix = window.kind === 'bucket' ? '' : `:${chunk}`;
  const expected = HOSTILE.map((user) => `${key(tenant, 'limit', 'hostile', user)}${suffix}`);
  expect(await keysLike(redis.rest, `hf:${tenant}:*`)).toEqual(expected.sort());
});

test('a user of one tenant is not the user of another, and a tenant is not one of its users', async () => {
  const [one, two] = [newTenant(), newTenant()];
  const subjects = [one, two].map((tenant) => ({ tenant, ip: undefined, user: 'all' }));
  expect(await passes(byUser, subjects)).toEqual([2, 2]);
  expect(await passes(byTenant, subjects)).toEqual([2, 2]);
  expect(await keysLike(redis.rest, `hf:${one}:*`)).toEqual([
    `hf:${one}:rl:of-tenant:all:${chunk}`,
    `hf:${one}:rl:of-user:all:${chunk}`,
  ]);
});

test('an address is one caller, for any claimed tenant and in any spelling', async () => {
  const limited = byIp();
  const subjects = ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', ' 192.0.2.7 '].map((ip) => ({
    tenant: newTenant(),
    ip,
  }));
  expect(await passes(limited, subjects)).toEqual([2, 0, 0, 0]);
  expect(await keysLike(redis.rest, `hf:*:rl:${limited.name}:*`)).toEqual([
    `hf:-:rl:${limited.name}:192.0.2.7:${chunk}`,
  ]);
});

test('each /64 of IPv6 is one caller', async () => {
  const limited = byIp();
  const subjects = ['2001:db8:0:1::1', '2001:DB8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:2::1'].map((ip) => ({
    tenant: newTenant(),
    ip,
  }));
  expect(await passes(limited, subjects)).toEqual([2, 0, 2]);
});

test('all callers with a hidden address share one limit', async () => {
  const limited = byIp();
  const hidden = [undefined, '', 'unknown', '999.1.1.1', '1.2.3', '::1]/x', 'fe80::1%eth0', '*'];
  const subjects = hidden.map((ip) => ({ tenant: newTenant(), ip }));
  expect(await passes(limited, subjects)).toEqual([2, 0, 0, 0, 0, 0, 0, 0]);
});

test('a caller without a user is counted by address, and cannot be taken for a user', async () => {
  const tenant = newTenant();
  const name = `user-${newTenant().toLowerCase()}`;
  const limited = rule(name, { window: sliding(2, '1m'), by: 'user', whenDown: 'closed' });
  const ip = '192.0.2.9';
  expect(
    await passes(limited, [
      { tenant, ip },
      { tenant, ip, user: ip },
      { tenant: newTenant(), ip },
    ]),
  ).toEqual([2, 2, 0]);
});

test('the log has neither identifiers nor their hashed parts', async () => {
  const isolate = limitIsolate(redis);
  const subject = { tenant: newTenant(), ip: '203.0.113.77', user: 'carol@example.com' };
  for (const _ of Array(3)) await isolate.check([byUser], subject);
  isolate.scope().limiter.bypass([byUser], subject);
  const [exceeded, bypassed] = isolate.events();
  expect(exceeded).toMatchObject({
    event: 'limit.exceeded',
    rule: 'of-user',
    who: expect.stringMatching(/^[\da-f]{6}$/),
  });
  expect(bypassed).toMatchObject({ event: 'limit.bypassed', rules: ['of-user'] });
  for (const text of ['carol', '203.0.113']) expect(isolate.lines.join('\n')).not.toContain(text);
});
