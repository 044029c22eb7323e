/** Cron expressions in words. */
import { expect, test } from 'vitest';
import { schedules } from '../../../src/app/background.ts';
import { cronInWords } from '../../../src/console/cron.ts';

test.each([
  ['* * * * *', 'every minute'],
  ['*/5 * * * *', 'every 5 minutes'],
  ['0 * * * *', 'every hour on the hour'],
  ['15 * * * *', 'every hour at minute 15'],
  ['30 4 * * *', 'every day at 04:30'],
  ['0 8,20 * * *', 'every day at 08:00 and 20:00'],
  ['0 */6 * * *', 'every 6 hours on the hour'],
  ['5 9-17 * * *', 'at minute 5 of the hours 9 to 17'],
  ['30 2 * * 1', 'on Monday at 02:30'],
  ['30 2 * * 1-5', 'on Monday to Friday at 02:30'],
  ['30 2 * * 7', 'on Sunday at 02:30'],
  ['0 0 1 * *', 'on day 1 of the month at 00:00'],
  ['0 0 1 1 *', 'on day 1 of the month in January at 00:00'],
  ['0 0 13 * 5', 'on day 13 of the month or on Friday at 00:00'],
  ['*/10 8-10 * * *', 'every 10 minutes in the hours 8 to 10'],
  ['5,35 * * * *', 'at the minutes 5 and 35 of every hour'],
])('%s is "%s"', (cron, words) => {
  expect(cronInWords(cron)).toBe(words);
});

test('every schedule of the app has a sentence without a star or a slash', () => {
  for (const { cron } of schedules.values()) expect(cronInWords(cron)).not.toMatch(/[*/]|undefined/);
});

test('a long expression takes no longer than its length', () => {
  const words = cronInWords(`${'1,'.repeat(5_000)}1 * * * *`);
  expect(words.length).toBeLessThan(50_000);
});
