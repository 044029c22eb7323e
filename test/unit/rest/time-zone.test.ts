/** Days of time zones, compared with the Temporal polyfill. */
import { describe, expect, test } from 'vitest';
import { addDays, dayIn, startOfDay, timeIn, timeZoneName } from '../../../src/platform/rest/index.ts';
import { localDay } from '../../support/local-day.ts';

/** Zones with changes at midnight (Santiago, Cairo, Beirut, Havana), of 30 minutes (Lord Howe), and far offsets. */
const ZONES = [
  ...['UTC', 'Pacific/Auckland', 'America/Los_Angeles', 'Europe/Berlin', 'America/Santiago', 'Africa/Cairo'],
  ...['Asia/Beirut', 'America/Havana', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Kiritimati'],
  ...['Pacific/Pago_Pago', 'Pacific/Chatham', 'America/St_Johns', 'America/Asuncion'],
];

test.each(ZONES)('in %s each of 800 days begins at its first moment', (zone) => {
  for (let day = '2025-12-20'; day < '2028-02-28'; day = addDays(day, 1)) {
    const start = startOfDay(day, zone);
    expect([localDay(zone, start - 1), localDay(zone, start)]).toEqual([addDays(day, -1), day]);
    expect([dayIn(zone, start - 1), dayIn(zone, start)]).toEqual([addDays(day, -1), day]);
  }
});

test('a day whose midnight is skipped begins at the end of the gap', () => {
  const start = startOfDay('2026-09-06', 'America/Santiago');
  expect([new Date(start).toISOString(), timeIn('America/Santiago', start)]).toEqual([
    '2026-09-06T04:00:00.000Z',
    '01:00',
  ]);
});

test('a day that a zone skips begins with the next day', () => {
  expect(startOfDay('2011-12-30', 'Pacific/Apia')).toBe(startOfDay('2011-12-31', 'Pacific/Apia'));
});

describe('the name of a time zone', () => {
  test.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['UTC', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('%s is %s', (text, name) => {
    expect(timeZoneName(text)).toBe(name);
  });

  test.each(['Mars/Olympus', '+02:00', '', ' UTC', 'Europe/Berlin\n', '../etc', 'x'.repeat(100)])(
    '%j is no name',
    (text) => {
      expect(timeZoneName(text)).toBeNull();
    },
  );
});
