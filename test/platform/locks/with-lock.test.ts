/** Locks: one holder at a time, fences that only grow, and no lock left by a lost answer. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LockError, type LockOptions, withLock } from '../../../src/platform/locks/index.ts';
import type { System } from '../../../src/platform/system.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { barrier, createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
  // The first lock loads the scripts, which costs additional requests.
  const first = holder(newTenant());
  await first.lock({}, async () => undefined);
  await first.settled();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

function holder(tenant: string, overrides: Partial<System> = {}) {
  const system: System = { ...realSystem, ...overrides };
  const scope = createIsolate({ rest: redis.rest, system }).scope(tenant);
  const pending: Promise<unknown>[] = [];
  return {
    meter: scope.meter,
    redis: scope.redis,
    settled: () => Promise.all(pending),
    lock: <Result>(options: LockOptions, work: Parameters<typeof withLock<Result>>[3], name = 'job') =>
      withLock({ tenant, redis: scope.redis, system, after: (each) => pending.push(each) }, name, options, work),
  };
}

describe('withLock', () => {
  test('a free lock costs acquire and release, and is free again', async () => {
    const one = holder(newTenant());
    expect(await one.lock({}, async () => 'done')).toBe('done');
    await one.settled();
    expect(one.meter).toMatchObject({ requests: 2, commands: 2 });
    expect(await one.lock({}, async () => 'again')).toBe('again');
  });

  test('a held lock is busy until a given time; another name or tenant is not', async () => {
    const tenant = newTenant();
    const done = barrier();
    const inside = barrier();
    const first = holder(tenant).lock({ lease: '5s' }, async () => {
      inside.resolve();
      await done.promise;
    });
    await inside.promise;
    const error: unknown = await holder(tenant)
      .lock({}, async () => 0)
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(LockError);
    expect(error).toMatchObject({ code: 'LOCK_BUSY' });
    expect((error as LockError).retryAfterMs).toBeLessThanOrEqual(5000);
    expect(await holder(tenant).lock({}, async () => 1, 'other')).toBe(1);
    expect(await holder(newTenant()).lock({}, async () => 2)).toBe(2);
    done.resolve();
    await first;
  });

  test('a waiter gets the lock when the holder is done', async () => {
    const tenant = newTenant();
    const inside = barrier();
    const done = barrier();
    const order: string[] = [];
    const one = holder(tenant);
    const first = one.lock({}, async () => {
      inside.resolve();
      await done.promise;
      order.push('first');
    });
    await inside.promise;
    const clock = manualClock();
    const second = holder(tenant, clock.system).lock({ wait: '1m' }, async () => void order.push('second'));
    done.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  test('one of 20 simultaneous callers holds the lock at any time', async () => {
    const tenant = newTenant();
    let inside = 0;
    let most = 0;
    const fences: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, () =>
        holder(tenant, { sleep: () => new Promise((resolve) => setImmediate(resolve)) }).lock(
          { wait: '1m' },
          async ({ fence }) => {
            inside += 1;
            most = Math.max(most, inside);
            fences.push(fence);
            await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
          },
        ),
      ),
    );
    expect(most).toBe(1);
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(20);
  });

  test('fences always grow, even if Redis loses the counter', async () => {
    const tenant = newTenant();
    const one = holder(tenant);
    const fences: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      fences.push(await one.lock({}, async ({ fence }) => fence));
      await one.settled();
      await one.redis.del(`hf:${tenant}:lf:job`);
      // The fence follows the server's clock in steps of a millisecond.
      const [second = '0', micro = '0'] = await one.redis.exec<[string, string]>(['TIME']);
      const start = Number(second) * 1000 + Math.floor(Number(micro) / 1000);
      for (let now = start; now === start; ) {
        const [s = '0', m = '0'] = await one.redis.exec<[string, string]>(['TIME']);
        now = Number(s) * 1000 + Math.floor(Number(m) / 1000);
      }
    }
    expect(fences[1]).toBeGreaterThan(fences[0] ?? 0);
    expect(fences[2]).toBeGreaterThan(fences[1] ?? 0);
    expect(fences.every(Number.isSafeInteger)).toBe(true);
  });

  test('fences grow by one if the counter is ahead of Redis’s clock', async () => {
    const tenant = newTenant();
    const one = holder(tenant);
    // As after a failover to a server whose clock is behind.
    const ahead = Number.MAX_SAFE_INTEGER - 10;
    await one.redis.set(`hf:${tenant}:lf:job`, String(ahead));
    for (const step of [1, 2, 3]) {
      expect(await one.lock({}, async ({ fence }) => fence)).toBe(ahead + step);
      await one.settled();
    }
  });

  test('a waiter retries at growing intervals, and for the last time at the end of its wait', async () => {
    const tenant = newTenant();
    const done = barrier();
    const inside = barrier();
    const first = holder(tenant).lock({ lease: '1m' }, async () => {
      inside.resolve();
      await done.promise;
    });
    await inside.promise;
    const clock = manualClock();
    const waiter = holder(tenant, { ...clock.system, random: () => 0.5 }).lock({ wait: '1s' }, async () => 0);
    await expect(waiter).rejects.toMatchObject({ code: 'LOCK_BUSY' });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
    expect(clock.slept.length).toBeGreaterThan(2);
    expect(clock.slept.slice(0, -1)).toEqual(clock.slept.slice(0, -1).toSorted((one, other) => one - other));
    done.resolve();
    await first;
  });

  test('without Redis a waiter retries until the end of its wait', async () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    const clock = manualClock();
    const waiter = holder(newTenant(), { ...clock.system, random: () => 0.5 }).lock({ wait: '1s' }, async () => 0);
    await expect(waiter).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
  });

  test('a lost answer to the acquire does not orphan the lock: the repeated request is the same holder', async () => {
    let requests = 0;
    redis.rest.intercept = () => (++requests === 1 ? 'drop-response' : 'pass');
    const one = holder(newTenant(), manualClock().system);
    expect(await one.lock({}, async () => 'mine')).toBe('mine');
    await one.settled();
    expect(requests).toBe(3);
  });

  test('without Redis the lock is unavailable, and the work has not run', async () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    let ran = false;
    const attempt = holder(newTenant(), manualClock().system).lock({}, async () => {
      ran = true;
    });
    await expect(attempt).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    expect(ran).toBe(false);
  });

  test('the signal aborts before the lease ends; a renewal restarts its timer', async () => {
    const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
    const timer = (ms: number, run: () => void) => {
      const entry = { ms, run, cancelled: false };
      timers.push(entry);
      return () => {
        entry.cancelled = true;
      };
    };
    await holder(newTenant(), { timer }).lock({ lease: '10s' }, async ({ signal, renew }) => {
      expect(timers[0]?.ms).toBe(9000);
      await renew();
      expect(timers.map(({ cancelled }) => cancelled)).toEqual([true, false]);
      timers[1]?.run();
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ code: 'LOCK_LOST' });
      await expect(renew()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    });
    expect(timers.at(-1)?.cancelled).toBe(true);
  });

  test('a holder that outlived its lease cannot renew or release the next one’s, and has a lower fence', async () => {
    const tenant = newTenant();
    const resource = { highest: 0, applied: [] as string[] };
    const apply = (fence: number, what: string) => {
      if (fence < resource.highest) return;
      resource.highest = fence;
      resource.applied.push(what);
    };
    const sleeper = holder(tenant);
    const next = holder(tenant);
    await sleeper.lock({}, async ({ fence, signal, renew }) => {
      await sleeper.redis.del(`hf:${tenant}:lk:job`); // The lease ends during its sleep.
      const asleep = barrier();
      const running = next.lock({}, async (held) => {
        apply(held.fence, 'next');
        await asleep.promise;
        await held.renew();
        return 'kept';
      });
      while ((await sleeper.redis.exists(`hf:${tenant}:lk:job`)) === 0) await null;
      await expect(renew()).rejects.toMatchObject({ code: 'LOCK_LOST' });
      expect(signal.aborted).toBe(true);
      apply(fence, 'sleeper');
      asleep.resolve();
      expect(await running).toBe('kept');
    });
    expect(resource.applied).toEqual(['next']);
  });

  test('an error of the work is passed on, and the lock is free', async () => {
    const tenant = newTenant();
    const one = holder(tenant);
    await expect(one.lock({}, () => Promise.reject(new Error('work failed')))).rejects.toThrow('work failed');
    await one.settled();
    expect(await holder(tenant).lock({}, async () => 'free')).toBe('free');
  });
});
