/** Values at rest: compressed, sealed, checked, and sent as they are stored. */
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { query } from '../../../src/platform/cache/index.ts';
import { createSealer } from '../../../src/platform/redis/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

describe('values at rest', () => {
  const sealer = () => createSealer({ keys: { k1: btoa('a'.repeat(32)), k2: btoa('b'.repeat(32)) }, current: 'k2' });

  test('a value is compressed only if that makes it smaller', async () => {
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

  test('a value above the largest entry is answered and counted, and not stored; its lease is free at once', async () => {
    const tenant = newTenant();
    let text = 'x'.repeat(2_000);
    const load = vi.fn(async () => text);
    const large = query('large', { ttl: '5m', load });
    const shared = isolate({ largestEntry: 1_500 });
    for (const _time of [1, 2]) {
      const scope = shared.scope(tenant);
      expect(await scope.cache.read(large, {})).toBe(text);
      await scope.settled();
      expect(scope.outcomes).toEqual(['MISS']);
      // The look-up, and the lease; then its release in place of the fill.
      expect([scope.meter.requests, scope.meter.commands]).toEqual([3, 3]);
    }
    expect(load).toHaveBeenCalledTimes(2);
    const { redis } = shared.scope(tenant);
    expect(await redis.exists(`hf:${tenant}:q:large`)).toBe(0);
    // Callers that wait for the load are told to load as well.
    expect(await redis.get(`hf:${tenant}:l:large`)).toBe('!0 OVERSIZED ');
    expect(shared.statistics.total).toMatchObject({ oversized: 2, sets: 0, errors: 0 });

    // 600 characters of 3 bytes each.
    text = '€'.repeat(600);
    await shared.scope(tenant).cache.read(large, {});
    expect(shared.statistics.total).toMatchObject({ oversized: 3, sets: 0 });
    text = 'x'.repeat(1_000);
    await shared.scope(tenant).cache.read(large, {});
    expect(shared.statistics.total).toMatchObject({ oversized: 3, sets: 1 });
  });

  test('of several values only those above the largest entry are not stored', async () => {
    const tenant = newTenant();
    const sized = query('sized', { ttl: '5m', load: async ({ size }: { size: number }) => 'x'.repeat(size) });
    const shared = isolate({ largestEntry: 1_500 });
    const scope = shared.scope(tenant);
    await scope.cache.readMany(sized, [{ size: 10 }, { size: 2_000 }, { size: 20 }]);
    await scope.settled();
    expect(shared.statistics.total).toMatchObject({ oversized: 1, sets: 2 });
  });

  test('sealed values are unreadable in Redis, open with the key, and a miss without it', async () => {
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

  test('neither a sealed value of another tenant nor plain text in its place opens', async () => {
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

  test('JSON is sent unchanged as it is stored', async () => {
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
