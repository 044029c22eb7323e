/** Schedules on a Redis that refuses, and on one that forgets. */
import { afterEach, expect, test } from 'vitest';
import { openScheduleWorld, type ScheduleWorld } from '../../support/schedule-world.ts';
import { CLOSED, describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();
let world: ScheduleWorld;

function open(definition: Parameters<typeof openScheduleWorld>[0]): void {
  const { url, token } = redis.rest();
  world = openScheduleWorld(definition, {
    environment: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
  });
}

afterEach(() => world?.close());

describeFaults('schedules', () => {
  test.each(STATES)('%s: a tick does not run without its claim, and is made up for later', async (state) => {
    open({ cron: '0 * * * *', catchUp: 'latest' });
    await world.at('2026-11-28T09:00:10Z');
    await redis.make(state);
    await world.at('2026-11-28T10:00:10Z');
    expect(world.begun).toEqual(['09:00']);
    expect(world.lines().join()).toContain('schedules.unclaimed');
    await redis.heal();
    await world.at('2026-11-28T10:05:10Z');
    expect(world.begun).toEqual(['09:00', '10:00']);
  });

  test.each(STATES)('%s: a schedule without claims runs at each trigger', async (state) => {
    open({ cron: '* * * * *', exclusive: false });
    await redis.make(state);
    await world.at('2026-11-28T09:00:10Z');
    await world.at('2026-11-28T09:01:10Z');
    expect(world.begun).toEqual(['09:00', '09:01']);
  });

  test('full: a run under way can end', async () => {
    open({ cron: '0 * * * *', attempts: 2 });
    world.run = () => redis.make('full');
    expect(await world.at('2026-11-28T09:00:10Z')).toMatchObject([{ outcome: 'ok' }]);
    await redis.heal();
    await world.at('2026-11-28T09:59:10Z');
    expect(world.begun).toEqual(['09:00']);
  });

  test.each(CLOSED)(
    '%s: a run whose end is not accepted is repeated after its lease, if attempts are left',
    async (state) => {
      open({ cron: '0 * * * *', attempts: 2 });
      world.run = () => redis.make(state);
      expect(await world.at('2026-11-28T09:00:10Z')).toMatchObject([{ outcome: 'stale' }]);
      await redis.heal();
      world.run = async () => undefined;
      await world.at('2026-11-28T09:01:10Z');
      await world.at('2026-11-28T09:30:10Z');
      expect(world.begun).toEqual(['09:00', '09:00 #2']);
    },
  );

  test('a failover that forgets the claim of a tick: a trigger within 90 s runs the tick again', async () => {
    open({ cron: '0 * * * *' });
    await world.at('2026-11-28T08:00:10Z');
    await redis.forget(() => world.at('2026-11-28T09:00:10Z'));
    await world.at('2026-11-28T09:01:10Z');
    await world.at('2026-11-28T09:02:10Z');
    expect(world.begun).toEqual(['08:00', '09:00', '09:00']);
  });
});
