/** Each algorithm compared with a log of admitted requests: the same decisions, and never more than its bound. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bucket, fixed, type Rule, rule, sliding, type Window } from '../../../src/platform/limits/index.ts';
import { newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { createModel, excessesIn, type Shape } from './model.ts';
import { limitIsolate, NOON, warm } from './world.ts';

/** So long that no key expires during a test in Redis, which has the real clock. */
const W = 600_000;
const windows = {
  sliding: sliding(10, W),
  fixed: fixed(10, W),
  bucket: bucket({ capacity: 10, refill: 3, every: W }),
} as const;

const shapeOf = (window: Window): Shape =>
  window.kind === 'bucket'
    ? { kind: 'bucket', limit: window.limit, refill: window.refill, everyMs: window.everyMs }
    : { kind: window.kind, limit: window.limit, windowMs: window.windowMs };
// A function: blocks then last until the time at which a request would pass.
const ruleOf = (window: Window): Rule => rule(window.kind, { window, by: ({ user = '' }) => user, whenDown: 'closed' });
const rules = Object.values(windows).map(ruleOf);

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
  await warm(redis.rest, rules, newTenant());
});
afterAll(() => redis.close());

const arrivals = fc.array(
  fc.record({
    // Bursts, pauses within a window, at its edges, and beyond it.
    wait: fc.oneof(
      fc.constantFrom(0, 0, 1, W - 1, W, W + 1, 2 * W),
      fc.integer({ min: 0, max: W / 4 }),
      fc.integer({ min: 0, max: 3 * W }),
    ),
    cost: fc.oneof(fc.constant(1), fc.constant(1), fc.integer({ min: 2, max: 10 })),
    isolate: fc.nat(2),
  }),
  { minLength: 1, maxLength: 40 },
);

describe.each(Object.entries(windows))('%s', (_name, window) => {
  const shape = shapeOf(window);
  const limited = ruleOf(window);

  test('decides like the model, gives the remaining quota and the time of a retry, and keeps its bound', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (requests) => {
        const tenant = newTenant();
        const subject = { tenant, ip: undefined, user: 'u' };
        const clock = { now: NOON };
        const isolates = Array.from({ length: 3 }, () => limitIsolate({ ...redis, now: () => clock.now }));
        const model = createModel(shape);
        for (const { wait, cost, isolate } of requests) {
          clock.now += wait;
          const checked = await isolates[isolate]?.check([limited], subject, cost);
          if (!checked) throw new Error('No such isolate');
          const [state] = checked.verdict.states;
          const expected = model.take(clock.now, cost, checked.commands > 0);
          expect(state?.allowed).toBe(expected.allowed);
          if (checked.commands > 0) expect(state?.remaining).toBe(Math.max(0, remainingOf(expected, model, clock.now)));
          const retryAfterMs = state?.retryAfterMs ?? 0;
          if (!expected.allowed && checked.commands > 0) {
            expect(model.wouldPass(clock.now + retryAfterMs - 1, cost)).toBe(false);
            expect(model.wouldPass(clock.now + retryAfterMs, cost)).toBe(true);
          }
        }
        expect(excessesIn(shape, model.admitted)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a retry at the given time passes, one millisecond earlier it does not', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 10 }), fc.boolean(), async (requests, cost, early) => {
        const subject = { tenant: newTenant(), ip: undefined, user: 'u' };
        const clock = { now: NOON };
        // Each request has an isolate of its own, which has no record of blocks.
        const check = (units: number) =>
          limitIsolate({ ...redis, now: () => clock.now }).check([limited], subject, units);
        for (const { wait, cost: units } of requests) {
          clock.now += wait % W;
          await check(units);
        }
        const { verdict } = await check(cost);
        if (verdict.allowed) return;
        clock.now += (verdict.violated[0]?.retryAfterMs ?? 0) - (early ? 1 : 0);
        expect((await check(cost)).verdict.allowed).toBe(!early);
      }),
      { numRuns: 60 },
    );
  });

  test('50 isolates with 20 requests each, all at once: exactly the limit of requests passes', async () => {
    const hundred = rule('hundred', {
      window: window.kind === 'bucket' ? bucket({ capacity: 100, refill: 1, every: W }) : { ...window, limit: 100 },
      by: 'tenant',
      whenDown: 'closed',
    });
    const subject = { tenant: newTenant(), ip: undefined };
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => limitIsolate({ ...redis, timeout: 60_000 })).flatMap((isolate) =>
        Array.from({ length: 20 }, () => isolate.check([hundred], subject)),
      ),
    );
    expect(verdicts.filter(({ verdict }) => verdict.allowed)).toHaveLength(100);
    expect(verdicts.filter(({ verdict }) => verdict.reason === 'limited')).toHaveLength(900);
  });

  test('all at once with different costs: never more than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 30 }), async (costs) => {
        const subject = { tenant: newTenant(), ip: undefined, user: 'u' };
        const checks = await Promise.all(
          costs.map(async (cost) => ({ cost, ...(await limitIsolate(redis).check([limited], subject, cost)) })),
        );
        const admitted = checks.filter(({ verdict }) => verdict.allowed).reduce((sum, { cost }) => sum + cost, 0);
        expect(admitted).toBeLessThanOrEqual(limited.window.limit);
        expect(admitted).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  test('different clocks: no chunk admits more than the limit, no period refills twice', async () => {
    const skews = fc.tuple(fc.constant(0), fc.integer({ min: -W, max: W }), fc.integer({ min: -5000, max: 5000 }));
    await fc.assert(
      fc.asyncProperty(arrivals, skews, async (requests, ahead) => {
        const subject = { tenant: newTenant(), ip: undefined, user: 'u' };
        const clock = { now: NOON };
        const isolates = ahead.map((skew) => limitIsolate({ ...redis, now: () => clock.now + skew }));
        const admitted: { at: number; cost: number }[] = [];
        for (const { wait, cost, isolate } of requests) {
          clock.now += wait % W;
          const checked = await isolates[isolate]?.check([limited], subject, cost);
          if (checked?.verdict.allowed) admitted.push({ at: clock.now + (ahead[isolate] ?? 0), cost });
        }
        if (shape.kind === 'bucket') {
          const times = admitted.map(({ at }) => at);
          const span = Math.max(...times) - Math.min(...times);
          const sum = admitted.reduce((total, { cost }) => total + cost, 0);
          expect(sum).toBeLessThanOrEqual(shape.limit + Math.ceil(span / shape.everyMs) * shape.refill);
          return;
        }
        const chunks = Map.groupBy(admitted, ({ at }) => Math.floor(at / shape.windowMs));
        for (const events of chunks.values()) {
          expect(events.reduce((total, { cost }) => total + cost, 0)).toBeLessThanOrEqual(shape.limit);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** After a refusal that stays counted, less quota is left than in the model. */
function remainingOf(
  decided: { allowed: boolean; remaining: number },
  model: ReturnType<typeof createModel>,
  at: number,
) {
  if (decided.allowed) return decided.remaining;
  let left = decided.remaining;
  while (left > 0 && !model.wouldPass(at, left)) left -= 1;
  return left;
}
