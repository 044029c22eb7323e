/** Tests for mutants of the cache that no other test noticed. */
import { describe, expect, test } from 'vitest';
import { createCacheStatistics, hitRatio, query, readSharedStatistics } from '../../../src/platform/cache/index.ts';
import { createCounters } from '../../../src/platform/counters/index.ts';
import { createSealer, tag } from '../../../src/platform/redis/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { barrier, manualClock, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate, rest } = suiteRedis();
const row = tag('row');

describe('2/8 the memory of an isolate', () => {
  test('does not keep a value whose load began before a write of the same isolate', async () => {
    const tenant = newTenant();
    const own = isolate();
    const source = { value: 'old' };
    const [loading, held] = [barrier(), barrier()];
    let first = true;
    const load = async () => {
      const { value } = source;
      if (!first) return value;
      first = false;
      loading.resolve();
      await held.promise;
      return value;
    };
    const declared = query('held', { ttl: '5m', memory: '30s', tags: () => [row], load });
    const racing = own.scope(tenant).cache.read(declared, {});
    await loading.promise;
    source.value = 'new';
    await own.scope(tenant).cache.invalidate(row);
    held.resolve();
    await racing;
    expect(await own.scope(tenant).cache.read(declared, {})).toBe('new');
  });
});

describe('2/9 a read after a write in one scope', () => {
  test('is not answered by a lookup from before the write', async () => {
    const tenant = newTenant();
    const source = { value: 'old' };
    const declared = query('looked-up', { ttl: '5m', tags: () => [row], load: async () => source.value });
    await isolate().scope(tenant).cache.read(declared, {});
    const { cache } = isolate().scope(tenant);
    cache.prefetch(declared, {});
    await new Promise((resolve) => setImmediate(resolve));
    source.value = 'new';
    await cache.invalidate(row);
    expect(await cache.read(declared, {})).toBe('new');
  });
});

describe('2/10 an entry of a release with fewer tags', () => {
  test('is not served, because the new tag could not invalidate it', async () => {
    const tenant = newTenant();
    const source = { value: 'old' };
    const declare = (...tags: ReturnType<typeof tag>[]) =>
      query('tagged', { ttl: '5m', tags: () => tags, load: async () => source.value });
    await isolate()
      .scope(tenant)
      .cache.read(declare(tag('a')), {});
    source.value = 'new';
    const { cache } = isolate().scope(tenant);
    await cache.invalidate(tag('b'));
    expect(await cache.read(declare(tag('a'), tag('b')), {})).toBe('new');
  });
});

describe('2/13 the time to live of an entry in Redis', () => {
  test('covers the time for which the entry may be served if loading fails', async () => {
    const tenant = newTenant();
    const declared = query('outlives', { ttl: '1m', staleIfError: '1h', load: async () => 1 });
    const { cache, redis } = isolate().scope(tenant);
    await cache.read(declared, {});
    const left = await redis.exec<number>(['PTTL', declared.keysOf(tenant, {}).entry]);
    expect(left).toBeGreaterThan(3_600_000);
    expect(left).toBeLessThanOrEqual(3_600_000 + 66_000);
  });
});

describe('2/13 the time to live of a version', () => {
  test('is extended when a filled entry lives longer than the version would', async () => {
    const tenant = newTenant();
    const tags = () => [tag('shared')];
    const short = query('short', { ttl: '1m', tags, load: async () => 1 });
    const long = query('long', { ttl: '1h', tags, load: async () => 2 });
    const { cache, redis } = isolate().scope(tenant);
    const leftOf = (name: string) => redis.exec<number>(['PTTL', name]);
    await cache.read(short, {});
    await cache.read(long, {});
    const { entry, versions } = long.keysOf(tenant, {});
    expect(versions).toHaveLength(1);
    expect(await leftOf(versions[0] ?? '')).toBeGreaterThan(await leftOf(entry));
  });
});

describe('2/14 a sealed entry', () => {
  test('does not open under the key of another entry of the same tenant and query', async () => {
    const tenant = newTenant();
    const sealer = createSealer({ keys: { k1: btoa('a'.repeat(32)) }, current: 'k1' });
    const loads: string[] = [];
    const load = async ({ id }: { id: string }) => {
      loads.push(id);
      return `the record of ${id}`;
    };
    const declared = query('patient', { ttl: '5m', sealed: true, load });
    const { cache } = isolate({ sealer }).scope(tenant);
    await cache.read(declared, { id: 'one' });
    const [one, two] = ['one', 'two'].map((id) => declared.keysOf(tenant, { id }).entry);
    await adminRedis({ url: rest().url }).exec(['COPY', one ?? '', two ?? '']);
    const later = isolate({ sealer }).scope(tenant);
    expect(await later.cache.read(declared, { id: 'two' })).toBe('the record of two');
    expect(loads).toEqual(['one', 'two']);
  });
});

describe('2/16 jitter', () => {
  test.each([
    [0, 90_000],
    [0.5, 100_000],
    [1, 110_000],
  ])('with the random number %d an entry of 100 s is fresh for %d ms', async (random, freshMs) => {
    const tenant = newTenant();
    const clock = manualClock();
    const declared = query('jittered', { ttl: '100s', stale: '1h', load: async () => 1 });
    const scope = () => isolate({ system: { ...clock.system, random: () => random } }).scope(tenant);
    await scope().cache.read(declared, {});
    clock.now += freshMs - 1;
    const before = scope();
    await before.cache.read(declared, {});
    clock.now += 1;
    const after = scope();
    await after.cache.read(declared, {});
    await after.settled();
    expect([before.outcomes, after.outcomes]).toEqual([['HIT'], ['STALE']]);
  });

  test('the first wait for another caller’s load is between 0.75 and 1.25 of its length', async () => {
    const first = async (random: number) => {
      const tenant = newTenant();
      // The wait is a fraction of the remaining time, which passes on a real clock.
      const { system } = manualClock();
      const [loading, held] = [barrier(), barrier()];
      const load = async () => {
        loading.resolve();
        await held.promise;
        return 1;
      };
      const declared = query('waited-for', { ttl: '5m', load });
      const holder = isolate({ system }).scope(tenant).cache.read(declared, {});
      await loading.promise;
      const slept: number[] = [];
      const sleep = async (ms: number) => {
        slept.push(ms);
        held.resolve();
        await holder;
      };
      await isolate({ system: { ...system, sleep, random: () => random } })
        .scope(tenant)
        .cache.read(declared, {});
      return slept[0] ?? Number.NaN;
    };
    const [shortest, longest] = [await first(0), await first(1)];
    expect(longest / shortest).toBeCloseTo(1.25 / 0.75, 1);
  });
});

describe('2/19 statistics', () => {
  test('the hit ratio counts stale answers as hits, and bypasses as reads', () => {
    const counters = { hits: 5, stale: 1, misses: 2, bypasses: 2 };
    expect(hitRatio({ ...createCacheStatistics().total, ...counters })).toBe(0.6);
  });

  test('a failed flush loses no count', async () => {
    const { redis } = isolate().scope(newTenant());
    const counters = createCounters({ now: Date.now, token: newTenant });
    const statistics = createCacheStatistics(counters);
    const name = `lost-${newTenant()}`;
    statistics.count(name, 'hits', 3);
    const failing = isolate({ fetch: () => Promise.reject(new TypeError('fetch failed')) }).scope(newTenant());
    await counters.flush(failing.redis);
    statistics.count(name, 'hits', 4);
    await counters.flush(redis);
    await counters.flush(redis);
    expect((await readSharedStatistics({ redis, system: { now: Date.now } })).get(name)?.hits).toBe(7);
  });
});

describe('2/20 Redis’s message about a failed command', () => {
  // A script's error reply simulates an error text that quotes the arguments.
  const quoting = "return redis.error_reply('ERR ' .. ARGV[1])";
  type Pipeline = ReturnType<ReturnType<ReturnType<typeof isolate>['scope']>['redis']['pipeline']>;
  const send = (pipeline: Pipeline) => pipeline.eval(quoting, [], ['a-secret-argument']).exec();

  test.each(['pipeline', 'multi'] as const)(
    'does not reach the error of a %s, because it may quote arguments',
    async (kind) => {
      // The app sends no MULTI, so its user may not.
      const redis = adminRedis({ url: rest().url });
      const error: unknown = await send(redis[kind]()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toMatch(/answered ERR to EVAL/i);
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('a-secret-argument');
    },
  );
});

describe('2/22 the lease of a load', () => {
  test('is not ended by a caller that lost the lease and then failed', async () => {
    const tenant = newTenant();
    const loads: { fail: () => void }[] = [];
    let begun = barrier();
    const load = () => {
      const { promise, reject } = Promise.withResolvers<number>();
      loads.push({ fail: () => reject(new Error('it failed')) });
      begun.resolve();
      return promise;
    };
    const declared = query('failing', { ttl: '5m', load });
    const { lease } = declared.keysOf(tenant, {});
    const { redis } = isolate().scope(tenant);
    const first = isolate().scope(tenant);
    const losing = first.cache.read(declared, {}).catch(() => 'failed');
    await begun.promise;
    // Redis does this at the end of the lease.
    await redis.exec(['DEL', lease]);
    begun = barrier();
    const second = isolate()
      .scope(tenant)
      .cache.read(declared, {})
      .catch(() => 'failed');
    await begun.promise;
    const held = await redis.exec(['GET', lease]);
    loads[0]?.fail();
    expect(await losing).toBe('failed');
    await first.settled();
    expect(held).not.toBeNull();
    expect(await redis.exec(['GET', lease])).toBe(held);
    loads[1]?.fail();
    await second;
  });
});
