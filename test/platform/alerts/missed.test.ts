/** The measure of `missed-schedule`: ticks that no trigger has run, and pauses, which miss nothing. */
import { afterEach, expect, test } from 'vitest';
import { type AlertContext, missedSchedules } from '../../../src/platform/alerts/index.ts';
import { openScheduleWorld, type ScheduleWorld } from '../../support/schedule-world.ts';

let world: ScheduleWorld;
afterEach(() => world.close());

/** Returns the number of missed schedules at a time of 10 January 2027. */
function missedAt(time: string): Promise<number | undefined> {
  const moment = `2027-01-10T${time}:00Z`;
  world.set(moment);
  return world.read(async (scope, schedule) => {
    const { measure } = missedSchedules(() => [schedule]);
    const context = { scope, at: Date.parse(moment) } as unknown as AlertContext;
    return (await measure(context))?.value;
  });
}

test('a tick is missed after 15 minutes without a run, unless the schedule has never run', async () => {
  world = openScheduleWorld({ cron: '0 * * * *' });
  expect(await missedAt('09:30')).toBe(0);
  await world.at('2027-01-10T10:00:00Z');
  expect([await missedAt('11:14'), await missedAt('11:15')]).toEqual([0, 1]);
  await world.at('2027-01-10T12:00:00Z');
  expect(await missedAt('12:30')).toBe(0);
});

test('ticks of a pause are not missed, and ticks after it are', async () => {
  world = openScheduleWorld({ cron: '0 * * * *' });
  await world.at('2027-01-10T10:00:00Z');
  await world.pause('user_1');
  expect(await missedAt('11:30')).toBe(0);
  await world.resume();
  expect([await missedAt('11:50'), await missedAt('12:14'), await missedAt('12:15')]).toEqual([0, 0, 1]);
});
