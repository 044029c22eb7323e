/** A flush is one command in a request that is sent in any case. */
import { expect, inject, test } from 'vitest';
import { readCounters } from '../../../src/platform/counters/index.ts';
import { COST_OF_A_HIT, costOf, createTestApp, type TestAppOptions } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';

type Opened = { app: ReturnType<typeof createTestApp>; clock: { now: number }; hit(): Promise<Record<string, string>> };

/** Opens an app whose entries are not traced: the notes of traced entries are one more command of a flush. */
async function openApp(options: TestAppOptions = {}): Promise<Opened> {
  const clock = { now: Date.now() };
  const { keys } = await createTenant(inject('cloud').postgres.url);
  const app = createTestApp({
    key: keys.all,
    ...options,
    environment: { COUNTERS_FLUSH_MS: '10000', OPERATOR_TENANT: '', ...options.environment },
    system: { now: () => clock.now },
  });
  const hit = async () => costOf(await app.request('/deals/pipeline'));
  for (const _warmUp of [1, 2]) await hit();
  const isTraced = [...app.platform.counters.pending().keys()].some((name) => name.startsWith('cache.traced|'));
  if (!isTraced) return { app, clock, hit };
  await app.close();
  return openApp(options);
}

test('a hit costs the same requests with a flush, and 1 command more; the next hit costs as before', async () => {
  const { app, clock, hit } = await openApp();
  expect(await hit()).toEqual(COST_OF_A_HIT);
  clock.now += 10_000;
  // The first flush of an isolate sends the text of the script, a later one its digest: 1 command each.
  for (const _time of [1, 2]) {
    expect(await hit()).toEqual({ ...COST_OF_A_HIT, redis: '1 request, 4 commands' });
    expect(await hit()).toEqual(COST_OF_A_HIT);
    clock.now += 10_000;
  }
  await app.close();
});

test('with an operating tenant, a flush of answers costs 1 command more and no request, to wake the operators', async () => {
  const { app, clock, hit } = await openApp({ environment: { OPERATOR_TENANT: 'operators' } });
  await hit();
  clock.now += 10_000;
  expect(await hit()).toEqual({ ...COST_OF_A_HIT, redis: '1 request, 5 commands' });
  expect(await hit()).toEqual(COST_OF_A_HIT);
  await app.close();
});

test('with REDIS_COALESCE=by-mode, a flush joins the request of the writes', async () => {
  const { app, clock, hit } = await openApp({ environment: { REDIS_COALESCE: 'by-mode' } });
  expect(await hit()).toEqual({ ...COST_OF_A_HIT, redis: '2 requests, 3 commands' });
  clock.now += 10_000;
  expect(await hit()).toEqual({ ...COST_OF_A_HIT, redis: '2 requests, 4 commands' });
  await app.close();
});

test('after one interval and one more request, the shared counters have the requests and commands of the isolate', async () => {
  const { app, clock, hit } = await openApp();
  const scope = app.platform.scope();
  const read = () => readCounters(scope, { group: 'redis', window: 'total' });
  clock.now += 10_000;
  await hit();
  const before = await read();
  for (let more = 0; more < 5; more += 1) await hit();
  const pending = app.platform.counters.pending();
  clock.now += 10_000;
  await hit();
  const after = await read();
  await scope.end();
  // Other suites write to the same Redis, so there may be more.
  for (const name of ['redis.requests', 'redis.commands'] as const) {
    expect(after.sum(name) - before.sum(name)).toBeGreaterThanOrEqual(Number(pending.get(name)));
  }
  expect(pending.get('redis.requests')).toBeGreaterThanOrEqual(5);
  await app.close();
});
