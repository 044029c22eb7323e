/** Only the holder can release a lock; see src/platform/locks/lease.ts. */
import { describe, expect, test } from 'vitest';
import { withLock } from '../../../src/platform/locks/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { barrier, newTenant } from '../../support/isolate.ts';
import { suiteRedis } from '../../support/suite-redis.ts';

const { isolate } = suiteRedis();

describe('2/2 a lock', () => {
  test('stays with its next holder when the previous holder returns after its lease', async () => {
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
    // Redis does this at the end of the lease.
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
