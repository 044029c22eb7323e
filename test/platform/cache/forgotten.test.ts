/**
 * A redis-server that loses its last acknowledged second, as in a failover: after a write its contents go back to those
 * before each of the write's requests, and to those after the last one. An old value may be served then, until the
 * drain's second look at the write's invalidation.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { changeTag, createStage, type Isolate, type Stage } from '../../support/cache-stage.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';

const writes: Record<string, (isolate: Isolate, on: Stage) => Promise<unknown>> = {
  commit: changeTag,
  'write-through': ({ cache }, { declared }) => cache.write(declared, { id: 1 }, async () => 'new'),
};

describe.skipIf(!hasRedisServer)('a Redis that forgets', () => {
  let server: RedisServer;
  let rest: RedisRest;
  beforeAll(async () => {
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
  });
  afterAll(async () => {
    await rest.close();
    await server.close();
  });

  type Kept = readonly (readonly [key: string, value: string, ttl: string])[];
  /** The contents of Redis. The cache's values are texts. */
  async function keep(): Promise<Kept> {
    const keys = (await server.admin('KEYS', '*')) as string[];
    return Promise.all(
      keys.map(
        async (key) => [key, String(await server.admin('GET', key)), String(await server.admin('PTTL', key))] as const,
      ),
    );
  }
  async function goBackTo(kept: Kept): Promise<void> {
    await server.admin('FLUSHALL');
    for (const [key, value, ttl] of kept) await server.admin('SET', key, value, 'PX', ttl);
  }

  describe.each(Object.entries(writes))('%s', (_name, write) => {
    // Before the mark, before the settle, after the settle.
    test.each([0, 1, 2])('back to before request %d: right again after the drain’s second look', async (step) => {
      await server.admin('FLUSHALL');
      const on = createStage(rest);
      await on.begin(true);
      const moments: Kept[] = [];
      rest.intercept = async () => {
        moments.push(await keep());
        return 'pass' as const;
      };
      const isolate = on.isolate();
      await write(isolate, on);
      rest.intercept = undefined;
      await isolate.settled();
      moments.push(await keep());
      expect(moments).toHaveLength(3);
      expect(await on.read()).not.toContain('OLD');

      await goBackTo(moments[step] ?? []);
      // Before the mark, the contents are those before the write; later the mark or the new version hides the value.
      expect((await on.read()).endsWith('OLD')).toBe(step === 0);
      await on.isolate().drain();
      expect(await on.read()).not.toContain('OLD');
      expect(await on.read()).toBe('HIT');
    });
  });

  test('an invalidation outside a write is lost for good and must be repeated', async () => {
    const on = createStage(rest);
    await on.begin(true);
    const before = await keep();
    on.row.value = 'new';
    await on.isolate().cache.invalidate(tag('row'));
    await goBackTo(before);
    expect(await on.read()).toBe('HIT OLD');
    await on.isolate().cache.invalidate(tag('row'));
    expect(await on.read()).toBe('MISS');
  });
});
