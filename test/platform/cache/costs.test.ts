/** The cost table: the exact number of Redis requests and commands per operation, as counted by the server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markVersions, settleVersions } from '../../../src/platform/cache/change-versions.ts';
import { query } from '../../../src/platform/cache/index.ts';
import { tag, versionKey } from '../../../src/platform/redis/index.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

/** The cost of an operation, by the server's count and by the scope's meter, which must agree. */
async function cost(
  operation: (scope: ReturnType<ReturnType<typeof createIsolate>['scope']>) => Promise<unknown>,
  tenant: string,
) {
  const scope = createIsolate({ rest: redis.rest }).scope(tenant);
  const before = redis.rest.counts();
  await operation(scope);
  const after = redis.rest.counts();
  const counted = { requests: after.requests - before.requests, commands: after.commands - before.commands };
  expect({ requests: scope.meter.requests, commands: scope.meter.commands }).toEqual(counted);
  return `${counted.requests}/${counted.commands}`;
}

function tagged(tags: number) {
  return query(`tagged-${tags}`, {
    ttl: '5m',
    tags: () => Array.from({ length: tags }, (_, index) => tag('thing', String(index))),
    load: async () => ({ tags }),
  });
}

describe('requests/commands', () => {
  test.each([0, 1, 3, 10])('miss with %i tags 3/3, then hit 1/1', async (tags) => {
    const tenant = newTenant();
    const things = tagged(tags);
    expect(await cost(({ cache }) => cache.read(things, {}), tenant)).toBe('3/3');
    expect(await cost(({ cache }) => cache.read(things, {}), tenant)).toBe('1/1');
  });

  test.each([1, 5])('invalidate %i tags 1/1, then a read 3/3', async (tags) => {
    const tenant = newTenant();
    const things = tagged(tags);
    await cost(({ cache }) => cache.read(things, {}), tenant);
    const names = Array.from({ length: tags }, (_, index) => tag('thing', String(index)));
    expect(await cost(({ cache }) => cache.invalidate(...names), tenant)).toBe('1/1');
    expect(await cost(({ cache }) => cache.read(things, {}), tenant)).toBe('3/3');
  });

  test('invalidate nothing 0/0', async () => {
    expect(await cost(({ cache }) => cache.invalidate(), newTenant())).toBe('0/0');
  });

  test('forget 1/1', async () => {
    expect(await cost(({ cache }) => cache.forget(tagged(1), {}), newTenant())).toBe('1/1');
  });

  test('mark and settle k tags 1/1 each', async () => {
    const tenant = newTenant();
    const keys = ['a', 'b', 'c'].map((name) => versionKey(tenant, tag(name)));
    expect(await cost(({ redis: client }) => markVersions(client, keys, 'w', 'v1'), tenant)).toBe('1/1');
    expect(await cost(({ redis: client }) => settleVersions(client, keys, 'w', 'v2'), tenant)).toBe('1/1');
  });

  test('a read during a write 1/1', async () => {
    const tenant = newTenant();
    const scope = createIsolate({ rest: redis.rest }).scope(tenant);
    await markVersions(scope.redis, [versionKey(tenant, tag('thing', '0'))], 'w', 'v1');
    expect(await cost(({ cache }) => cache.read(tagged(1), {}), tenant)).toBe('1/1');
  });

  test('a stale hit 1/1 in the foreground, and 2/2 after the response', async () => {
    const tenant = newTenant();
    const clock = { now: Date.now() };
    const stale = query('stale', { ttl: '1m', stale: '1h', load: async () => clock.now });
    const isolate = createIsolate({ rest: redis.rest, system: { now: () => clock.now } });
    await isolate.scope(tenant).cache.read(stale, {});
    clock.now += 90_000;
    const scope = isolate.scope(tenant);
    const before = redis.rest.counts();
    await scope.cache.read(stale, {});
    expect(scope.outcomes).toEqual(['STALE']);
    await scope.settled();
    expect(redis.rest.counts().requests - before.requests).toBe(3);
    expect(await cost(({ cache }) => cache.read(stale, {}), tenant)).toBe('1/1');
  });

  test('ten reads issued together, all hits, 1 request', async () => {
    const tenant = newTenant();
    const things = query('many', { ttl: '5m', load: async ({ id }: { id: number }) => id });
    await Promise.all(
      Array.from({ length: 10 }, (_, id) =>
        createIsolate({ rest: redis.rest }).scope(tenant).cache.read(things, { id }),
      ),
    );
    const all = ({ cache }: { cache: ReturnType<ReturnType<typeof createIsolate>['scope']>['cache'] }) =>
      Promise.all(Array.from({ length: 10 }, (_, id) => cache.read(things, { id })));
    expect(await cost(all, tenant)).toBe('1/1');
  });

  test('two equal reads at once share one lookup; a prefetched read uses the prefetched lookup', async () => {
    const tenant = newTenant();
    const things = tagged(2);
    await cost(({ cache }) => cache.read(things, {}), tenant);
    expect(await cost(({ cache }) => Promise.all([cache.read(things, {}), cache.read(things, {})]), tenant)).toBe(
      '1/1',
    );
    const prefetched = async ({ cache }: ReturnType<ReturnType<typeof createIsolate>['scope']>) => {
      cache.prefetch(things, {});
      await cache.read(things, {});
    };
    expect(await cost(prefetched, tenant)).toBe('1/1');
  });
});
