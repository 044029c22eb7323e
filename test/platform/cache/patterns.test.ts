/** The patterns beyond a plain read: batches, memory, refresh-ahead, stale-if-error, soft and pattern invalidation. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { query } from '../../../src/cache/index.ts';
import { createSealer, tag } from '../../../src/redis/index.ts';
import { barrier, createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const isolate = (options = {}) => createIsolate({ rest: redis.rest, ...options });
type Id = { id: number };
const ids = (count: number): Id[] => Array.from({ length: count }, (_, id) => ({ id }));

describe('readMany', () => {
  function items() {
    const loadMany = vi.fn(async (all: readonly Id[]) => all.map(({ id }) => `item ${id}`));
    return {
      loadMany,
      declared: query('items', { ttl: '5m', tags: ({ id }: Id) => [tag('all'), tag('item', `${id}`)], loadMany }),
    };
  }

  test('100 misses: one loader call, 3 requests and 3 commands; then 100 hits: 1 and 1', async () => {
    const tenant = newTenant();
    const { declared, loadMany } = items();
    const cold = isolate().scope(tenant);
    const wanted = ids(100).map(({ id }) => `item ${id}`);
    expect(await cold.cache.readMany(declared, ids(100))).toEqual(wanted);
    expect(cold.meter).toMatchObject({ requests: 3, commands: 3 });
    expect(loadMany).toHaveBeenCalledTimes(1);
    const warm = isolate().scope(tenant);
    expect(await warm.cache.readMany(declared, ids(100))).toEqual(wanted);
    expect(warm.meter).toMatchObject({ requests: 1, commands: 1 });
    expect(new Set(warm.outcomes)).toEqual(new Set(['HIT']));
  });

  test('each value has its own freshness: only what is missing is loaded', async () => {
    const tenant = newTenant();
    const { declared, loadMany } = items();
    await isolate().scope(tenant).cache.readMany(declared, ids(10));
    await isolate().scope(tenant).cache.invalidate(tag('item', '3'), tag('item', '7'));
    loadMany.mockClear();
    expect(await isolate().scope(tenant).cache.readMany(declared, ids(12))).toHaveLength(12);
    expect(loadMany).toHaveBeenCalledTimes(1);
    expect(loadMany.mock.calls[0]?.[0]).toEqual([{ id: 3 }, { id: 7 }, { id: 10 }, { id: 11 }]);
  });

  test('the same arguments twice are one lookup, answered twice, in the order asked', async () => {
    const { declared, loadMany } = items();
    const scope = isolate().scope(newTenant());
    expect(await scope.cache.readMany(declared, [{ id: 2 }, { id: 1 }, { id: 2 }])).toEqual([
      'item 2',
      'item 1',
      'item 2',
    ]);
    expect(loadMany.mock.calls[0]?.[0]).toEqual([{ id: 2 }, { id: 1 }]);
  });

  test('nothing asked, nothing sent', async () => {
    const scope = isolate().scope(newTenant());
    expect(await scope.cache.readMany(items().declared, [])).toEqual([]);
    expect(scope.meter.requests).toBe(0);
  });

  test('what another isolate is loading is waited for, the rest is loaded', async () => {
    const tenant = newTenant();
    const gate = barrier();
    const started = barrier();
    const loads: number[] = [];
    const declared = query('shared', {
      ttl: '5m',
      loadMany: async (all: readonly Id[]) => {
        loads.push(...all.map(({ id }) => id));
        started.resolve();
        if (all.length === 1) await gate.promise;
        return all.map(({ id }) => id);
      },
    });
    const one = isolate()
      .scope(tenant)
      .cache.readMany(declared, [{ id: 1 }]);
    await started.promise;
    const many = isolate().scope(tenant).cache.readMany(declared, ids(3));
    gate.resolve();
    expect(await one).toEqual([1]);
    expect(await many).toEqual([0, 1, 2]);
    expect(loads.sort()).toEqual([0, 1, 2]);
  });

  test('Redis gone: one loader call', async () => {
    const { declared, loadMany } = items();
    const scope = createIsolate({ rest: { url: 'http://127.0.0.1:9', token: 'x' } }).scope(newTenant());
    expect(await scope.cache.readMany(declared, ids(5))).toHaveLength(5);
    expect(loadMany).toHaveBeenCalledTimes(1);
    expect(new Set(scope.outcomes)).toEqual(new Set(['BYPASS']));
  });

  test('a failing loader fails the read once, and leaves no lease behind', async () => {
    const tenant = newTenant();
    const { declared, loadMany } = items();
    loadMany.mockRejectedValueOnce(new Error('down'));
    const scope = isolate().scope(tenant);
    await expect(scope.cache.readMany(declared, ids(3))).rejects.toThrow('down');
    await scope.settled();
    expect(await isolate().scope(tenant).cache.readMany(declared, ids(3))).toHaveLength(3);
  });

  test('a loader that answers too little is an error that names the query', async () => {
    const declared = query('short', { ttl: '5m', loadMany: async () => [] });
    await expect(
      isolate()
        .scope(newTenant())
        .cache.readMany(declared, [{}, { a: 1 }]),
    ).rejects.toThrow(/short/);
  });

  test('warm loads what is missing and says how much', async () => {
    const tenant = newTenant();
    const { declared } = items();
    expect(await isolate().scope(tenant).cache.warm(declared, ids(5))).toEqual({ loaded: 5, present: 0 });
    expect(await isolate().scope(tenant).cache.warm(declared, ids(8))).toEqual({ loaded: 3, present: 5 });
  });
});

describe('memory', () => {
  function remembered() {
    const source = { value: 1 };
    return {
      source,
      declared: query('l1', { ttl: '5m', memory: '5s', tags: () => [tag('l1')], load: async () => source.value }),
    };
  }

  test('a repeat costs nothing, until its bound; then the truth, at most that much later', async () => {
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

  test('a write of this isolate is seen at once', async () => {
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

  test('it never outlives the entry’s freshness', async () => {
    const clock = manualClock();
    const tenant = newTenant();
    let loads = 0;
    const declared = query('l1-short', { ttl: '2s', memory: '1m', load: async () => ++loads });
    const own = isolate({ system: clock.system });
    await own.scope(tenant).cache.read(declared, {});
    clock.now += 2_300;
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(2);
  });

  test('what one caller does to its value another does not see', async () => {
    const tenant = newTenant();
    const declared = query('l1-object', { ttl: '5m', memory: '5s', load: async () => ({ list: [1] }) });
    const own = isolate();
    (await own.scope(tenant).cache.read(declared, {})).list.push(2);
    (await own.scope(tenant).cache.read(declared, {})).list.push(3);
    expect(await own.scope(tenant).cache.read(declared, {})).toEqual({ list: [1] });
  });
});

describe('refresh-ahead', () => {
  test('near the end of its life a hot value is refreshed behind the answer, and never misses', async () => {
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
  test('past stale a reader loads; if that fails it gets the expired value, marked, until staleIfError ends', async () => {
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

  test('never a value older than a write: an invalidated entry is no fallback', async () => {
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

test('negative caching: null has a time to live of its own', async () => {
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

describe('soft invalidation', () => {
  test('the value before is served once more as stale while one caller refreshes; a hard one ends it', async () => {
    const source = { value: 1 };
    const declared = query('soft', { ttl: '5m', tags: () => [tag('s'), tag('other')], load: async () => source.value });
    const tenant = newTenant();
    const own = isolate();
    await own.scope(tenant).cache.read(declared, {});
    source.value = 2;
    await own.scope(tenant).cache.invalidateSoftly(tag('s'));
    const scope = own.scope(tenant);
    expect(await scope.cache.read(declared, {})).toBe(1);
    expect(scope.outcomes).toEqual(['STALE']);
    await scope.settled();
    const refreshed = own.scope(tenant);
    expect(await refreshed.cache.read(declared, {})).toBe(2);
    expect(refreshed.outcomes).toEqual(['HIT']);

    source.value = 3;
    await own.scope(tenant).cache.invalidateSoftly(tag('s'));
    await own.scope(tenant).cache.invalidate(tag('s'));
    expect(await own.scope(tenant).cache.read(declared, {})).toBe(3);
  });

  test('two soft invalidations without a read between: the value is two changes old, so it is gone', async () => {
    const source = { value: 1 };
    const declared = query('soft-twice', { ttl: '5m', tags: () => [tag('s')], load: async () => source.value });
    const tenant = newTenant();
    await isolate().scope(tenant).cache.read(declared, {});
    source.value = 3;
    await isolate().scope(tenant).cache.invalidateSoftly(tag('s'));
    await isolate().scope(tenant).cache.invalidateSoftly(tag('s'));
    expect(await isolate().scope(tenant).cache.read(declared, {})).toBe(3);
  });
});

describe('forgetMatching', () => {
  test('removes what matches, for this tenant, and voids loads that are running', async () => {
    const tenant = newTenant();
    const other = newTenant();
    const gate = barrier();
    const started = barrier();
    const source = { value: 'old', hold: false };
    const declared = query('page', {
      ttl: '5m',
      load: async ({ n }: { n: number }) => {
        const { value } = source;
        if (source.hold) {
          started.resolve();
          await gate.promise;
        }
        return `${value} ${n}`;
      },
    });
    const unrelated = query('pageant', { ttl: '5m', load: async () => source.value });
    for (const whose of [tenant, other]) {
      await Promise.all([1, 2, 3].map((n) => isolate().scope(whose).cache.read(declared, { n })));
      await isolate().scope(whose).cache.read(unrelated, {});
    }
    source.hold = true;
    const running = isolate().scope(tenant).cache.read(declared, { n: 4 });
    await started.promise;
    source.value = 'new';
    source.hold = false;
    expect(await isolate().scope(tenant).cache.forgetMatching('page:*')).toBe(3);
    gate.resolve();
    await running;
    for (const n of [1, 2, 3, 4]) expect(await isolate().scope(tenant).cache.read(declared, { n })).toBe(`new ${n}`);
    expect(await isolate().scope(tenant).cache.read(unrelated, {})).toBe('old');
    expect(await isolate().scope(other).cache.read(declared, { n: 1 })).toBe('old 1');
  });
});

describe('refresh', () => {
  test('replaces what is cached with what the source says now, also while another caller is loading', async () => {
    const tenant = newTenant();
    const source = { value: 1 };
    const gate = barrier();
    const started = barrier();
    let first = true;
    const declared = query('refreshed', {
      ttl: '5m',
      load: async () => {
        const { value } = source;
        if (first) {
          first = false;
          started.resolve();
          await gate.promise;
        }
        return value;
      },
    });
    const slow = isolate().scope(tenant).cache.read(declared, {});
    await started.promise;
    source.value = 2;
    const scope = isolate().scope(tenant);
    expect(await scope.cache.refresh(declared, {})).toBe(2);
    expect(scope.meter).toMatchObject({ requests: 2, commands: 2 });
    gate.resolve();
    await slow;
    expect(await isolate().scope(tenant).cache.read(declared, {})).toBe(2);
  });
});

describe('values at rest', () => {
  const sealer = () => createSealer({ keys: { k1: btoa('a'.repeat(32)), k2: btoa('b'.repeat(32)) }, current: 'k2' });

  test('compression pays or is left out', async () => {
    const tenant = newTenant();
    const text = 'holdfast '.repeat(1000);
    const long = query('long', { ttl: '5m', compress: 1024, load: async () => text });
    const scope = isolate().scope(tenant);
    await scope.cache.read(long, {});
    expect((await scope.cache.inspect(long, {}))?.bytes).toBeLessThan(text.length / 10);
    expect(await isolate().scope(tenant).cache.read(long, {})).toBe(text);
    expect((await scope.cache.inspect(long, {}))?.encoding).toBe('jz');

    const noise = Array.from({ length: 2000 }, () => Math.random().toString(36).slice(2, 4)).join('');
    const incompressible = query('noise', { ttl: '5m', compress: 1024, load: async () => noise.slice(0, 1200) });
    await scope.cache.read(incompressible, {});
    expect(await isolate().scope(tenant).cache.read(incompressible, {})).toBe(noise.slice(0, 1200));
  });

  test('sealed values are unreadable in Redis, open for who has the key, and miss for who has not', async () => {
    const tenant = newTenant();
    const load = vi.fn(async () => ({ diagnosis: 'PLAINTEXT' }));
    const declared = query<Record<never, never>, { diagnosis: string }, { tenant: string }>('sealed', {
      ttl: '5m',
      sealed: true,
      compress: 10,
      load,
    });
    const scope = isolate({ sealer: sealer() }).scope(tenant);
    await scope.cache.read(declared, {});
    expect(await scope.redis.get(`hf:${tenant}:q:sealed`)).not.toContain('PLAINTEXT');
    const again = isolate({ sealer: sealer() }).scope(tenant);
    expect(await again.cache.read(declared, {})).toEqual({ diagnosis: 'PLAINTEXT' });
    expect(again.outcomes).toEqual(['HIT']);

    const stranger = createSealer({ keys: { k3: btoa('c'.repeat(32)) }, current: 'k3' });
    const other = isolate({ sealer: stranger }).scope(tenant);
    expect(await other.cache.read(declared, {})).toEqual({ diagnosis: 'PLAINTEXT' });
    expect(other.outcomes).toEqual(['MISS']);
    const without = isolate().scope(tenant);
    expect(await without.cache.read(declared, {})).toEqual({ diagnosis: 'PLAINTEXT' });
    expect(without.outcomes).toEqual(['BYPASS']);
  });

  test('a sealed value copied to another tenant’s key does not open, nor does plain text put in its place', async () => {
    const [tenant, victim] = [newTenant(), newTenant()];
    const declared = query('sealed-swap', { ttl: '5m', sealed: true, load: async (_args, context) => context.tenant });
    const scope = isolate({ sealer: sealer() }).scope(tenant);
    await scope.cache.read(declared, {});
    const stored = (await scope.redis.get<string>(`hf:${tenant}:q:sealed-swap`)) ?? '';
    await scope.redis.set(`hf:${victim}:q:sealed-swap`, stored);
    expect(await isolate({ sealer: sealer() }).scope(victim).cache.read(declared, {})).toBe(victim);
    const plain = stored.replace(/ js /, ' j ').replace(/\n.*$/s, '\n"forged"');
    await scope.redis.set(`hf:${tenant}:q:sealed-swap`, plain);
    expect(await isolate({ sealer: sealer() }).scope(tenant).cache.read(declared, {})).toBe(tenant);
  });

  test('a value that does not fit the schema is a miss', async () => {
    const tenant = newTenant();
    const v1 = query('shape', { ttl: '5m', load: async (): Promise<unknown> => ({ name: 'old shape' }) });
    const schema = z.object({ name: z.string(), size: z.number() });
    const v2 = query('shape', { ttl: '5m', schema, load: async () => ({ name: 'new shape', size: 1 }) });
    await isolate().scope(tenant).cache.read(v1, {});
    const scope = isolate().scope(tenant);
    expect(await scope.cache.read(v2, {})).toEqual({ name: 'new shape', size: 1 });
    expect(scope.outcomes).toEqual(['MISS']);
  });

  test('JSON is sent as it is stored', async () => {
    const tenant = newTenant();
    const declared = query('json', { ttl: '5m', load: async () => ({ b: 1, a: [1, 2] }) });
    const missed = await isolate().scope(tenant).cache.readJson(declared, {});
    const scope = isolate().scope(tenant);
    expect(await scope.cache.readJson(declared, {})).toBe(missed);
    expect(scope.outcomes).toEqual(['HIT']);
    await scope.redis.set(
      `hf:${tenant}:q:json`,
      ((await scope.redis.get<string>(`hf:${tenant}:q:json`)) ?? '').replace('{"b":1', '{ "b" : 1'),
    );
    expect(await isolate().scope(tenant).cache.readJson(declared, {})).toBe('{ "b" : 1,"a":[1,2]}');
  });
});

describe('store', () => {
  test('values, counters, times to live, and the walk', async () => {
    const { store } = isolate().scope(newTenant()).cache;
    await store.set('a:b', { at: new Date(0) }, '1m');
    expect(await store.get('a:b')).toEqual({ at: new Date(0) });
    expect(await store.get('a')).toBeUndefined();
    for (const value of [null, 0, '', false, '42', -7, 1.5]) {
      await store.set('v', value);
      expect(await store.get('v')).toBe(value);
    }
    expect(await store.ttl('v')).toBeNull();
    expect(await store.ttl('a:b')).toBeGreaterThan(50_000);
    expect(await store.ttl('none')).toBeUndefined();
    expect(await store.expire('v', '1h')).toBe(true);
    expect(await store.expire('none', '1h')).toBe(false);
    expect(await store.ttl('v')).toBeGreaterThan(3_500_000);
    expect(await store.setnx('v', 1)).toBe(false);
    expect(await store.setnx('w', 1, '1m')).toBe(true);
    expect(await store.increment('n')).toBe(1);
    expect(await store.increment('n', 10)).toBe(11);
    expect(await store.decrement('n', 2)).toBe(9);
    expect(await store.get('n')).toBe(9);
    await store.mset({ x: 1, y: 'two' }, '1m');
    expect(await store.mget(['y', 'none', 'x'])).toEqual(['two', undefined, 1]);
    expect(await store.mget([])).toEqual([]);
    expect([await store.exists('x'), await store.exists('none')]).toEqual([true, false]);
    expect([await store.delete('x'), await store.delete('x')]).toEqual([true, false]);
    expect(await store.mdelete(['y', 'none'])).toBe(1);

    await store.mset({ 'user:1': 1, 'user:2': 2, 'user:ü*': 3, 'users:1': 4 });
    const names = new Set<string>();
    for await (const batch of store.scan('user:*')) for (const name of batch) names.add(name);
    expect([...names].sort()).toEqual(['user:1', 'user:2', 'user:ü*']);
    expect(await store.invalidatePattern('user:*')).toBe(3);
    expect(await store.get('users:1')).toBe(4);
  });
});
