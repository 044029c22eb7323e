/** The plain operations of a cache service. */
import { describe, expect, test } from 'vitest';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

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
