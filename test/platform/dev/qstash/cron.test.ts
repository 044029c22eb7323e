/** Cron expressions: time zones, clock changes, and refused expressions. */
import { describe, expect, test } from 'vitest';
import { parseCron } from '../../../../dev/qstash/cron.ts';

/** The first times after a given one. */
function times(expression: string, after: string, count: number): string[] {
  const cron = parseCron(expression);
  const found: string[] = [];
  for (let at = Date.parse(after); found.length < count; ) {
    at = cron.next(at) ?? expect.fail('it never runs again');
    found.push(new Date(at).toISOString());
  }
  return found;
}

test('without a zone the fields are in UTC', () => {
  expect(times('30 2 * * *', '2026-03-08T02:30:00Z', 1)).toEqual(['2026-03-09T02:30:00.000Z']);
});

test('with both day fields, one of them has to match', () => {
  expect(times('0 0 1 * MON', '2026-01-01T00:00:00Z', 3)).toEqual([
    '2026-01-05T00:00:00.000Z',
    '2026-01-12T00:00:00.000Z',
    '2026-01-19T00:00:00.000Z',
  ]);
});

describe('when clocks go forward', () => {
  test.each([
    // New York has no 02:30 on 8 March 2026; the gap ends at 03:00 EDT = 07:00Z.
    ['America/New_York', '2026-03-07T12:00:00Z', ['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z']],
    // Berlin has none on 29 March 2026; the gap ends at 03:00 CEST = 01:00Z.
    ['Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
  ])('a time that does not exist runs at the end of the gap in %s', (zone, after, expected) => {
    expect(times(`CRON_TZ=${zone} 30 2 * * *`, after, 2)).toEqual(expected);
  });

  test('a time outside the gap keeps its local time', () => {
    expect(times('CRON_TZ=America/New_York 0 9 * * *', '2026-03-07T00:00:00Z', 3)).toEqual([
      '2026-03-07T14:00:00.000Z',
      '2026-03-08T13:00:00.000Z',
      '2026-03-09T13:00:00.000Z',
    ]);
  });

  test('an hourly expression skips the missing hour', () => {
    expect(times('CRON_TZ=Europe/Berlin 15 * * * *', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T00:15:00.000Z',
      '2026-03-29T01:15:00.000Z',
      '2026-03-29T02:15:00.000Z',
    ]);
  });
});

describe('when clocks go back', () => {
  test.each([
    ['America/New_York', '30 1', '2026-10-31T12:00:00Z', ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z']],
    ['Europe/Berlin', '30 2', '2026-10-24T12:00:00Z', ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
  ])('a time that exists twice runs once in %s, the first time', (zone, time, after, expected) => {
    expect(times(`CRON_TZ=${zone} ${time} * * *`, after, 2)).toEqual(expected);
  });

  test('a half-hourly expression runs in both hours', () => {
    expect(times('CRON_TZ=Europe/Berlin */30 * * * *', '2026-10-24T23:45:00Z', 5)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });
});

test.each([
  [''],
  ['* * * *'],
  ['* * * * * *'],
  ['60 * * * *'],
  ['@daily'],
  ['0 0 30 2 *'],
  ['0 0 L * *'],
  ['0 0 * * MON#1'],
  ['? * * * *'],
  ['1/15 * * * *'],
  ['CRON_TZ=Nowhere/Land * * * * *'],
  ['CRON_TZ= * * * * *'],
  ['TZ=Europe/Berlin * * * * *'],
])('%j is refused', (expression) => {
  expect(() => parseCron(expression)).toThrow(/invalid cron expression/);
});
