/** The buckets of months: in every time zone, every month begins where a bucket begins. */
import { expect, test } from 'vitest';
import { startOfMonth } from '../../../src/crm/tenant/settings.ts';
import { monthBucket } from '../../../src/platform/numbers/index.ts';

test('the months of every zone from 1980 to 2060 begin with a bucket', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  expect(zones.length).toBeGreaterThan(400);
  const outside: string[] = [];
  // Two months of each year, in summer and in winter, have all offsets: zones change them rarely.
  for (const zone of zones) {
    for (let year = 1980; year <= 2060; year += 1) {
      for (const month of [`${year}-02`, `${year}-08`]) {
        const begin = startOfMonth(month, zone);
        try {
          monthBucket(begin);
        } catch {
          outside.push(`${zone} ${begin.toISOString()}`);
        }
      }
    }
  }
  expect(outside).toEqual([]);
});

test('a bucket is named by its first minute', () => {
  expect(monthBucket(new Date('2026-10-31T10:00:00Z'))).toBe('2026-10-31T10:00');
  expect(monthBucket(new Date('2026-11-01T00:00:00Z'))).toBe('2026-11-01T00:00');
  expect(monthBucket(new Date('2026-11-01T12:00:00Z'))).toBe('2026-11-01T12:00');
});

test.each(['2026-10-31T09:45:00Z', '2026-11-01T12:15:00Z', '2026-11-01T00:10:00Z', '2026-11-15T00:00:00Z'])(
  'no month begins at %s',
  (moment) => {
    expect(() => monthBucket(new Date(moment))).toThrow(RangeError);
  },
);
