/** Runs the examples of docs/cache.md. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as examples from '../../../docs/examples/cache.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
let isolate: ReturnType<typeof createIsolate>;
let tenant: string;
beforeAll(async () => {
  redis = await startRest();
});
beforeEach(() => {
  isolate = createIsolate({ rest: redis.rest });
  tenant = newTenant();
  examples.source.clear();
  examples.source.set('a', 'Anchor').set('b', 'Buoy');
  examples.loads.length = 0;
});
afterAll(() => redis.close());

const cache = () => isolate.scope(tenant).cache;

test('cache-aside and invalidation', async () => {
  expect(await examples.cacheAside(cache())).toBe('Anchor');
  expect(await examples.cacheAside(cache())).toBe('Anchor');
  expect(examples.loads).toEqual(['a']);
  examples.source.set('a', 'Anchor, new');
  await examples.invalidation(cache(), 'a');
  expect(await examples.cacheAside(cache())).toBe('Anchor, new');
});

test('batch and warming', async () => {
  expect(await examples.batch(cache())).toEqual(['Anchor', 'Buoy']);
  expect(await examples.warming(cache())).toBe(1);
  expect(examples.loads).toEqual(['a', 'b', 'c']);
});

test('memory', async () => {
  await cache().read(examples.hotItem, { id: 'a' });
  const scope = isolate.scope(tenant);
  expect(await scope.cache.read(examples.hotItem, { id: 'a' })).toBe('Anchor');
  expect(scope.meter.requests).toBe(0);
});

test('plain store', async () => {
  expect(await examples.plainStore(cache())).toEqual([1, 'We ship on Friday']);
  expect((await examples.plainStore(cache()))[0]).toBe(2);
});
