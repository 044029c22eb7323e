/** Series of complete minutes, for charts. */
import { expect, test } from 'vitest';
import { createCounters, readSeries } from '../../../src/platform/counters/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();
const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

test('a series has one reading for each complete minute, added up over routes, in 1 request and 1 command', async () => {
  let now = NOON;
  const counters = createCounters({ now: () => now, token: newTenant });
  const { redis, meter } = isolate().scope('-');
  for (const route of ['GET /boats', 'GET /boats/:id', 'GET /a:b']) {
    counters.count('http.requests', { route, status: '2xx' }, 4);
    counters.count('http.requests', { route, status: '5xx' });
    counters.count('http.round_trips', { route }, 7);
    for (const ms of [10, 500]) counters.time('http.time', { route }, ms);
  }
  counters.count('redis.requests', {}, 5);
  now += 2 * MINUTE_MS;
  counters.count('http.requests', { route: 'GET /boats', status: '2xx' }, 2);
  now += MINUTE_MS;
  counters.count('http.requests', { route: 'GET /boats', status: '2xx' }, 1_000);
  await counters.flush(redis);

  const before = { ...meter };
  const scope = { redis, system: { now: () => now } };
  const [, ...series] = await readSeries(scope, { metrics: ['http.requests', 'http.time'], minutes: 4 });
  expect([meter.requests - before.requests, meter.commands - before.commands]).toEqual([1, 1]);
  expect(series.map(({ from, to }) => [from, to])).toEqual(
    [0, 1, 2].map((minute) => [NOON + minute * MINUTE_MS, NOON + (minute + 1) * MINUTE_MS]),
  );
  expect(series.map((minute) => minute.sum('http.requests'))).toEqual([15, 0, 2]);
  expect(series.map((minute) => minute.sum('http.requests', { status: '5xx' }))).toEqual([3, 0, 0]);
  const [first, second] = series.map((minute) => minute.durations('http.time'));
  expect([first?.count, first?.sum]).toEqual([6, 1_530]);
  expect(first?.quantile(0.5)).toBeLessThan(11);
  expect(first?.quantile(0.95)).toBeGreaterThan(455);
  expect(second?.quantile(0.5)).toBeNull();
  expect(series[0]?.labels('http.requests')).toEqual([
    { route: '', status: '2xx' },
    { route: '', status: '5xx' },
  ]);
  // Only the named metrics are read.
  expect(series[0]?.sum('http.round_trips')).toBe(0);
  const [plain] = await readSeries(scope, { metrics: ['redis.requests'], minutes: 3 });
  expect(plain?.sum('redis.requests')).toBe(5);
});
