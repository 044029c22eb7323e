/** Traced entries: which share of the stored entries is ever read, and how old they are at their last read. */
import { expect, test } from 'vitest';
import { fillIdOf } from '../../../src/platform/cache/entry.ts';
import { query, TRACED_ONE_OF } from '../../../src/platform/cache/index.ts';
import { isTraced } from '../../../src/platform/cache/traces.ts';
import { createCounters, readCounters } from '../../../src/platform/counters/index.ts';
import { manualClock, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();
const ENTRIES = 320;

/** Two isolates with counters, a query of their own, and the ids of its traced entries. */
function open() {
  const clock = manualClock();
  const name = `traced-${newTenant()}`;
  const things = query(name, { ttl: '5m', load: async ({ id }: { id: number }) => ({ id }) });
  const tenant = newTenant();
  const start = () => {
    const counters = createCounters({ now: () => clock.now, token: newTenant });
    const { cache, redis, meter } = isolate({ counters, system: clock.system }).scope(tenant);
    return { cache, redis, meter, counters };
  };
  const [one, other] = [start(), start()];
  const keyOf = (id: number) => things.keysOf(tenant, { id }).entry;
  return {
    ...{ clock, one, other },
    read: async (from: typeof one, ids: readonly number[]) => {
      for (const id of ids) await from.cache.read(things, { id });
    },
    async tracedAmong(ids: readonly number[]) {
      const stored = await Promise.all(ids.map((id) => one.redis.get<string>(keyOf(id))));
      return ids.filter((id, index) => isTraced(keyOf(id), fillIdOf(stored[index] ?? null)));
    },
    /** The counts of the query. The numbers that a flush has learnt leave with the next one. */
    async counts() {
      for (const { counters, redis } of [one, other, one, other]) await counters.flush(redis);
      const services = { redis: one.redis, system: { now: () => clock.now } };
      const cache = await readCounters(services, { group: 'cache', window: 'total' });
      const sum = (metric: 'sets' | 'stored' | 'traced' | 'used' | 'used_for') =>
        cache.sum(`cache.${metric}`, { query: name });
      return {
        sets: sum('sets'),
        stored: sum('stored'),
        traced: sum('traced'),
        used: sum('used'),
        usedFor: sum('used_for'),
      };
    },
  };
}

const all = Array.from({ length: ENTRIES }, (_, id) => id);
const half = all.slice(0, ENTRIES / 2);

test('an entry counts as used once, however often and from whichever isolate it is read', async () => {
  const { clock, one, other, read, tracedAmong, counts } = open();
  await read(one, all);
  const [traced, used] = [await tracedAmong(all), await tracedAmong(half)];
  expect(traced.length).toBeGreaterThan(0);
  expect(await counts()).toMatchObject({ sets: ENTRIES, traced: traced.length, used: 0, usedFor: 0 });
  clock.now += 10_000;
  await read(other, half);
  await read(one, half);
  expect(await counts()).toMatchObject({ used: used.length, usedFor: used.length * 10_000 });
  clock.now += 50_000;
  await read(one, half);
  expect(await counts()).toMatchObject({ sets: ENTRIES, used: used.length, usedFor: used.length * 60_000 });
});

test(`about 1 of ${TRACED_ONE_OF} entries is traced, chosen alike by every isolate`, () => {
  const keys = Array.from({ length: 16_000 }, (_, id) => `hf:acme:q:deal:id:${id}` as Parameters<typeof isTraced>[0]);
  const traced = keys.filter((key) => isTraced(key, 'fill'));
  expect(traced.length).toBeGreaterThan(900);
  expect(traced.length).toBeLessThan(1_100);
});

test('the bytes of stored entries are counted, and not those of entries that are only read', async () => {
  const { one, read, counts } = open();
  await read(one, [1]);
  const { stored } = await counts();
  expect(stored).toBeGreaterThan('{"id":1}'.length);
  await read(one, [1, 1]);
  expect(await counts()).toMatchObject({ sets: 1, stored });
});

test('a hit costs 1 request and 1 command, and the notes join the request of a flush as 1 command', async () => {
  const { one, read, tracedAmong } = open();
  await read(one, all);
  await one.counters.flush(one.redis);
  const traced = await tracedAmong(all);
  const cost = async (work: () => Promise<unknown>) => {
    const before = { ...one.meter };
    await work();
    return [one.meter.requests - before.requests, one.meter.commands - before.commands];
  };
  expect(await cost(() => read(one, traced))).toEqual([traced.length, traced.length]);
  expect(await cost(() => one.counters.flush(one.redis))).toEqual([1, 2]);
});
