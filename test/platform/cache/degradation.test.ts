/** Redis slow, broken or gone: reads are answered from the source within the time limit; invalidations are errors. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
/** The scopes of a test. Their work after the answers ends before the next test counts requests. */
const scopes: { settled(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.allSettled(scopes.splice(0).map((each) => each.settled()));
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

function isolate(options: Omit<Parameters<typeof createIsolate>[0], 'rest'> = {}) {
  const own = createIsolate({ rest: redis.rest, ...options });
  return {
    statistics: own.statistics,
    scope(tenant: string) {
      const scope = own.scope(tenant);
      scopes.push(scope);
      return scope;
    },
  };
}

const things = query('things', { ttl: '5m', tags: () => [tag('thing')], load: async () => 'from the source' });

const faults = {
  hangs: 'hang',
  'answers 503': { status: 503, body: { error: 'down' } },
  'answers nonsense': { status: 200, body: { not: 'an array' } },
  'answers too little': { status: 200, body: [] },
  'loses the answer': 'drop-response',
} as const;

describe.each(Object.entries(faults))('Redis %s', (_name, verdict) => {
  test('a read is answered from the source as BYPASS', async () => {
    redis.rest.intercept = () => verdict;
    const own = isolate({ timeout: 50 });
    const scope = own.scope(newTenant());
    expect(await scope.cache.read(things, {})).toBe('from the source');
    expect(scope.outcomes).toEqual(['BYPASS']);
    expect(own.statistics.total.errors).toBeGreaterThan(0);
  });

  test('an unconfirmed invalidation is an error', async () => {
    redis.rest.intercept = () => verdict;
    const scope = isolate({ timeout: 50 }).scope(newTenant());
    await expect(scope.cache.invalidate(tag('thing'))).rejects.toMatchObject({ name: 'RedisError' });
    await expect(scope.cache.forget(things, {})).rejects.toMatchObject({ name: 'RedisError' });
  });
});

test('Redis fails between the lookup and the lease: the read is answered from the source', async () => {
  redis.rest.intercept = ({ commands }) => (commands[0]?.[0] === 'mget' ? 'pass' : faults['answers 503']);
  const scope = isolate().scope(newTenant());
  expect(await scope.cache.read(things, {})).toBe('from the source');
  expect(scope.outcomes).toEqual(['BYPASS']);
});

test('a lost answer to the lease request leaves no lease behind: the next reader does not wait', async () => {
  const tenant = newTenant();
  let lost = false;
  // Requests of other tenants are late work of earlier tests.
  redis.rest.intercept = ({ commands }) => {
    const first = commands[0] ?? [];
    if (lost || first[0] === 'mget' || !first.some((part) => String(part).startsWith(`hf:${tenant}:`))) return 'pass';
    lost = true;
    return 'drop-response';
  };
  const own = isolate();
  const scope = own.scope(tenant);
  expect(await scope.cache.read(things, {})).toBe('from the source');
  await scope.settled();
  const next = own.scope(tenant);
  expect(await next.cache.read(things, {})).toBe('from the source');
  expect(next.outcomes).toEqual(['MISS']);
  expect(next.meter.requests).toBe(3);
});

test('Redis fails at the fill: the read is answered, the next read misses', async () => {
  const tenant = newTenant();
  let requests = 0;
  redis.rest.intercept = () => (++requests === 3 ? faults['answers 503'] : 'pass');
  const own = isolate();
  const scope = own.scope(tenant);
  expect(await scope.cache.read(things, {})).toBe('from the source');
  expect(own.statistics.total.sets).toBe(0);
  await scope.settled();
});

test('many readers during an outage do not wait, because of the breaker, which closes when Redis is back', async () => {
  const clock = { now: Date.now() };
  let requests = 0;
  redis.rest.intercept = () => {
    requests += 1;
    return faults['answers 503'];
  };
  const own = isolate({ system: { now: () => clock.now } });
  const tenant = newTenant();
  for (let read = 0; read < 20; read += 1) {
    expect(await own.scope(tenant).cache.read(things, {})).toBe('from the source');
  }
  expect(requests).toBe(5);
  redis.rest.intercept = undefined;
  clock.now += 1000;
  await own.scope(tenant).cache.read(things, {});
  const after = own.scope(tenant);
  await after.cache.read(things, {});
  expect(after.outcomes).toEqual(['HIT']);
});
