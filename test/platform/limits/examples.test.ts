/** Runs the examples of docs/limits.md. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as examples from '../../../docs/examples/limits.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { limitIsolate } from './world.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const limiter = () => limitIsolate(redis).scope().limiter;
const who = () => ({
  tenant: newTenant(),
  ip: `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:${Math.floor(Math.random() * 65_536).toString(16)}::1`,
  user: 'user_1',
  email: 'Ann@example.com',
});

test('any request', async () => {
  const subject = who();
  const answer = await examples.anyRequest(limiter(), subject);
  expect(answer.headers.get('ratelimit')).toBe(
    '"api-user";r=99;t=60, "api-address";r=299;t=60, "per-day";r=49999;t=43200',
  );
  for (const _ of Array(99)) await examples.anyRequest(limiter(), subject);
  const refused = await examples.anyRequest(limiter(), subject);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('61');
  expect(await refused.json()).toEqual({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: 429,
    'violated-policies': ['api-user'],
  });
});

test('signing in', async () => {
  const subject = who();
  const rules = [examples.signInByAddress, examples.signInByEmail];
  for (const _ of Array(10)) expect(await limiter().check(rules, subject)).toMatchObject({ allowed: true });
  expect(await limiter().check(rules, { ...subject, ip: '192.0.2.200', email: 'ann@EXAMPLE.com' })).toMatchObject({
    violated: [{ rule: 'sign-in-email' }],
  });
});

test('a cost', async () => {
  const subject = who();
  expect(await examples.exportRows(limiter(), subject, 4500)).toBe(true);
  expect(await examples.exportRows(limiter(), subject, 501)).toBe(false);
  expect(await examples.exportRows(limiter(), subject, 500)).toBe(true);
  await expect(examples.exportRows(limiter(), subject, 5001)).rejects.toMatchObject({ code: 'LIMIT_COST' });
});

test('false credentials, and administrators', async () => {
  const subject = who();
  await examples.withFalseCredentials(limiter(), subject);
  expect(examples.administrator(limiter(), subject)).toBe(true);
  const { states } = await limiter().check([examples.apiByUser, examples.apiByAddress], subject);
  expect(states.map(({ remaining }) => remaining)).toEqual([99, 298]);
});
