/**
 * Active users, retention and streaks against sets of users, on the embedded Redis and on a redis-server: the numbers, the
 * local days, the costs, and the absence of ids and of endless keys.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis } from '../../../dev/redis/server.ts';
import { offsetsOf } from '../../../src/platform/rest/index.ts';
import { createUsage, EXACT_BELOW, readUsage, setUsageZone } from '../../../src/platform/usage/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { localDay } from '../../support/local-day.ts';
import { hasRedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';

const DAY_MS = 86_400_000;
const UTC = [{ from: 0, offsetMs: 0 }];
const hmac = (text: string) => createHmac('sha256', 'a key of the test').update(text).digest('base64url');
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
/** Names with capitals, so that no name is by chance a part of a digest. */
const userOf = (index: number) => `user_NAMED_${index}`;

describe.each([
  ['the embedded Redis', startRedis, true],
  ['a redis-server', startRedisServer, hasRedisServer],
])('on %s', (_name, start, isThere) => {
  let server: { url: string; close(): Promise<void> };
  let rest: Awaited<ReturnType<typeof startAppRest>>;
  beforeAll(async () => {
    if (!isThere) return;
    server = await start();
    rest = await startAppRest({ redisUrl: server.url });
    // The server gets to know the scripts, which this process has already sent to another server.
    const { active, read } = open();
    await active(1);
    await read('2026-11-20', userOf(1));
  });
  afterAll(async () => {
    await rest?.close();
    await server?.close();
  });

  /** A tenant of its own, and the notes of one isolate with a clock. */
  function open(startedAt = Date.UTC(2026, 10, 20, 12)) {
    const clock = { now: startedAt };
    const tenant = newTenant();
    const scope = createIsolate({ rest }).scope(tenant);
    const usage = createUsage({ now: () => clock.now, hmac });
    const read = (today: string, userId: string | null = null, offsets = UTC) => {
      const user = userId === null ? null : usage.nameOf(tenant, userId);
      return readUsage(scope.redis, { tenant, now: clock.now, today, offsets, user });
    };
    /** Counts the users with these numbers as active now. */
    const active = async (...users: readonly number[]) => {
      for (const user of users) usage.note(tenant, userOf(user));
      await usage.flush(scope.redis);
    };
    return { clock, tenant, scope, usage, read, active };
  }

  test.skipIf(!isThere)('users count once in a day, a week and a month, and below a hundred exactly', async () => {
    const day = fc.integer({ min: 0, max: 69 });
    const seen = fc.array(fc.tuple(day, fc.integer({ min: 0, max: 98 })), { minLength: 1, maxLength: 150 });
    const property = fc.asyncProperty(seen, async (events) => {
      const { clock, active, read } = open();
      const today = clock.now;
      const usersOf = (from: number, to: number) =>
        new Set(events.filter(([ago]) => ago >= from && ago <= to).map(([, user]) => user));
      for (const ago of [...new Set(events.map(([each]) => each))].toSorted((one, other) => other - one)) {
        clock.now = today - ago * DAY_MS;
        await active(...usersOf(ago, ago));
      }
      const subject = events[0]?.[1] ?? 0;
      const reading = await read(dayOf(today), userOf(subject));
      expect([reading.today, reading.week, reading.month]).toEqual([0, 6, 29].map((ago) => usersOf(0, ago).size));
      expect(reading.days).toEqual(
        Array.from({ length: 30 }, (_each, index) => 29 - index).map((ago) => ({
          day: dayOf(today - ago * DAY_MS),
          users: usersOf(ago, ago).size,
        })),
      );
      // 2026-11-20 is a Friday, so this week has five days.
      const week = (ago: number) => (ago === 0 ? usersOf(0, 4) : usersOf(5 + 7 * (ago - 1), 4 + 7 * ago));
      expect(reading.cohorts).toEqual(
        [8, 7, 6, 5, 4, 3, 2, 1].map((ago) => ({
          week: dayOf(Date.UTC(2026, 10, 16) - 7 * ago * DAY_MS),
          users: week(ago).size,
          returned: Array.from(
            { length: ago },
            (_each, later) => [...week(ago)].filter((user) => week(ago - 1 - later).has(user)).length,
          ),
        })),
      );
      let streak = 0;
      for (let ago = usersOf(0, 0).has(subject) ? 0 : 1; usersOf(ago, ago).has(subject); ago += 1) streak += 1;
      expect(reading.streak).toBe(streak);
    });
    await fc.assert(property, { numRuns: 12 });
  });

  test.skipIf(!isThere)('a thousand users and more are counted within 3 %, over a month as a union', async () => {
    const { clock, active, read } = open();
    const today = clock.now;
    const users = (from: number, count: number) => Array.from({ length: count }, (_each, index) => from + index);
    for (const ago of [20, 3, 0]) {
      clock.now = today - ago * DAY_MS;
      await active(...users(ago * 20, 1_000));
    }
    const { today: day, week, month, cohorts } = await read(dayOf(today));
    expect(EXACT_BELOW).toBeLessThan(1_000);
    for (const [counted, real] of [
      [day, 1_000],
      [week, 1_060],
      [month, 1_400],
    ] as const) {
      expect(Math.abs(counted / real - 1)).toBeLessThan(0.03);
    }
    // Retention counts bits, so it is exact: the users 400 to 1,059 came back in this week.
    expect(cohorts[5]).toMatchObject({ week: '2026-10-26', users: 1_000, returned: [0, 0, 660] });
  });

  test.skipIf(!isThere)(
    'places last: a streak over many periods is 91, and a user who was away begins again',
    async () => {
      const { clock, active, read } = open();
      for (let day = 0; day < 210; day += 1) {
        // User 2 comes for a day after 200 days without them; each new user has a place of their own.
        await active(1, ...(day === 0 || day === 200 ? [2] : []), 1_000 + (day % 50));
        clock.now += DAY_MS;
      }
      clock.now -= DAY_MS;
      const reading = await read(dayOf(clock.now), userOf(1));
      expect([reading.streak, reading.today, reading.week, reading.month]).toEqual([91, 2, 8, 32]);
      expect((await read(dayOf(clock.now), userOf(2))).streak).toBe(0);
      expect((await read(dayOf(clock.now - 9 * DAY_MS), userOf(2))).streak).toBe(1);
    },
  );

  test.skipIf(!isThere)('no key and no value has an id of a user, and every key ends', async () => {
    const { tenant, active, read } = open();
    await active(1, 2, 3);
    await read('2026-11-20', userOf(1));
    const redis = adminRedis({ url: rest.url });
    const keys = await redis.keys(`hf:${tenant}:*`);
    expect(keys.map((key) => key.split(':')[2]).toSorted()).toEqual(['ub', 'up', 'uu', 'uz']);
    for (const key of keys) {
      const ttl = Number(await redis.exec(['PTTL', key]));
      expect(ttl, key).toBeGreaterThan(0);
      expect(ttl, key).toBeLessThanOrEqual(400 * DAY_MS);
      const name = key.split(':')[2] === 'up' ? 'HGETALL' : 'GET';
      const value = JSON.stringify(await redis.exec([name, key]));
      expect(value.length, key).toBeGreaterThan(2);
      expect(key + value).not.toContain('NAMED');
    }
  });

  test.skipIf(!isThere)('all notes of a tenant are one command, and a user is sent once a day', async () => {
    const { clock, tenant, scope, usage, active, read } = open();
    const { meter } = scope;
    await active(1, 2, 3, 2);
    expect(meter).toMatchObject({ requests: 1, commands: 1 });
    await active(1, 2, 3);
    clock.now += 11 * 3_600_000;
    await active(3);
    expect(meter).toMatchObject({ requests: 1, commands: 1 });
    clock.now += 3_600_000;
    await active(3, 4);
    expect(meter).toMatchObject({ requests: 2, commands: 2 });
    await read('2026-11-21', userOf(3));
    expect(meter).toMatchObject({ requests: 3, commands: 3 });
    usage.note(tenant, userOf(5));
    usage.note(newTenant(), userOf(5));
    await usage.flush(scope.redis);
    expect(meter).toMatchObject({ requests: 4, commands: 5 });
  });

  test.skipIf(!isThere).each([
    ['Pacific/Auckland', '2027-04-02'],
    ['Pacific/Auckland', '2027-09-24'],
    ['America/Los_Angeles', '2027-03-12'],
    ['America/Los_Angeles', '2027-11-05'],
  ])('in %s around %s each user counts on the local day', async (zone, from) => {
    const start = Date.parse(from);
    const { clock, tenant, scope, usage, read } = open(start);
    const offsets = offsetsOf(zone, start, start + 10 * DAY_MS);
    await setUsageZone(scope.redis, tenant, offsets);
    const expected = new Map<string, Set<number>>();
    for (let quarter = 0; quarter < 4 * 96; quarter += 1) {
      clock.now = start + quarter * 900_000;
      // One user who is always there, and one for each two hours.
      for (const user of [0, 1 + Math.floor(quarter / 8)]) {
        usage.note(tenant, userOf(user));
        const day = localDay(zone, clock.now);
        expected.set(day, (expected.get(day) ?? new Set()).add(user));
      }
      await usage.flush(scope.redis);
    }
    const { days, streak } = await read(localDay(zone, clock.now), userOf(0), offsets);
    expect(days.filter(({ users }) => users > 0)).toEqual(
      [...expected].map(([day, users]) => ({ day, users: users.size })),
    );
    expect(streak).toBe(expected.size);
  });
});

test('without Redis, a flush fails in silence, and the users count at their next request', async () => {
  const redis = await startRedis();
  const rest = await startAppRest({ redisUrl: redis.url });
  const tenant = newTenant();
  let isDown = true;
  const scope = createIsolate({
    rest,
    fetch: (input, init) => (isDown ? Promise.reject(new TypeError('down')) : fetch(input, init)),
  }).scope(tenant);
  const usage = createUsage({ now: () => Date.UTC(2026, 10, 20), hmac });
  usage.note(tenant, userOf(1));
  await usage.flush(scope.redis);
  isDown = false;
  await usage.flush(scope.redis);
  const read = () =>
    readUsage(scope.redis, { tenant, now: Date.UTC(2026, 10, 20), today: '2026-11-20', offsets: UTC, user: null });
  expect((await read()).today).toBe(0);
  usage.note(tenant, userOf(1));
  await usage.flush(scope.redis);
  expect((await read()).today).toBe(1);
  await rest.close();
  await redis.close();
});
