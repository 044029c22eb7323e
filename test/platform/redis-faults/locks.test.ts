/** Locks and idempotent calls on a Redis that refuses, and on one that forgets. */
import { beforeEach, expect, test } from 'vitest';
import { type Held, type LockOptions, once, withLock } from '../../../src/platform/locks/index.ts';
import { realSystem, type System } from '../../../src/platform/system.ts';
import { createIsolate, manualClock, newTenant } from '../../support/isolate.ts';
import { CLOSED, codeIn, describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();

let tenant: string;
let clock: ReturnType<typeof manualClock>;
let made: ReturnType<typeof createIsolate>;
let pending: Promise<unknown>[];

function lock<Result>(work: (held: Held) => Promise<Result>, options: LockOptions = {}): Promise<Result> {
  const system: System = { ...realSystem, ...clock.system };
  const services = {
    tenant,
    redis: made.scope(tenant).redis,
    system,
    after: (each: Promise<unknown>) => pending.push(each),
  };
  return withLock(services, 'job', options, work);
}

const settled = () => Promise.all(pending.splice(0));

beforeEach(() => {
  tenant = newTenant();
  clock = manualClock();
  pending = [];
});

describeFaults('locks', () => {
  beforeEach(() => {
    made = createIsolate({ rest: redis.rest() });
  });

  test.each(STATES)(
    '%s: a free lock cannot be acquired, LOCK_REFUSED and not LOCK_BUSY, and the work has not run',
    async (state) => {
      await redis.make(state);
      let ran = false;
      const attempt = lock(async () => {
        ran = true;
      });
      await expect(attempt).rejects.toMatchObject({ code: 'LOCK_REFUSED', retryAfterMs: undefined });
      expect(ran).toBe(false);
      expect(made.breaker.state).toBe('closed');
      await redis.heal();
      // The refused request has not acquired the lock.
      expect(await lock(async () => 'mine')).toBe('mine');
    },
  );

  test.each(STATES)('%s: a waiter gets the lock once Redis accepts writes again', async (state) => {
    await redis.make(state);
    let asked = 0;
    redis.rest().intercept = async () => {
      asked += 1;
      if (asked === 3) await redis.heal();
      return 'pass' as const;
    };
    expect(await lock(async () => 'mine', { wait: '10s' })).toBe('mine');
  });

  test.each(STATES)('%s: a held lock is busy as usual', async (state) => {
    await lock(async () => {
      await redis.make(state);
      await expect(lock(async () => 'second')).rejects.toMatchObject({ code: 'LOCK_BUSY' });
    });
  });

  test('full: the holder can renew and release', async () => {
    await lock(async ({ renew, signal }) => {
      await redis.make('full');
      await renew();
      expect(signal.aborted).toBe(false);
    });
    await settled();
    await redis.heal();
    expect(await lock(async () => 'next')).toBe('next');
  });

  test.each(CLOSED)('%s: a renewal is an error, and the holder’s lease continues', async (state) => {
    await lock(async ({ renew, signal }) => {
      await redis.make(state);
      await expect(renew()).rejects.toMatchObject({ code: codeIn(state) });
      expect(signal.aborted).toBe(false);
      await redis.heal();
      await renew();
    });
  });

  test.each(CLOSED)('%s: a release fails, and the lease expires', async (state) => {
    await lock(async () => redis.make(state), { lease: '50ms' });
    await settled();
    await redis.heal();
    // The lease expires in Redis: a waiter gets the lock after that.
    expect(await lock(async () => 'next', { wait: '1h' })).toBe('next');
  });

  test('a failover that forgets a lock: two callers hold it, and the second has a higher fence', async () => {
    const fences: number[] = [];
    await redis.forget(() =>
      lock(async ({ fence }) => {
        fences.push(fence);
      }),
    );
    await lock(async ({ fence }) => {
      fences.push(fence);
    });
    const [first = 0, second = 0] = fences;
    expect(second).toBeGreaterThan(first);
  });

  test('a failover that forgets a lock: its holder gets LOCK_LOST at the renewal', async () => {
    const held = Promise.withResolvers<Held>();
    const end = Promise.withResolvers<void>();
    const first = await redis.forget(async () => {
      const running = lock(async (handed) => {
        held.resolve(handed);
        await end.promise;
      });
      await held.promise;
      // Not awaited: the work goes on after the failover.
      return { running };
    });
    await expect((await held.promise).renew()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    end.resolve();
    await first.running;
  });
});

describeFaults('calls made once', () => {
  let runs: number;
  beforeEach(() => {
    made = createIsolate({ rest: redis.rest() });
    runs = 0;
  });

  const call = (work: () => Promise<unknown> = async () => null) =>
    once(
      { redis: made.scope(tenant).redis, system: realSystem, tenant },
      { id: ['key-1'], request: ['body'] },
      async () => {
        runs += 1;
        await work();
        return runs;
      },
    );

  test.each(STATES)('%s: a call does not begin', async (state) => {
    await redis.make(state);
    await expect(call()).rejects.toMatchObject({ code: codeIn(state) });
    expect(runs).toBe(0);
    await redis.heal();
    expect(await call()).toEqual({ kind: 'done', result: 1 });
  });

  test('full: a repeated call gets the first answer, even of a call that was under way', async () => {
    expect(await call(() => redis.make('full'))).toEqual({ kind: 'done', result: 1 });
    expect(await call()).toEqual({ kind: 'repeated', result: 1 });
  });

  test.each(CLOSED)('%s: a repeated call gets the first answer', async (state) => {
    await call();
    await redis.make(state);
    expect(await call()).toEqual({ kind: 'repeated', result: 1 });
  });

  test.each(CLOSED)(
    '%s: a call under way is completed, and a repeat within its lease is asked to wait',
    async (state) => {
      expect(await call(() => redis.make(state))).toEqual({ kind: 'done', result: 1 });
      expect(await call()).toMatchObject({ kind: 'running' });
      await redis.heal();
      expect(await call()).toMatchObject({ kind: 'running' });
      expect(runs).toBe(1);
    },
  );

  test('a failover that forgets a call: a repeat runs it again', async () => {
    await redis.forget(() => call());
    expect(await call()).toEqual({ kind: 'done', result: 2 });
  });
});
