/** Requests that arrive after their caller has timed out, and failed marks of strict writes. */
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../../src/platform/cache/lease.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { changeTag, createStage, trouble } from '../../support/cache-stage.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { rest } = suiteRedis();

describe('late requests of a reader', () => {
  test('a lease that arrives after its caller has timed out: other readers wait for its end, and one loads and stores', async () => {
    const on = createStage(rest());
    await on.begin(false);
    const { isolate, arrive } = await trouble(on, 'lease', 'late');
    await isolate.cache.read(on.declared, { id: 1 });
    await isolate.settled();
    await arrive();
    expect(await on.read()).toBe('MISS after waiting');
    // A reader that has waited long asks less often: it notices an end after a fifth of its wait and 60 ms at most.
    expect(on.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(LEASE_MS * 1.2 + 60);
    expect(await on.read()).toBe('HIT');
  });

  test.each(['invalidate', 'forget'] as const)(
    'a fill that arrives after an acknowledged %s is never served',
    async (change) => {
      const on = createStage(rest());
      await on.begin(false);
      const { isolate, arrive } = await trouble(on, 'fill', 'late');
      await isolate.cache.read(on.declared, { id: 1 });
      on.row.value = 'new';
      const { cache } = on.isolate();
      await (change === 'invalidate' ? cache.invalidate(tag('row')) : cache.forget(on.declared, { id: 1 }));
      await arrive();
      expect(await on.read()).not.toContain('OLD');
      expect(await on.read()).not.toContain('OLD');
    },
  );
});

describe('strict writes', () => {
  test.each(['answer lost', 'late', 'unavailable', 'gone'] as const)(
    'a mark with the fault “%s” refuses the write',
    async (fault) => {
      const on = createStage(rest(), 'strict');
      await on.begin(true);
      const { isolate, arrive } = await trouble(on, 'mark', fault);
      await expect(changeTag(isolate)).rejects.toMatchObject({ code: 'COMMIT_REFUSED' });
      await isolate.settled();
      expect(on.row.value).toBe('old');
      await arrive();
      // A mark that arrives after its removal stays until it expires; meanwhile no value is stored, and none is stale.
      expect(await on.read()).toBe(fault === 'late' ? 'BYPASS' : 'HIT');
    },
  );
});
