/** The values that readers may get from a global database whose replicas lag behind the primary. */
import { describe, expect, test } from 'vitest';
import { key, type TransportFetch } from '../../../src/platform/redis/index.ts';
import { createTestApp } from '../../support/app.ts';
import { changeTag, createStage, type Isolate, type Stage, stepOf } from '../../support/cache-stage.ts';
import { newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest } = suiteRedis();

describe('a replica that lags', () => {
  /** Answers read commands with earlier answers. */
  async function lagging(on: Stage, coalesce: 'all' | 'by-mode') {
    const remembered = new Map<string, string>();
    const send: TransportFetch = async (url, request) => {
      const { body } = request;
      const old = remembered.get(body);
      if (old !== undefined) return new Response(old);
      const response = await fetch(url, request);
      const text = await response.text();
      const commands = JSON.parse(body) as unknown[][];
      if (commands.every((command) => stepOf(command) === 'look up')) remembered.set(body, text);
      return new Response(text);
    };
    const isolate = on.isolate(send, { coalesce });
    await isolate.cache.read(on.declared, { id: 1 });
    return isolate;
  }

  test.each(['all', 'by-mode'] as const)('coalesce %s: a hit is as old as the replica', async (coalesce) => {
    const on = createStage(rest());
    await on.begin(true);
    const isolate = await lagging(on, coalesce);
    await changeTag(on.isolate());
    expect(await isolate.cache.read(on.declared, { id: 1 })).toBe('old');
    expect(await on.read()).toBe('MISS');
  });

  test('a miss becomes a hit at the lease: scripts run on the primary, where the entry is filled', async () => {
    const on = createStage(rest());
    await on.begin(false);
    const isolate = await lagging(on, 'by-mode');
    await changeTag(on.isolate());
    expect(await on.read()).toBe('MISS');
    expect(await isolate.cache.read(on.declared, { id: 1 })).toBe('new');
    expect(isolate.outcomes).toEqual(['MISS', 'HIT']);
  });

  test('by-mode sends reads and writes of one turn in separate requests', async () => {
    const on = createStage(rest());
    const turn = async ({ cache }: Isolate) => Promise.all([cache.store.get('a'), cache.store.set('b', 1)]);
    const [all, byMode] = [on.isolate(), on.isolate(fetch, { coalesce: 'by-mode' })];
    await Promise.all([turn(all), turn(byMode)]);
    expect([all.meter.requests, byMode.meter.requests]).toEqual([1, 2]);
  });

  test.each([
    ['all', 1],
    ['by-mode', 2],
  ])('the app with REDIS_COALESCE=%s sends a read and a write of one turn in %i requests', async (mode, requests) => {
    const app = createTestApp({ environment: { REDIS_COALESCE: mode } });
    const scope = app.platform.scope();
    const name = key(newTenant(), 'entry', 'a');
    await Promise.all([scope.redis.get(name), scope.redis.set(name, '1')]);
    expect(scope.redisMeter.requests).toBe(requests);
    await scope.end();
    await app.close();
  });
});
