/** Memory without eviction: the cache gives way itself, oldest entries first, and touches nothing else. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { query, trimEntries } from '../../../src/platform/cache/index.ts';
import { PRESSURE } from '../../../src/platform/cache/pressure.ts';
import { families, infoNumber, key, tag } from '../../../src/platform/redis/index.ts';
import { adminRedis } from '../../support/admin-redis.ts';
import { createIsolate, manualClock, newTenant, type TestScope } from '../../support/isolate.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate, rest: shared } = suiteRedis();
const large = query('large', {
  ttl: '1h',
  stale: '1h',
  tags: () => [tag('large')],
  load: async ({ id }: { id: number }) => `${id} ${'x'.repeat(2_000)}`,
});
const ENTRIES = 40;

let tenant: string;
let clock: ReturnType<typeof manualClock>;
let scope: TestScope;
beforeEach(async () => {
  tenant = newTenant();
  clock = manualClock(Date.now());
  scope = isolate({ system: clock.system }).scope(tenant);
  await adminRedis({ url: shared().url }).flushdb();
});

/** Stores entries, each a second later than the one before; the last one is the newest. */
async function fill(own = scope, count = ENTRIES): Promise<void> {
  for (let id = 0; id < count; id += 1) {
    clock.now += 1_000;
    await own.cache.read(large, { id });
  }
}

const entryOf = (id: number) => key(tenant, 'entry', 'large', 'id', `=${id}`);

/** The ids of the entries that exist. */
async function kept(own = scope, count = ENTRIES): Promise<number[]> {
  const exist = await Promise.all(Array.from({ length: count }, (_, id) => own.redis.exists(entryOf(id))));
  return exist.flatMap((one, id) => (one === 1 ? [id] : []));
}

/** Trims a Redis of which this share is in use. */
async function trimAt(share: number) {
  const used = infoNumber(String(await scope.redis.exec(['INFO'])), 'used_memory') ?? 0;
  return trimEntries({ redis: scope.redis, system: clock.system, memoryLimit: Math.floor(used / share) });
}

describe('above 80 % of the memory', () => {
  test('the entries that were filled least recently are dropped', async () => {
    // So many that the memory of an empty redis-server is less than theirs.
    const count = 300;
    await fill(scope, count);
    const trimmed = await trimAt(0.81);
    expect(trimmed?.used).toBe(81);
    const left = await kept(scope, count);
    expect(left.length).toBe(count - (trimmed?.dropped ?? 0));
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(count);
    // Exactly the newest ones are left.
    expect(left).toEqual(Array.from({ length: left.length }, (_, index) => count - left.length + index));
  });

  test('a dropped entry is a miss, and its value the same', async () => {
    await fill();
    await trimAt(0.99);
    const [reader] = [isolate({ system: clock.system }).scope(tenant)];
    expect(await reader.cache.read(large, { id: 0 })).toMatch(/^0 x/);
    expect(reader.outcomes).toEqual(['MISS']);
  });

  test('no key of another family is dropped, not even one that looks like an entry', async () => {
    await fill();
    const others = (Object.keys(families) as (keyof typeof families)[])
      .filter((family) => !['entry', 'version', 'pressure', 'channel'].includes(family))
      .map((family) => key(tenant, family, 'q', 'old'));
    for (const other of others) await scope.redis.set(other, '1 x 0 old');
    const lookAlike = key(tenant, 'item', 'q', 'large');
    await scope.redis.set(lookAlike, '1 x 0 old');
    const versions = await scope.redis.exists(key(tenant, 'version', 'large'));
    expect((await trimAt(50))?.dropped).toBe(ENTRIES);
    expect(await scope.redis.exists(...others, lookAlike)).toBe(others.length + 1);
    expect(await scope.redis.exists(key(tenant, 'version', 'large'))).toBe(versions);
  });

  test.each([
    [0.85, 50],
    [0.95, 25],
  ])('at %d of it new entries live %d %% as long', async (share, percent) => {
    await fill();
    await trimAt(share);
    const reader = isolate({ system: { ...clock.system, random: () => 0.5 } }).scope(tenant);
    await reader.cache.read(large, { id: 1_000 });
    const life = await reader.redis.pttl(entryOf(1_000));
    const full = 2 * 3_600_000;
    expect(life).toBeLessThanOrEqual((full * percent) / 100);
    expect(life).toBeGreaterThan((full * percent) / 100 - 60_000);
    expect(await reader.redis.pttl(PRESSURE)).toBeGreaterThan(60_000);
  });

  test('an entry in an unknown format goes first', async () => {
    await fill();
    const odd = key(tenant, 'entry', 'odd');
    await scope.redis.set(odd, 'unknown');
    await trimAt(0.81);
    expect(await scope.redis.exists(odd)).toBe(0);
  });
});

describe('otherwise nothing changes', () => {
  test.each([
    ['at 79 %', 0.79],
    ['without a limit', 0],
  ])('%s: 1 request, 1 command', async (_name, share) => {
    await fill(scope, 3);
    const own = isolate().scope(tenant);
    const used = infoNumber(String(await scope.redis.exec(['INFO'])), 'used_memory') ?? 0;
    const memoryLimit = share === 0 ? undefined : Math.ceil(used / share);
    expect(await trimEntries({ redis: own.redis, system: clock.system, memoryLimit })).toBeNull();
    expect([own.meter.requests, own.meter.commands]).toEqual([1, 1]);
    expect(await kept(scope, 3)).toEqual([0, 1, 2]);
    expect(await own.redis.exists(PRESSURE)).toBe(0);
  });
});

test('the costs of a miss do not change under pressure', async () => {
  await fill(scope, 1);
  await scope.redis.set(PRESSURE, '50');
  const own = isolate().scope(tenant);
  await own.cache.read(large, { id: 5 });
  expect([own.meter.requests, own.meter.commands]).toEqual([3, 3]);
});

describe.skipIf(!hasRedisServer)('a redis-server whose memory is limited, with noeviction', () => {
  let server: RedisServer;
  let rest: Awaited<ReturnType<typeof startAppRest>>;
  beforeAll(async () => {
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
  });
  afterAll(async () => {
    await rest.close();
    await server.close();
  });

  test('takes writes again after a trim, although it was full', async () => {
    const own = createIsolate({ rest, system: clock.system }).scope(tenant);
    await fill(own, 300);
    await server.admin('SET', 'hf:-:cn:elder', 'planted');
    const used = infoNumber(String(await own.redis.exec(['INFO'])), 'used_memory') ?? 0;
    await server.admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await server.admin('CONFIG', 'SET', 'maxmemory', String(used - 100_000));
    await expect(own.redis.set('hf:-:c:full', 'x')).rejects.toThrow(/OOM/);
    const trimmed = await trimEntries({ redis: own.redis, system: clock.system });
    expect(trimmed?.dropped).toBeGreaterThan(0);
    await own.redis.set('hf:-:c:full', 'x');
    expect(await own.redis.exists('hf:-:cn:elder')).toBe(1);
    const left = await kept(own, 300);
    expect(left).toEqual(Array.from({ length: left.length }, (_, index) => 300 - left.length + index));
  });
});
