/** Batches: one lookup, one loader call and one fill for all arguments. */
import { describe, expect, test, vi } from 'vitest';
import { markVersions } from '../../../src/platform/cache/change-versions.ts';
import { query } from '../../../src/platform/cache/index.ts';
import { tag, versionKey } from '../../../src/platform/redis/index.ts';
import { barrier, createIsolate, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

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

  test('each value has its own freshness: only missing values are loaded', async () => {
    const tenant = newTenant();
    const { declared, loadMany } = items();
    await isolate().scope(tenant).cache.readMany(declared, ids(10));
    await isolate().scope(tenant).cache.invalidate(tag('item', '3'), tag('item', '7'));
    loadMany.mockClear();
    expect(await isolate().scope(tenant).cache.readMany(declared, ids(12))).toHaveLength(12);
    expect(loadMany).toHaveBeenCalledTimes(1);
    expect(loadMany.mock.calls[0]?.[0]).toEqual([{ id: 3 }, { id: 7 }, { id: 10 }, { id: 11 }]);
  });

  test('a value whose tag a writer is changing is loaded but not stored; the others are stored', async () => {
    const tenant = newTenant();
    const { declared, loadMany } = items();
    const own = isolate();
    const { cache, redis, settled } = own.scope(tenant);
    await markVersions(redis, [versionKey(tenant, tag('item', '1'))], 'a-writer', 'version');
    expect(await cache.readMany(declared, ids(3))).toEqual(['item 0', 'item 1', 'item 2']);
    await settled();
    const stored = await Promise.all(ids(3).map((args) => redis.exec(['EXISTS', declared.keysOf(tenant, args).entry])));
    expect(stored).toEqual([1, 0, 1]);
    expect(loadMany.mock.calls.flatMap(([asked]) => asked.map(({ id }) => id)).toSorted()).toEqual([0, 1, 2]);
    expect(own.statistics.total.errors).toBe(0);
  });

  test('the same arguments twice are one lookup, answered twice in the requested order', async () => {
    const { declared, loadMany } = items();
    const scope = isolate().scope(newTenant());
    expect(await scope.cache.readMany(declared, [{ id: 2 }, { id: 1 }, { id: 2 }])).toEqual([
      'item 2',
      'item 1',
      'item 2',
    ]);
    expect(loadMany.mock.calls[0]?.[0]).toEqual([{ id: 2 }, { id: 1 }]);
  });

  test('an empty batch sends no request', async () => {
    const scope = isolate().scope(newTenant());
    expect(await scope.cache.readMany(items().declared, [])).toEqual([]);
    expect(scope.meter.requests).toBe(0);
  });

  test('waits for the values that another isolate is loading, and loads the rest', async () => {
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

  test('without Redis there is one loader call', async () => {
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

  test('a loader that returns too few values is an error that names the query', async () => {
    const declared = query('short', { ttl: '5m', loadMany: async () => [] });
    await expect(
      isolate()
        .scope(newTenant())
        .cache.readMany(declared, [{}, { a: 1 }]),
    ).rejects.toThrow(/short/);
  });

  test('warm loads missing values and returns their number', async () => {
    const tenant = newTenant();
    const { declared } = items();
    expect(await isolate().scope(tenant).cache.warm(declared, ids(5))).toEqual({ loaded: 5, present: 0 });
    expect(await isolate().scope(tenant).cache.warm(declared, ids(8))).toEqual({ loaded: 3, present: 5 });
  });
});
