/** More rules of time: the isolate’s memory, refresh-ahead, stale-if-error and negative caching. */
import { describe, expect, test, vi } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { manualClock, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

describe('memory', () => {
  function remembered() {
    const source = { value: 1 };
    return {
      source,
      declared: query('l1', { ttl: '5m', memory: '5s', tags: () => [tag('l1')], load: async () => source.value }),
    };
  }

  test('a repeated read within the bound costs nothing; after it, the current value is read', async () => {
    const clock = manualClock();
    const tenant = newTenant();
    const { source, declared } = remembered();
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    source.value = 2;
    await isolate({ system: clock.system }).scope(tenant).cache.invalidate(tag('l1'));
    clock.now += 4_999;
    const within = own.scope(tenant);
    expect(await within.cache.read(declared, {})).toBe(1);
    expect(within.meter.requests).toBe(0);
    clock.now += 1;
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(2);
  });

  test('a write of this isolate is seen immediately', async () => {
    const tenant = newTenant();
    const { source, declared } = remembered();
    const own = isolate();
    await own.scope(tenant).cache.read(declared, {});
    source.value = 2;
    await own.scope(tenant).cache.invalidate(tag('l1'));
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(2);
    source.value = 3;
    await own.scope(tenant).cache.forget(declared, {});
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(3);
  });

  test('a remembered value never outlives the entry’s freshness', async () => {
    const clock = manualClock();
    const tenant = newTenant();
    let loads = 0;
    const declared = query('l1-short', { ttl: '2s', memory: '1m', load: async () => ++loads });
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    clock.now += 2_300;
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(2);
  });

  test('a caller that changes its value does not change the value of another caller', async () => {
    const tenant = newTenant();
    const declared = query('l1-object', { ttl: '5m', memory: '5s', load: async () => ({ list: [1] }) });
    const own = isolate();
    (await own.scope(tenant).cache.read(declared, {})).list.push(2);
    (await own.scope(tenant).cache.read(declared, {})).list.push(3);
    expect(await own.scope(tenant).cache.read(declared, {})).toEqual({ list: [1] });
  });
});

describe('until', () => {
  test('a value is served up to its end, and from then on neither as stale nor when loading fails', async () => {
    const clock = manualClock();
    const end = clock.now + 60_000;
    let loads = 0;
    const declared = query('ends', {
      ttl: '10m',
      stale: '10m',
      staleIfError: '1h',
      until: ({ endsAt }) => endsAt,
      load: async () => {
        loads += 1;
        if (loads === 2) throw new Error('source is down');
        return { endsAt: loads === 1 ? end : end + 86_400_000, loads };
      },
    });
    const tenant = newTenant();
    const own = isolate({ system: clock.system });
    const read = () => own.scope(tenant).cache.read(declared, {});
    await read();
    clock.now = end - 1;
    expect(await read()).toMatchObject({ loads: 1 });
    clock.now = end;
    await expect(read()).rejects.toThrow('source is down');
    expect(await read()).toMatchObject({ loads: 3 });
    clock.now = end + 60_000;
    expect(await read()).toMatchObject({ loads: 3 });
  });
});

describe('refresh-ahead', () => {
  test('near the end of its life a hot value is refreshed after the answer, and never misses', async () => {
    const clock = manualClock();
    let loads = 0;
    const declared = query('hot', {
      ttl: '10m',
      refreshAhead: true,
      load: async () => {
        clock.now += 100; // A load takes 100 ms.
        return ++loads;
      },
    });
    const tenant = newTenant();
    const own = isolate({ system: { ...clock.system, random: () => 0.5 } });
    await own.scope(tenant).cache.read(declared, {});
    // random 0.5: life is exactly the ttl, and XFetch looks 100 ms × ln 2 ≈ 69 ms ahead.
    clock.now += 10 * 60_000 - 71;
    const early = own.scope(tenant);
    await early.cache.read(declared, {});
    await early.settled();
    expect(loads).toBe(1);
    clock.now += 3;
    const due = own.scope(tenant);
    expect(await due.cache.read(declared, {})).toBe(1);
    expect(due.outcomes).toEqual(['HIT']);
    await due.settled();
    const after = own.scope(tenant);
    expect(await after.cache.read(declared, {})).toBe(2);
    expect(after.outcomes).toEqual(['HIT']);
  });
});

describe('stale-if-error', () => {
  test('past `stale` a reader loads; if that fails, it gets the expired value, marked, until `staleIfError` ends', async () => {
    const clock = manualClock();
    let fail = false;
    const declared = query('fragile', {
      ttl: '1m',
      stale: '1m',
      staleIfError: '1h',
      load: async () => {
        if (fail) throw new Error('source is down');
        return 'value';
      },
    });
    const tenant = newTenant();
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    fail = true;
    clock.now += 30 * 60_000;
    const scope = own.scope(tenant);
    expect(await scope.cache.read(declared, {})).toBe('value');
    expect(scope.outcomes).toEqual(['STALE']);
    clock.now += 40 * 60_000;
    await expect(own.scope(tenant).cache.read(declared, {})).rejects.toThrow('source is down');
  });

  test('an invalidated entry is never a fallback, because it is older than a write', async () => {
    let fail = false;
    const declared = query('fragile-tagged', {
      ttl: '1m',
      staleIfError: '1h',
      tags: () => [tag('f')],
      load: async () => {
        if (fail) throw new Error('source is down');
        return 'value';
      },
    });
    const tenant = newTenant();
    await isolate().scope(tenant).cache.read(declared, {});
    await isolate().scope(tenant).cache.invalidate(tag('f'));
    fail = true;
    await expect(isolate().scope(tenant).cache.read(declared, {})).rejects.toThrow('source is down');
  });
});

test('negative caching gives null a time to live of its own', async () => {
  const clock = manualClock();
  const load = vi.fn(async () => null);
  const declared = query<Record<never, never>, null, { tenant: string }>('absent', {
    ttl: '1h',
    negativeTtl: '10s',
    load,
  });
  const tenant = newTenant();
  const own = isolate({ system: clock.system });
  await own.scope(tenant).cache.read(declared, {});
  clock.now += 8_999;
  await own.scope(tenant).cache.read(declared, {});
  expect(load).toHaveBeenCalledTimes(1);
  clock.now += 3_000;
  await own.scope(tenant).cache.read(declared, {});
  expect(load).toHaveBeenCalledTimes(2);
});
