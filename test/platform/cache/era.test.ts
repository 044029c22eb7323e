/** Eras: after a new era nothing is served that was cached before, also not from an isolate's memory. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ERA } from '../../../src/platform/cache/era.ts';
import { beginEra, query } from '../../../src/platform/cache/index.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createStage } from '../../support/cache-stage.ts';
import { barrier, createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
let tenant: string;
let loads: number;
let eras = 0;
const declared = (options: object = {}) =>
  query('era', { ttl: '5m', stale: '5m', tags: () => [tag('thing')], load: async () => ++loads, ...options });
const isolate = (options: object = {}) => createIsolate({ rest: redis.rest, ...options });
const begin = () => {
  eras += 1;
  return beginEra(isolate().scope(tenant).redis, `era-${eras}`);
};

beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());
beforeEach(() => {
  tenant = newTenant();
  loads = 0;
});

/** The value and the outcome of one read by an isolate. */
async function read(of: ReturnType<typeof declared>, by = isolate()) {
  const scope = by.scope(tenant);
  const value = await scope.cache.read(of, {});
  await scope.settled();
  return [value, ...scope.outcomes];
}

describe('a new era', () => {
  test.each([
    ['with tags', {}],
    ['without tags', { tags: () => [] }],
  ])('makes an entry %s a miss, and its successor a hit', async (_name, options) => {
    const of = declared(options);
    expect([await read(of), await read(of)]).toEqual([
      [1, 'MISS'],
      [1, 'HIT'],
    ]);
    await begin();
    expect([await read(of), await read(of)]).toEqual([
      [2, 'MISS'],
      [2, 'HIT'],
    ]);
  });

  test('ends an entry that a later look finds, also as a fallback for a failed load', async () => {
    let fails = false;
    const of = declared({
      staleIfError: '1h',
      load: async () => {
        if (fails) throw new RangeError('the source is down');
        return ++loads;
      },
    });
    await read(of);
    fails = true;
    await begin();
    await expect(read(of)).rejects.toThrow('the source is down');
  });

  test('ends the value of a load that began before it', async () => {
    const gate = barrier();
    const of = declared({
      load: async () => {
        await gate.promise;
        return ++loads;
      },
    });
    const reading = read(of);
    // The lease of the load is taken in the second request.
    const before = redis.rest.counts().requests;
    await expect.poll(() => redis.rest.counts().requests - before).toBeGreaterThanOrEqual(2);
    await begin();
    gate.resolve();
    expect(await reading).toEqual([1, 'MISS']);
    expect(await read(of)).toEqual([2, 'MISS']);
  });

  test('is shown by the inspection of an entry', async () => {
    const of = declared();
    await read(of);
    const { cache } = isolate().scope(tenant);
    expect(await cache.inspect(of, {})).toMatchObject({ state: 'fresh' });
    await begin();
    expect(await cache.inspect(of, {})).toMatchObject({ state: 'invalidated' });
  });

  test('costs nothing: a miss is 3 requests and 3 commands, a hit 1 and 1', async () => {
    await begin();
    const of = declared();
    const costs: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { cache, meter } = isolate().scope(tenant);
      await cache.read(of, {});
      costs.push(`${meter.requests}/${meter.commands}`);
    }
    expect(costs).toEqual(['3/3', '1/1']);
  });

  test('that is lost with its key makes its entries misses', async () => {
    await begin();
    const of = declared();
    await read(of);
    await isolate().scope(tenant).redis.del(ERA);
    expect(await read(of)).toEqual([2, 'MISS']);
  });

  test('a value that is written through in an era is a hit in it, and a miss in the next', async () => {
    await begin();
    const stage = createStage(redis.rest);
    await stage.isolate().cache.write(stage.declared, { id: 1 }, async () => 'new');
    const readers = [stage.isolate(), stage.isolate()];
    expect(await readers[0]?.cache.read(stage.declared, { id: 1 })).toBe('new');
    expect(readers[0]?.outcomes).toEqual(['HIT']);
    await begin();
    expect(await readers[1]?.cache.read(stage.declared, { id: 1 })).toBe('new');
    expect(readers[1]?.outcomes).toEqual(['MISS']);
  });
});

describe('the memory of an isolate', () => {
  test('is dropped at the next look-up in Redis, of any query', async () => {
    const of = declared({ memory: '30s' });
    const other = query('era-other', { ttl: '5m', load: async () => 'other' });
    const own = isolate();
    await read(of, own);
    expect(await read(of, own)).toEqual([1, 'HIT']);
    await begin();
    await own.scope(tenant).cache.read(other, {});
    expect(await read(of, own)).toEqual([2, 'MISS']);
  });

  test('without a look-up it answers for its memory time at most', async () => {
    const clock = manualClock(Date.now());
    const of = declared({ memory: '30s' });
    const own = isolate({ system: clock.system });
    await read(of, own);
    await begin();
    clock.now += 29_999;
    expect(await read(of, own)).toEqual([1, 'HIT']);
    clock.now += 1;
    expect(await read(of, own)).toEqual([2, 'MISS']);
  });
});
