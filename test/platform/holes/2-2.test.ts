/** A lock is released by its holder only; see src/platform/locks/lease.ts. */
import { describe, expect, test } from 'vitest';
import { withLock } from '../../../src/platform/locks/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { barrier, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

describe('2/2 a lock', () => {
  test('is kept by its next holder when a holder that slept through its lease returns', async () => {
    const tenant = newTenant();
    const { redis } = isolate().scope(tenant);
    const releases: Promise<unknown>[] = [];
    const services = { tenant, redis, system: realSystem, after: (work: Promise<unknown>) => releases.push(work) };
    const hold = () => {
      const [inside, leave] = [barrier(), barrier()];
      const held = withLock(services, 'job', { lease: '1m' }, async () => {
        inside.resolve();
        await leave.promise;
      });
      return { inside, leave, held };
    };
    const sleeper = hold();
    await sleeper.inside.promise;
    // Redis does this when the lease is over.
    await redis.exec(['DEL', `hf:${tenant}:lk:job`]);
    const next = hold();
    await next.inside.promise;

    sleeper.leave.resolve();
    await sleeper.held;
    await Promise.all(releases);
    const third = withLock(services, 'job', {}, async () => 'entered');
    await expect(third).rejects.toMatchObject({ code: 'LOCK_BUSY' });
    next.leave.resolve();
    await next.held;
  });
});
