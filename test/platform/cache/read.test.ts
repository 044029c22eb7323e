/** Reads: values, freshness, stampedes, broken entries, failing loaders. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import { barrier, createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const isolate = (options = {}) => createIsolate({ rest: redis.rest, ...options });

describe('values', () => {
  test.each([
    null,
    0,
    '',
    false,
    [],
    { nested: { list: [1, 'zwei', null] } },
    new Date('2026-11-20'),
    10n ** 30n,
    new Map([['a', 1]]),
    new Set(['x']),
    'üñï🌊\u0000',
  ])('%o is a value: loaded once, then the same from the cache', async (value) => {
    const load = vi.fn(async () => value);
    const declared = query<Record<never, never>, typeof value, { tenant: string }>('value', { ttl: '5m', load });
    const tenant = newTenant();
    expect(await isolate().scope(tenant).cache.read(declared, {})).toEqual(value);
    const second = isolate().scope(tenant);
    expect(await second.cache.read(declared, {})).toEqual(value);
    expect(second.outcomes).toEqual(['HIT']);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('two tenants never see each other’s values', async () => {
    const declared = query('whose', { ttl: '5m', load: async (_args, { tenant }) => tenant });
    const [one, two] = [newTenant(), newTenant()];
    for (const tenant of [one, two, one, two]) {
      expect(await isolate().scope(tenant).cache.read(declared, {})).toBe(tenant);
    }
  });
});

describe('freshness', () => {
  const counting = () => {
    let loads = 0;
    return query('counting', { ttl: '10m', stale: '1h', load: async () => ++loads });
  };

  test('fresh for at least 90 % of the ttl, stale past 110 %: the old value now, the new one next time', async () => {
    const clock = manualClock();
    const declared = counting();
    const tenant = newTenant();
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    clock.now += 9 * 60_000 - 1;
    const fresh = own.scope(tenant);
    expect(await fresh.cache.read(declared, {})).toBe(1);
    expect(fresh.outcomes).toEqual(['HIT']);
    clock.now += 2 * 60_000 + 2;
    const stale = own.scope(tenant);
    expect(await stale.cache.read(declared, {})).toBe(1);
    expect(stale.outcomes).toEqual(['STALE']);
    await stale.settled();
    const next = own.scope(tenant);
    expect(await next.cache.read(declared, {})).toBe(2);
    expect(next.outcomes).toEqual(['HIT']);
  });

  test('of many readers that find a stale value, one refreshes', async () => {
    const clock = manualClock();
    let loads = 0;
    const gate = barrier();
    const declared = query('stale-herd', {
      ttl: '1m',
      stale: '1h',
      load: async () => {
        loads += 1;
        if (loads > 1) await gate.promise;
        return loads;
      },
    });
    const tenant = newTenant();
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    clock.now += 2 * 60_000;
    const scopes = Array.from({ length: 10 }, () => isolate({ system: clock.system }).scope(tenant));
    const values = await Promise.all(scopes.map(({ cache }) => cache.read(declared, {})));
    expect(values).toEqual(Array(10).fill(1));
    gate.resolve();
    await Promise.all(scopes.map((scope) => scope.settled()));
    expect(loads).toBe(2);
  });

  test('a failed refresh keeps the stale value', async () => {
    const clock = manualClock();
    let fail = false;
    const declared = query('refresh-fails', {
      ttl: '1m',
      stale: '1h',
      load: async () => {
        if (fail) throw new Error('source is down');
        return 'old';
      },
    });
    const tenant = newTenant();
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    clock.now += 2 * 60_000;
    fail = true;
    for (let read = 0; read < 2; read += 1) {
      const scope = own.scope(tenant);
      expect(await scope.cache.read(declared, {})).toBe('old');
      expect(scope.outcomes).toEqual(['STALE']);
      await scope.settled();
    }
  });
});

describe('stampede', () => {
  test('10 isolates × 50 callers on a cold key: exactly one load', async () => {
    let loads = 0;
    const declared = query('cold', {
      ttl: '5m',
      load: async () => {
        loads += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return 'value';
      },
    });
    const tenant = newTenant();
    // On a busy machine so many readers at once wait longer than usual.
    const patient = { waitMs: 60_000, timeout: 60_000 };
    const readers = Array.from({ length: 10 }, () => isolate(patient)).flatMap((own) =>
      Array.from({ length: 50 }, () => own.scope(tenant).cache.read(declared, {})),
    );
    expect(new Set(await Promise.all(readers))).toEqual(new Set(['value']));
    expect(loads).toBe(1);
  });

  test('when the holder’s lease is void, a waiter takes over', async () => {
    const tenant = newTenant();
    const clock = manualClock();
    const started = barrier();
    const never = barrier<string>();
    let loads = 0;
    const declared = query('dies', {
      ttl: '5m',
      load: () => {
        loads += 1;
        started.resolve();
        return loads === 1 ? never.promise : Promise.resolve('second');
      },
    });
    const dead = isolate({ system: clock.system }).scope(tenant);
    const first = dead.cache.read(declared, {});
    await started.promise;
    const waiting = isolate({ system: clock.system, waitMs: 60_000 }).scope(tenant);
    const second = waiting.cache.read(declared, {});
    // The test deletes the key of the lease, because it cannot move the time of Redis.
    await dead.redis.del(`hf:${tenant}:l:dies`);
    expect(await second).toBe('second');
    // The first holder goes on: its caller is answered, but its value is not stored.
    never.resolve('first');
    expect(await first).toBe('first');
    expect(await isolate().scope(tenant).cache.read(declared, {})).toBe('second');
  });

  test('with onTimeout load, a waiter waits up to its bound and then loads by itself, without storing', async () => {
    const tenant = newTenant();
    const clock = manualClock();
    const started = barrier();
    const gate = barrier<string>();
    let loads = 0;
    const declared = query('slow', {
      ttl: '5m',
      onTimeout: 'load',
      load: () => {
        loads += 1;
        started.resolve();
        return loads === 1 ? gate.promise : Promise.resolve('own');
      },
    });
    const first = isolate({ system: clock.system }).scope(tenant).cache.read(declared, {});
    await started.promise;
    const waiter = isolate({ system: clock.system, waitMs: 3_000 }).scope(tenant);
    expect(await waiter.cache.read(declared, {})).toBe('own');
    const slept = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(slept).toBeCloseTo(3_000, 0);
    // The waiter asks rarely, and yet is never late by more than a fifth of its wait plus 60 ms.
    expect(clock.slept.length).toBeLessThan(32);
    for (const [index, pause] of clock.slept.entries()) {
      const before = clock.slept.slice(0, index).reduce((sum, ms) => sum + ms, 0);
      expect(pause).toBeLessThanOrEqual(60 + 0.2 * before);
    }
    gate.resolve('shared');
    await first;
    expect(await isolate({ system: clock.system }).scope(tenant).cache.read(declared, {})).toBe('shared');
  });
});

describe('failing loaders', () => {
  test('the caller gets the loader’s own error, nothing is stored, and the next caller may try immediately', async () => {
    const tenant = newTenant();
    const problem = new Error('no connection');
    const load = vi.fn(async () => 'fine').mockRejectedValueOnce(problem);
    const declared = query<Record<never, never>, string, { tenant: string }>('fails-once', { ttl: '5m', load });
    const scope = isolate().scope(tenant);
    await expect(scope.cache.read(declared, {})).rejects.toBe(problem);
    await scope.settled();
    const next = isolate().scope(tenant);
    expect(await next.cache.read(declared, {})).toBe('fine');
    expect(next.outcomes).toEqual(['MISS']);
  });
});

describe('entries that cannot be read', () => {
  test.each([
    'garbage',
    '9 futureformat 1 2 3 j v\n{}',
    `1 abc ${Date.now()} ${Date.now() + 60_000} 1 j -\n{broken json`,
    `1 abc ${Date.now()} ${Date.now() + 60_000} 1 d -\n[[[`,
    '',
  ])('%j is a miss, and is replaced', async (stored) => {
    const tenant = newTenant();
    const declared = query('broken', { ttl: '5m', load: async () => 'loaded' });
    const scope = isolate().scope(tenant);
    await scope.redis.set(`hf:${tenant}:q:broken`, stored);
    expect(await scope.cache.read(declared, {})).toBe('loaded');
    const next = isolate().scope(tenant);
    expect(await next.cache.read(declared, {})).toBe('loaded');
    expect(next.outcomes).toEqual(['HIT']);
  });
});

test('statistics count the outcomes of reads', async () => {
  const own = isolate();
  const tenant = newTenant();
  const declared = query('counted', { ttl: '5m', load: async () => 1 });
  await own.scope(tenant).cache.read(declared, {});
  await own.scope(tenant).cache.read(declared, {});
  await own.scope(tenant).cache.forget(declared, {});
  expect(own.statistics.byQuery.get('counted')).toMatchObject({
    hits: 1,
    misses: 1,
    stale: 0,
    bypasses: 0,
    loads: 1,
    sets: 1,
    deletes: 1,
    errors: 0,
  });
});
