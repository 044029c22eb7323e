/** `GET /analytics/usage` over HTTP: who counts, the cost of counting, the tenant's time zone, and a Redis that is down. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { costOf, createTestApp } from '../../support/app.ts';
import { newClientAddress } from '../../support/client-address.ts';
import { faultyRedis } from '../../support/faulty-redis.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const FLUSH_MS = 10_000;
const DAY_MS = 86_400_000;
const redis = faultyRedis();
const clock = { now: Date.now() };
/** The number of commands that count users, of all requests so far. */
let countingCommands = 0;
const app = createTestApp({
  fetch(input, init) {
    const commands = JSON.parse(String(init?.body ?? '[]')) as unknown[];
    const counts = (command: unknown) => Array.isArray(command) && command.some((each) => /^hf:.*:uz$/.test(`${each}`));
    countingCommands += commands.filter(counts).length;
    return redis.fetch(input, init);
  },
  environment: { COUNTERS_FLUSH_MS: String(FLUSH_MS), OPERATOR_TENANT: '' },
  system: { now: () => clock.now, redisAhead: () => clock.now - Date.now() },
});
let tenant: OwnTenant;
beforeAll(() => {
  clock.now = new Date().setUTCHours(12, 0, 0, 0);
});
beforeEach(async () => {
  redis.faults = {};
  // Each test begins at noon, on a day of its own.
  clock.now = new Date(clock.now + DAY_MS).setUTCHours(12, 0, 0, 0);
  tenant = await createTenant(inject('cloud').postgres.url);
});
afterAll(() => app.close());

/** Signs a new user in. A session does not last a day, so a user signs in again on each day. */
async function signIn() {
  const { id, email, password } = await addPerson(inject('cloud').postgres.url, tenant.id);
  const at = { 'x-test-client-ip': newClientAddress() };
  const browser = createBrowser((path, init) => app.app.request(path, init), at);
  const again = async () => {
    expect((await browser.request('/auth/sign-in', { json: { email, password } })).status).toBe(200);
  };
  await again();
  return { id, again, get: (path = '/deals/pipeline') => browser.request(path) };
}
type Person = Awaited<ReturnType<typeof signIn>>;

interface Usage {
  timeZone: string;
  day: string;
  activeUsers: Record<'day' | 'week' | 'month', { users: number; exact: boolean }>;
  days: { day: string; users: number }[];
  retention: { week: string; users: number; returned: number[] | null }[];
  streak: number | null;
}

/** The usage after the next flush of counters. */
async function usageOf(person?: Person): Promise<Usage> {
  clock.now += FLUSH_MS;
  await app.request('/deals/pipeline', { key: tenant.keys.all });
  const response = person
    ? await person.get('/analytics/usage')
    : await app.request('/analytics/usage', { key: tenant.keys.all });
  expect(response.status).toBe(200);
  return (await response.json()) as Usage;
}

test('users count once a day, and API keys never', async () => {
  expect((await usageOf()).activeUsers.day).toEqual({ users: 0, exact: true });
  const [ada, bob] = [await signIn(), await signIn()];
  for (const { get } of [ada, ada, bob]) expect((await get()).status).toBe(200);
  const usage = await usageOf();
  expect(usage.activeUsers).toEqual({
    day: { users: 2, exact: true },
    week: { users: 2, exact: true },
    month: { users: 2, exact: true },
  });
  expect(usage).toMatchObject({ timeZone: 'UTC', day: new Date(clock.now).toISOString().slice(0, 10), streak: null });
  expect(usage.days).toHaveLength(30);
  expect(usage.days.at(-1)).toEqual({ day: usage.day, users: 2 });
  expect(usage.retention).toHaveLength(8);
  expect(usage.retention.every(({ users, returned }) => users === 0 && returned === null)).toBe(true);
  expect((await usageOf(ada)).streak).toBe(1);
});

test('counting costs no request, and one command a day on a request that leaves in any case', async () => {
  const { get, again } = await signIn();
  for (const _warmUp of [1, 2, 3]) await get();
  const oneRequest = async () => {
    countingCommands = 0;
    const { redis: cost } = costOf(await get());
    return [/^1 request, /.test(cost ?? ''), countingCommands];
  };
  clock.now += FLUSH_MS;
  expect(await oneRequest()).toEqual([true, 1]);
  for (let flush = 0; flush < 5; flush += 1) {
    expect(await oneRequest()).toEqual([true, 0]);
    clock.now += FLUSH_MS;
  }
  clock.now += DAY_MS;
  await again();
  // The first request of the new day flushes before it notes its user, and loads the value that has expired.
  await get();
  expect(await oneRequest()).toEqual([true, 0]);
  clock.now += FLUSH_MS;
  expect(await oneRequest()).toEqual([true, 1]);
  clock.now += FLUSH_MS;
  expect(await oneRequest()).toEqual([true, 0]);
});

test('a reading costs one command, in one request beside the gate', async () => {
  const { get } = await signIn();
  await get('/analytics/usage');
  await get('/analytics/usage');
  clock.now += FLUSH_MS;
  await get();
  const gate = costOf(await get('/tenant'));
  const read = costOf(await get('/analytics/usage'));
  const numbers = (cost: Record<string, string>) => (cost['redis'] ?? '').match(/\d+/g)?.map(Number) ?? [];
  expect(numbers(read)).toEqual(numbers(gate).map((each) => each + 1));
  expect(read['db']).toBe('0 queries');
});

test('a streak grows by a day, and begins again after a day without the user', async () => {
  const person = await signIn();
  for (const expected of [1, 2, 3]) {
    await person.again();
    await person.get();
    expect((await usageOf(person)).streak).toBe(expected);
    clock.now += DAY_MS;
  }
  // The fourth day has begun, and its first request is not counted yet.
  await person.again();
  const response = await person.get('/analytics/usage');
  expect(((await response.json()) as Usage).streak).toBe(3);
  clock.now += 3 * DAY_MS;
  await person.again();
  await person.get();
  expect((await usageOf(person)).streak).toBe(1);
});

test('days are those of the zone of the tenant, from the change of the zone on', async () => {
  const { get } = await signIn();
  // Noon in UTC is 02:00 of the next day in Kiritimati (+14).
  const changed = await app.request('/tenant', {
    method: 'PATCH',
    key: tenant.keys.all,
    json: { timeZone: 'Pacific/Kiritimati' },
  });
  expect(changed.status).toBe(200);
  await get();
  const usage = await usageOf();
  expect(usage).toMatchObject({ timeZone: 'Pacific/Kiritimati', activeUsers: { day: { users: 1 } } });
  expect(usage.day).toBe(new Date(clock.now + 14 * 3_600_000).toISOString().slice(0, 10));
});

describe('a Redis that does not answer', () => {
  test('a reading is a 503; requests go on without counting, and count again afterwards', async () => {
    const person = await signIn();
    redis.faults = { fill: 'unreachable' };
    const refused = await app.request('/analytics/usage', { key: tenant.keys.all });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'CACHE_UNAVAILABLE']);
    expect((await person.get()).status).toBe(200);
    redis.faults = {};
    clock.now += FLUSH_MS;
    await person.get();
    expect((await usageOf()).activeUsers.day.users).toBe(1);
  });
});
