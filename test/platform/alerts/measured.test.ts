/** The measures of the alerts on counters, from counts that an isolate has flushed. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert, AlertContext } from '../../../src/platform/alerts/index.ts';
import { journalAge } from '../../../src/platform/alerts/index.ts';
import * as alerts from '../../../src/platform/alerts/measured.ts';
import { type Counters, createCounters } from '../../../src/platform/counters/index.ts';
import { key, NO_TENANT } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The hashes of minutes and hours have no tenant, so each test has months of its own. */
let now = Date.UTC(2100, 0, 1, 12, 30);
beforeEach(() => {
  now += 100 * DAY;
});

/** Counts at the present, and flushes. */
async function counted(count: (counters: Counters) => void): Promise<void> {
  const { redis } = isolate().scope(newTenant());
  const counters = createCounters({ now: () => now, token: () => crypto.randomUUID() });
  count(counters);
  while (counters.pending().size > 0) await counters.flush(redis);
}

async function measured(alert: Alert) {
  const loads = new Map<string, Promise<unknown>>();
  const { redis } = isolate().scope(newTenant());
  const scope = { redis, system: { now: () => now } } as unknown as AlertContext['scope'];
  const context: AlertContext = {
    scope,
    at: now,
    signal: new AbortController().signal,
    shared<Value>(name: string, load: () => Promise<Value>): Promise<Value> {
      const loading = (loads.get(name) as Promise<Value> | undefined) ?? load();
      loads.set(name, loading);
      return loading;
    },
  };
  return alert.measure(context);
}

test('hit-ratio counts hits and stale answers, with all reads as samples', async () => {
  await counted((counters) => {
    for (const [outcome, by] of [
      ['hit', 5],
      ['stale', 1],
      ['miss', 3],
      ['bypass', 1],
    ] as const) {
      counters.count('cache.reads', { query: 'q', outcome }, by);
    }
  });
  expect(await measured(alerts.hitRatio)).toEqual({ value: 0.6, samples: 10 });
});

test('job-failures counts failed and dead runs, and dead-letters only dead ones', async () => {
  await counted((counters) => {
    counters.count('jobs.runs', { job: 'a', outcome: 'done' }, 16);
    counters.count('jobs.runs', { job: 'a', outcome: 'failed' }, 3);
    counters.count('jobs.runs', { job: 'b', outcome: 'dead' }, 1);
  });
  expect(await measured(alerts.jobFailures)).toEqual({ value: 0.2, samples: 20 });
  expect(await measured(alerts.deadLetters)).toEqual({ value: 1 });
  now += 9 * MINUTE;
  expect(await measured(alerts.deadLetters)).toEqual({ value: 1 });
  now += MINUTE;
  expect(await measured(alerts.deadLetters)).toEqual({ value: 0 });
});

test('evictions count keys that Redis evicted in 10 minutes', async () => {
  await counted((counters) => counters.count('server.evicted', {}, 3));
  expect(await measured(alerts.evictions)).toEqual({ value: 3 });
  now += 9 * MINUTE;
  expect(await measured(alerts.evictions)).toEqual({ value: 3 });
  now += MINUTE;
  expect(await measured(alerts.evictions)).toEqual({ value: 0 });
});

test('journal-age is the age of the oldest write of all queries with write-behind', async () => {
  const { redis } = isolate().scope(newTenant());
  const [first, second] = [newTenant(), newTenant()];
  const alert = journalAge([
    { name: first, writtenBehind: true },
    { name: second, writtenBehind: true },
    { name: newTenant(), writtenBehind: false },
  ]);
  expect(await measured(alert)).toEqual({ value: 0 });
  const waits = (query: string, ms: number) =>
    redis.exec(['XADD', key(NO_TENANT, 'journal', query), `${now - ms}-0`, 'write', 'w1']);
  await waits(first, 2 * MINUTE);
  await waits(first, MINUTE);
  await waits(second, 6 * MINUTE);
  expect(await measured(alert)).toEqual({ value: 6 * MINUTE });
});

test.each([
  [4, 0],
  [5, 0.05],
])('redis-errors of %d failures among 100 requests is %d', async (failures, value) => {
  await counted((counters) => {
    counters.count('redis.requests', {}, 100);
    counters.count('redis.failures', { code: 'REDIS_TIMEOUT' }, failures);
  });
  expect(await measured(alerts.redisErrors)).toMatchObject({ value });
});

describe('slow', () => {
  const answers = (ms: number, count: number) =>
    counted((counters) => {
      for (let answer = 0; answer < count; answer += 1) counters.time('http.time', { route: 'GET /deals' }, ms);
    });

  test('compares with the median of the same hour on other days', async () => {
    for (const ms of [100, 200, 1_000]) {
      await answers(ms, 200);
      now += DAY;
    }
    await answers(400, 250);
    const { value = 0, samples } = (await measured(alerts.slow)) ?? {};
    expect(value).toBeGreaterThan(2 / 1.2);
    expect(value).toBeLessThan(2 * 1.2);
    expect(samples).toBe(250);
  });

  test('compares with the last 24 hours if no such hour has enough answers', async () => {
    now -= 3 * 60 * MINUTE;
    await answers(100, 1_000);
    now += 3 * 60 * MINUTE;
    await answers(400, 10);
    const { value = 0, samples } = (await measured(alerts.slow)) ?? {};
    expect(value).toBeGreaterThan(4 / 1.2);
    expect(value).toBeLessThan(4 * 1.2);
    expect(samples).toBe(10);
  });

  test('takes times below 50 ms as equally fast', async () => {
    await answers(1, 200);
    now += DAY;
    await answers(40, 200);
    expect((await measured(alerts.slow))?.value).toBeLessThan(1);
  });

  test('has no value without a baseline', async () => {
    expect(await measured(alerts.slow)).toBeNull();
  });
});

test('refused-requests is the greatest share of a rule with at least 100 requests', async () => {
  await counted((counters) => {
    const requests = (rule: string, allowed: number, limited: number) => {
      counters.count('limits.requests', { rule, outcome: 'allowed' }, allowed);
      counters.count('limits.requests', { rule, outcome: 'limited' }, limited);
    };
    requests('small', 1, 98);
    requests('large', 90, 10);
    requests('larger', 990, 10);
  });
  expect(await measured(alerts.refusedRequests)).toEqual({ value: 0.1 });
});

test('refused-deliveries counts every reason', async () => {
  await counted((counters) => {
    counters.count('deliveries.refused', { reason: 'signature' }, 20);
    counters.count('deliveries.refused', { reason: 'expired' }, 1);
  });
  expect(await measured(alerts.refusedDeliveries)).toEqual({ value: 21 });
});

test('the error budget burns only if it burns in the long and in the short window', async () => {
  const answers = (ok: number, failed: number) =>
    counted((counters) => {
      counters.count('http.requests', { route: 'GET /deals', status: '2xx' }, ok);
      counters.count('http.requests', { route: 'GET /deals', status: '5xx' }, failed);
    });
  await answers(980, 20);
  expect((await measured(alerts.budgetBurnsFast))?.value).toBeCloseTo(20);
  expect((await measured(alerts.budgetBurnsSlowly))?.value).toBeCloseTo(20);
  now += 6 * MINUTE;
  await answers(1_000, 0);
  expect(await measured(alerts.budgetBurnsFast)).toEqual({ value: 0, samples: 2_000 });
  expect((await measured(alerts.budgetBurnsSlowly))?.value).toBeCloseTo(10);
});
