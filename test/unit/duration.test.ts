/** Dates and waits in headers of other services: every form of RFC 9110, and nothing else. */
import { describe, expect, test } from 'vitest';
import { askedWaitOf, readHttpDate, readRetryAfter } from '../../src/platform/duration.ts';

const NOW = Date.UTC(2026, 10, 20, 9, 30);
const DAY = 86_400_000;

describe('a date of HTTP', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['Friday, 20-Nov-76 00:00:00 GMT', Date.UTC(2076, 10, 20)],
    ['Saturday, 20-Nov-77 00:00:00 GMT', Date.UTC(1977, 10, 20)],
  ])('%s is read', (text, ms) => {
    expect(readHttpDate(text, NOW)).toBe(ms);
  });

  test.each(['', 'soon', '2026-11-20', 'Sun, 06 Nov 1994 08:49:37', 'Sun, 06 Foo 1994 08:49:37 GMT', '20 Nov 2026'])(
    '%j is none',
    (text) => {
      expect(readHttpDate(text, NOW)).toBeUndefined();
    },
  );
});

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['86401', DAY],
    ['9'.repeat(400), DAY],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
    [new Date(NOW - 90_000).toUTCString(), 0],
    [new Date(NOW + 2 * DAY).toUTCString(), DAY],
    ['Fri Nov 20 09:31:00 2026', 60_000],
  ])('%j is read in ms, between none and a day', (header, ms) => {
    expect(readRetryAfter(header, NOW)).toBe(ms);
  });

  test.each([null, '', '-5', '1.5', '1e3', '+5', 'soon', '2026-01-01', '120, 120'])('%j is ignored', (header) => {
    expect(readRetryAfter(header, NOW)).toBeUndefined();
  });
});

test('the wait that a failed effect asks for is at most ten minutes', () => {
  const asking = (retryAfterMs?: number) => askedWaitOf(Object.assign(new Error('refused'), { retryAfterMs }));
  expect([asking(30_000), asking(DAY), asking(undefined)]).toEqual([30_000, 600_000, 0]);
  expect([askedWaitOf('refused'), askedWaitOf(undefined)]).toEqual([0, 0]);
});
