/** Ticks that became due during an outage, or during the run of an earlier tick. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ScheduleDefinition } from '../../../src/platform/jobs/index.ts';
import { openScheduleWorld, type ScheduleWorld } from '../../support/schedule-world.ts';

let world: ScheduleWorld;
afterEach(() => world?.close());
const open = (definition: Omit<ScheduleDefinition, 'run'>) => {
  world = openScheduleWorld(definition);
  return world;
};

describe('after an outage of three hours', () => {
  const hourly = { cron: '0 * * * *' };
  async function outage(definition: Omit<ScheduleDefinition, 'run'>) {
    open(definition);
    await world.at('2027-01-10T10:00:00Z');
    world.begun.length = 0;
    await world.at('2027-01-10T13:30:00Z');
    await world.at('2027-01-10T13:31:00Z');
  }

  test('none: no tick is made up for, and the next tick runs at its time', async () => {
    await outage({ ...hourly, catchUp: 'none' });
    expect(world.begun).toEqual([]);
    await world.at('2027-01-10T14:00:00Z');
    expect(world.begun).toEqual(['14:00']);
    expect((await world.status()).counts.missed).toBe(1);
  });

  test('latest: the last tick is made up for', async () => {
    await outage({ ...hourly, catchUp: 'latest' });
    expect(world.begun).toEqual(['13:00']);
  });

  test('all: each tick is made up for, in order, by one trigger', async () => {
    await outage({ ...hourly, catchUp: 'all' });
    expect(world.begun).toEqual(['11:00', '12:00', '13:00']);
    expect((await world.status()).counts.ok).toBe(4);
  });

  test('all, with a tick each minute: a hundred ticks per trigger, until none is left', async () => {
    open({ cron: '* * * * *', catchUp: 'all' });
    await world.at('2027-01-10T10:00:00Z');
    world.begun.length = 0;
    await world.at('2027-01-10T13:00:00Z');
    expect(world.begun).toHaveLength(100);
    await world.at('2027-01-10T13:01:00Z');
    expect(world.begun).toHaveLength(181);
    expect(new Set(world.begun).size).toBe(181);
  });

  test('all: two isolates share the ticks, and none runs twice', async () => {
    open({ ...hourly, catchUp: 'all' });
    await world.at('2027-01-10T10:00:00Z');
    world.begun.length = 0;
    world.set('2027-01-10T18:30:00Z');
    await Promise.all([world.trigger(0), world.trigger(1)]);
    await world.trigger(0);
    expect(world.begun).toEqual(['11:00', '12:00', '13:00', '14:00', '15:00', '16:00', '17:00', '18:00']);
  });

  test('all: a failing tick blocks later ones until its attempts are used up', async () => {
    open({ ...hourly, catchUp: 'all', attempts: 2 });
    await world.at('2027-01-10T10:00:00Z');
    world.begun.length = 0;
    world.run = async ({ tick }) => {
      if (new Date(tick).getUTCHours() === 11) throw new Error('no');
    };
    await world.at('2027-01-10T12:30:00Z');
    expect(world.begun).toEqual(['11:00']);
    await world.at('2027-01-10T12:31:00Z');
    await world.at('2027-01-10T12:32:00Z');
    expect(world.begun).toEqual(['11:00', '11:00 #2', '12:00']);
  });
});

describe('a tick that becomes due during a run', () => {
  /** Holds the run of 10:00 until it is released. */
  async function during(definition: Pick<ScheduleDefinition, 'overlap' | 'catchUp'>) {
    open({ cron: '* * * * *', timeout: '10m', ...definition });
    const held = Promise.withResolvers<void>();
    world.run = () => held.promise;
    world.set('2027-01-10T10:00:00Z');
    const running = world.trigger(0);
    await expect.poll(() => world.begun).toEqual(['10:00']);
    world.run = async () => undefined;
    await world.at('2027-01-10T10:01:00Z', 1);
    await world.at('2027-01-10T10:02:00Z', 1);
    expect(world.begun).toEqual(['10:00']);
    held.resolve();
    await running;
    await world.trigger(1);
  }

  test('skip: does not run', async () => {
    await during({ overlap: 'skip' });
    expect(world.begun).toEqual(['10:00']);
    expect((await world.status()).counts.skipped).toBe(2);
    await world.at('2027-01-10T10:03:00Z');
    expect(world.begun).toEqual(['10:00', '10:03']);
  });

  test.each(['none', 'latest'] as const)('queue, %s: only the last one runs afterwards', async (catchUp) => {
    await during({ overlap: 'queue', catchUp });
    expect(world.begun).toEqual(['10:00', '10:02']);
  });

  test('queue, all: each runs afterwards', async () => {
    await during({ overlap: 'queue', catchUp: 'all' });
    await world.trigger(1);
    expect(world.begun).toEqual(['10:00', '10:01', '10:02']);
  });
});
