/** The counters of one isolate: buckets, quantiles, and bounds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, createCounters, FIRST_BUCKET, LAST_BUCKET } from '../../../src/platform/counters/counters.ts';
import { histogramOf, upperBoundOf } from '../../../src/platform/counters/histogram.ts';

const histogram = (values: readonly number[]) => {
  const buckets = new Map<number, number>();
  for (const value of values) buckets.set(bucketOf(value), (buckets.get(bucketOf(value)) ?? 0) + 1);
  return histogramOf(
    buckets,
    values.reduce((one, other) => one + other, 0),
  );
};

test('a duration is in the bucket whose bounds enclose it; powers of two are upper bounds', () => {
  for (let power = -2; power <= 15; power += 1) expect(upperBoundOf(bucketOf(2 ** power))).toBeCloseTo(2 ** power, 9);
  fc.assert(
    fc.property(fc.double({ min: 0.25, max: 60_000, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms);
      expect(ms).toBeLessThanOrEqual(upperBoundOf(bucket) * (1 + 1e-6));
      expect(ms).toBeGreaterThanOrEqual(upperBoundOf(bucket - 1) * (1 - 1e-6));
    }),
  );
  for (const ms of [0, -5, Number.NaN, 0.001]) expect(bucketOf(ms)).toBe(FIRST_BUCKET);
  expect(bucketOf(1e9)).toBe(LAST_BUCKET);
});

test('a quantile is within 10 % of the exact quantile of the same durations', () => {
  const durations = fc.array(fc.double({ min: 0.3, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (values, share) => {
      const sorted = values.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1] as number;
      const found = histogram(values).quantile(share) as number;
      expect(Math.abs(found - exact) / exact).toBeLessThan(0.1);
    }),
  );
});

test('the number of durations up to a power of two, the mean and the count are exact', () => {
  const known = histogram([1, 2, 3, 4, 5, 1000]);
  expect([known.count, known.mean, known.atMost(1), known.atMost(4), known.atMost(8192)]).toEqual([
    6,
    1015 / 6,
    1,
    4,
    6,
  ]);
  expect([histogram([]).mean, histogram([]).quantile(0.5)]).toEqual([null, null]);
});

test('an open label keeps 200 texts; further texts are counted as "other", and known ones still under their name', () => {
  const counters = createCounters({ now: () => 0, token: () => 'one' });
  for (let query = 0; query < 1_000; query += 1) counters.count('cache.sets', { query: `query-${query}` });
  counters.count('cache.sets', { query: 'query-7' });
  const pending = counters.pending();
  expect([pending.size, pending.get('cache.sets|other'), pending.get('cache.sets|query-7')]).toEqual([201, 800, 2]);
});

test('no label breaks the form of a field', () => {
  const counters = createCounters({ now: () => 0, token: () => 'one' });
  counters.count('limits.requests', { rule: 'a|allowed\n', outcome: 'limited' });
  counters.count('cache.sets', { query: 'x'.repeat(1_000) });
  expect([...counters.pending().keys()]).toEqual([
    'limits.requests|a_allowed_|limited',
    `cache.sets|${'x'.repeat(120)}`,
  ]);
});

test('an isolate that cannot flush for days keeps at most 60 minutes, and every count', () => {
  let now = 0;
  const counters = createCounters({ now: () => now, token: () => 'one' });
  for (let minute = 0; minute < 3_000; minute += 1) {
    counters.count('cache.sets', { query: 'one' });
    now += 60_000;
  }
  expect(counters.pending().get('cache.sets|one')).toBe(3_000);
});
