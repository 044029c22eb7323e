/** A circuit without Redis, its time limit and its errors; and its states compared with a model. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OutboundError } from '../../../src/platform/outbound/index.ts';
import { startRest } from '../../support/rest.ts';
import { createWorld, fail } from './isolates.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

const world = (options: Parameters<typeof createWorld>[1] = {}) =>
  createWorld(redis.rest, { threshold: 3, ...options });

describe('without Redis', () => {
  const down = () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
  };

  test('calls go on, with one Redis request per freshFor', async () => {
    down();
    const { isolate, clock } = world({ freshFor: '10s' });
    const one = isolate();
    for (let call = 0; call < 10; call += 1) expect(await one.call()).toBe('done');
    expect(one.meter.requests).toBe(1);
    clock.now += 10_000;
    await one.call();
    expect(one.meter.requests).toBe(2);
  });

  test('an isolate opens after its own failures within the window, probes once, and closes', async () => {
    down();
    const { isolate, clock } = world({ window: '30s', openFor: '30s', probeLease: '15s' });
    const one = isolate();
    for (let failure = 0; failure < 2; failure += 1) await one.call(fail);
    clock.now += 30_000;
    for (let failure = 0; failure < 2; failure += 1) await one.call(fail);
    expect(await one.call()).toBe('done');
    expect(await one.call(fail)).toBe('OUTBOUND_FAILED');
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    expect(await isolate().call()).toBe('done');
    clock.now += 30_000;
    expect(await one.call(fail)).toBe('OUTBOUND_FAILED');
    clock.now += 29_999;
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    clock.now += 1;
    const outcomes = await Promise.all([one.call(), one.call(), one.call()]);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(await one.call()).toBe('done');
  });

  test('an isolate waits for the length of a lease for its own prober that died', async () => {
    down();
    const { isolate, clock } = world({ openFor: '30s', probeLease: '15s' });
    const one = isolate();
    for (let failure = 0; failure < 3; failure += 1) await one.call(fail);
    clock.now += 30_000;
    const inside = Promise.withResolvers<void>();
    void one.call(() => {
      inside.resolve();
      return new Promise(() => {});
    });
    await inside.promise;
    clock.now += 14_999;
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    clock.now += 1;
    expect(await one.call()).toBe('done');
  });

  test('when Redis is back, its state applies', async () => {
    const here = world({ freshFor: '10s' });
    const other = here.isolate();
    for (let failure = 0; failure < 3; failure += 1) await other.call(fail);
    down();
    const one = here.isolate();
    expect(await one.call()).toBe('done');
    redis.rest.intercept = undefined;
    await here.elapse(10_000);
    expect(await one.call()).toBe('OUTBOUND_OPEN');
  });

  test('a lost report is one failure less in Redis, but the isolate still protects itself', async () => {
    const here = world();
    const one = here.isolate();
    await one.call();
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    for (let failure = 0; failure < 3; failure += 1) await one.call(fail);
    redis.rest.intercept = undefined;
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    expect(await here.isolate().call()).toBe('done');
  });
});

describe('the time limit', () => {
  test('ends a call that ignores its signal, aborts the signal, and counts as a failure', async () => {
    const timers: { ms: number; run: () => void; stopped: boolean }[] = [];
    const timer = (ms: number, run: () => void) => {
      const entry = { ms, run, stopped: false };
      timers.push(entry);
      return () => {
        entry.stopped = true;
      };
    };
    const here = world({ threshold: 1 });
    const one = here.isolate({ timer });
    let signal: AbortSignal | undefined;
    const call = one.circuit.call(
      (given) => {
        signal = given;
        return new Promise(() => {});
      },
      { timeout: '3s' },
    );
    while (timers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(timers[0]?.ms).toBe(3_000);
    timers[0]?.run();
    await expect(call).rejects.toMatchObject({ code: 'OUTBOUND_TIMEOUT' });
    expect(signal?.aborted).toBe(true);
    expect(timers[0]?.stopped).toBe(true);
    await one.settled();
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
  });

  test('leaves no timer after a call', async () => {
    let running = 0;
    const timer = () => {
      running += 1;
      return () => {
        running -= 1;
      };
    };
    const one = world().isolate({ timer });
    await one.call();
    await one.call(fail);
    await one.call(() => {
      throw new Error('at once');
    });
    expect(running).toBe(0);
  });
});

describe('errors', () => {
  test('of the call are passed on if they are ours, otherwise as FAILED without their message', async () => {
    const one = world({ threshold: 10 }).isolate();
    const own = new OutboundError('OUTBOUND_FAILED', 'mail answered HTTP 502', { status: 502 });
    await expect(one.circuit.call(() => Promise.reject(own))).rejects.toBe(own);
    const secret = 'https://api.example/?key=s3cret';
    class LeakyError extends TypeError {
      override readonly name = 'LeakyError';
      readonly url = secret;
    }
    const error: unknown = await one.circuit
      .call(() => Promise.reject(new LeakyError(`fetch of ${secret} failed`, { cause: secret })))
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'OUTBOUND_FAILED', status: undefined });
    expect((error as Error).message).toContain('LeakyError');
    expect((error as Error).stack).toContain('alone.test.ts');
    const { message, stack, ...rest } = error as Error;
    expect(`${message} ${stack} ${JSON.stringify(rest)} ${String((error as Error).cause)}`).not.toContain('s3cret');
  });

  test.each([undefined, null, 's3cret', { name: 's3cret' }, Object.assign(new Error('x'), { name: 'a s3cret b' })])(
    'without a secret of the thrown value (%s)',
    async (thrown) => {
      const one = world().isolate();
      const error: unknown = await one.circuit.call(() => Promise.reject(thrown)).catch((each: unknown) => each);
      expect(error).toMatchObject({ code: 'OUTBOUND_FAILED' });
      expect((error as Error).message).not.toContain('s3cret');
    },
  );
});

/** A simple model of the three states, without Redis, isolates or leases. */
function createModel({ threshold, windowMs, openMs }: { threshold: number; windowMs: number; openMs: number }) {
  let failures: number[] = [];
  let openUntil: number | null = null;
  return function call(now: number, succeeds: boolean): string {
    if (openUntil !== null && now < openUntil) return 'OUTBOUND_OPEN';
    if (succeeds) {
      if (openUntil !== null) failures = [];
      openUntil = null;
      return 'done';
    }
    failures = [...failures.filter((at) => now - at < windowMs), now];
    if (openUntil !== null || failures.length >= threshold) {
      openUntil = now + openMs;
      failures = [];
    }
    return 'OUTBOUND_FAILED';
  };
}

test('isolates that always ask Redis act, one after the other, like one circuit', async () => {
  const step = fc.record({
    isolate: fc.nat(2),
    succeeds: fc.boolean(),
    // No sum of these steps equals a limit: Redis's own clock moves a little during the test.
    pause: fc.constantFrom(0, 0, 0, 1_000, 7_000, 19_000, 40_000),
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), async (steps) => {
      const here = world({ window: '30.5s', openFor: '20.5s', freshFor: 0 });
      const isolates = [here.isolate(), here.isolate(), here.isolate()];
      const model = createModel({ threshold: 3, windowMs: 30_500, openMs: 20_500 });
      for (const { isolate, succeeds, pause } of steps) {
        if (pause > 0) await here.elapse(pause);
        const outcome = await isolates[isolate]?.call(succeeds ? undefined : fail);
        expect(outcome).toBe(model(here.clock.now, succeeds));
        seen.add(String(outcome));
      }
    }),
    { numRuns: 40 },
  );
  expect([...seen].sort()).toEqual(['OUTBOUND_FAILED', 'OUTBOUND_OPEN', 'done']);
});
