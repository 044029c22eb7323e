/** Other ways to end a value than a hard tag: softly, by a pattern, by replacement. */
import { describe, expect, test } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { barrier, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

describe('soft invalidation', () => {
  test('the old value is served as stale while one caller refreshes; a hard invalidation ends the value', async () => {
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

  test('two soft invalidations without a read between end the value, which is two changes old', async () => {
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
  test('removes matching entries of this tenant, and voids running loads', async () => {
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
  test('replaces the cached value with the current one of the source, even while another caller loads', async () => {
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

  test('replaces a value that is fresh, for all isolates', async () => {
    const source = { value: 1 };
    const declared = query('refreshed-fresh', { ttl: '5m', load: async () => source.value });
    const tenant = newTenant();
    await isolate().scope(tenant).cache.read(declared, {});
    source.value = 2;
    const scope = isolate().scope(tenant);
    expect(await scope.cache.refresh(declared, {})).toBe(2);
    expect(scope.meter).toMatchObject({ requests: 2, commands: 2 });
    expect(await isolate().scope(tenant).cache.read(declared, {})).toBe(2);
  });
});
