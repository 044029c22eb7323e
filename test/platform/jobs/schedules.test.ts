/** A tick runs once: with any number of triggers, with dying processes, and across clock changes of a time zone. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  checkSchedules,
  createSchedules,
  type ScheduleDefinition,
  schedule,
} from '../../../src/platform/jobs/index.ts';
import { openScheduleWorld, type ScheduleWorld } from '../../support/schedule-world.ts';

let world: ScheduleWorld;
afterEach(() => world?.close());
const open = (definition: Omit<ScheduleDefinition, 'run'>, options = {}) => {
  world = openScheduleWorld(definition, options);
  return world;
};
const never = () => new Promise<never>(() => {});

/** Triggers an isolate at each minute between two times of a day. */
async function minutes(from: string, to: string, day = '2027-01-10') {
  const last = Date.parse(`${day}T${to}:00Z`);
  for (let at = Date.parse(`${day}T${from}:00Z`); at <= last; at += 60_000) await world.at(new Date(at).toISOString());
}

describe('a tick', () => {
  test('runs once, although two isolates are triggered simultaneously and repeatedly', async () => {
    open({ cron: '*/15 * * * *' });
    world.set('2027-01-10T10:15:02Z');
    const reports = await Promise.all([world.trigger(0), world.trigger(1), world.trigger(0), world.trigger(1)]);
    await world.at('2027-01-10T10:16:01Z', 1);
    expect(world.begun).toEqual(['10:15']);
    expect(reports.flat()).toHaveLength(1);
  });

  test('costs 1 request and 1 command if nothing is due, and 1 more to run', async () => {
    open({ cron: '*/15 * * * *' });
    await world.at('2027-01-10T10:15:00Z');
    expect(world.asked).toEqual([1, 1]);
    world.asked.length = 0;
    await world.at('2027-01-10T10:16:00Z');
    expect(world.asked).toEqual([1]);
  });

  test('is recorded with its outcome, duration and result', async () => {
    open({ cron: '*/15 * * * *' });
    world.run = async () => ({ rows: 3 });
    await world.at('2027-01-10T10:15:00Z');
    expect(await world.status()).toMatchObject({
      running: null,
      last: { tick: Date.parse('2027-01-10T10:15:00Z'), outcome: 'ok', detail: '{"rows":3}', ms: expect.any(Number) },
      nextTick: Date.parse('2027-01-10T10:30:00Z'),
      counts: { ok: 1, failed: 0 },
    });
  });

  test('before a schedule existed is not made up for', async () => {
    open({ cron: '0 3 * * *' });
    await world.at('2027-01-10T10:15:00Z');
    await world.at('2027-01-11T03:00:30Z');
    expect(world.begun).toEqual(['03:00']);
    expect((await world.status()).counts.missed).toBe(0);
  });
});

describe('a pause', () => {
  test.each(['none', 'latest', 'all'] as const)(
    'starts no run, and its ticks are neither missed nor made up for with catchUp %s',
    async (catchUp) => {
      open({ cron: '*/15 * * * *', catchUp });
      await world.at('2027-01-10T10:00:00Z');
      await world.pause('user_1');
      const { paused } = await world.status();
      expect(paused).toEqual({ at: expect.any(Number), by: 'user_1' });
      world.asked.length = 0;
      await minutes('10:01', '10:47');
      // The pause costs nothing: each trigger sends its claim.
      expect(world.asked).toEqual(Array.from({ length: 47 }, () => 1));
      await world.resume();
      await minutes('10:48', '11:00');
      expect(world.begun).toEqual(['10:00', '11:00']);
      expect(await world.status()).toMatchObject({ paused: null, counts: { ok: 2, missed: 0, skipped: 0 } });
    },
  );

  test.each(['none', 'latest', 'all'] as const)(
    'without a trigger passes its ticks over too, with catchUp %s',
    async (catchUp) => {
      open({ cron: '0 * * * *', catchUp });
      await world.at('2027-01-10T10:00:00Z');
      await world.pause('user_1');
      world.set('2027-01-10T13:00:30Z');
      await world.resume();
      await world.at('2027-01-10T13:01:00Z');
      expect(world.begun).toEqual(['10:00']);
      await world.at('2027-01-10T14:00:00Z');
      expect(world.begun).toEqual(['10:00', '14:00']);
      expect((await world.status()).counts).toMatchObject({ ok: 2, missed: 0 });
    },
  );

  test('that does not exist has no end: a missed tick is made up for', async () => {
    open({ cron: '0 * * * *' });
    await world.at('2027-01-10T10:00:00Z');
    world.set('2027-01-10T13:30:00Z');
    await world.resume();
    expect((await world.status()).resumedAt).toBeNull();
    await world.trigger();
    expect(world.begun).toEqual(['10:00', '13:00']);
  });

  test('of a schedule that is paused already keeps its beginning and its caller', async () => {
    open({ cron: '*/15 * * * *' });
    await world.at('2027-01-10T10:00:00Z');
    await world.pause('user_1');
    const { paused } = await world.status();
    world.set('2027-01-10T10:05:00Z');
    await world.pause('user_2');
    expect((await world.status()).paused).toEqual(paused);
  });

  test('lets a run go on that has begun, and repeats no failed run until its end', async () => {
    open({ cron: '0 10 * * *' });
    world.run = async ({ attempt }) => {
      if (attempt > 1) return;
      await world.pause('user_1');
      throw new Error('no');
    };
    await world.at('2027-01-10T10:00:00Z');
    expect(await world.status()).toMatchObject({ last: { outcome: 'failed' } });
    await minutes('10:01', '10:05');
    expect(world.begun).toEqual(['10:00']);
    await world.resume();
    await minutes('10:06', '10:07');
    expect(world.begun).toEqual(['10:00', '10:00 #2']);
  });

  test('of a schedule that each trigger runs is refused', async () => {
    open({ cron: '* * * * *', exclusive: false });
    await expect(world.pause('user_1')).rejects.toMatchObject({ code: 'JOB_SCHEDULE_NOT_PAUSABLE' });
    await expect(world.resume()).rejects.toMatchObject({ code: 'JOB_SCHEDULE_NOT_PAUSABLE' });
  });
});

describe('failures', () => {
  test('a tick whose process dies runs again exactly after its lease', async () => {
    open({ cron: '0 * * * *', timeout: '5m' });
    world.run = never;
    world.set('2027-01-10T10:00:00Z');
    void world.trigger(0);
    await expect.poll(() => world.begun).toEqual(['10:00']);
    expect((await world.status()).running).toMatchObject({ attempt: 1 });
    world.run = async () => undefined;
    await minutes('10:01', '10:05');
    expect(world.begun).toEqual(['10:00']);
    await minutes('10:06', '10:08');
    expect(world.begun).toEqual(['10:00', '10:00 #2']);
    expect(await world.status()).toMatchObject({ running: null, last: { outcome: 'ok' } });
  });

  test('a late run cannot end the run that replaced it', async () => {
    open({ cron: '0 * * * *', timeout: '1m' });
    const held = Promise.withResolvers<void>();
    world.run = () => held.promise;
    world.set('2027-01-10T10:00:00Z');
    const late = world.trigger(0);
    await expect.poll(() => world.begun).toEqual(['10:00']);
    world.run = never;
    world.set('2027-01-10T10:02:00Z');
    void world.trigger(1);
    await expect.poll(() => world.begun).toEqual(['10:00', '10:00 #2']);
    held.resolve();
    expect(await late).toMatchObject([{ outcome: 'stale' }]);
    expect(await world.status()).toMatchObject({ running: { attempt: 2 }, last: null });
  });

  test('a tick whose process dies each time ends after its last attempt', async () => {
    open({ cron: '0 10 * * *', attempts: 2 });
    world.run = never;
    for (const minute of ['00', '02']) {
      world.set(`2027-01-10T10:${minute}:00Z`);
      void world.trigger(0);
      await expect.poll(() => world.begun.length).toBe(minute === '00' ? 1 : 2);
    }
    await minutes('10:03', '10:06');
    expect(world.begun).toEqual(['10:00', '10:00 #2']);
    expect(await world.status()).toMatchObject({ running: null, last: { outcome: 'crashed' }, counts: { crashed: 1 } });
  });

  test('a run that does not end is recorded as a timeout after its time limit', async () => {
    open({ cron: '0 * * * *', timeout: '5m' });
    world.run = never;
    world.timesOut = true;
    const [report] = await world.at('2027-01-10T10:00:00Z');
    expect(report?.outcome).toBe('timeout');
    expect(await world.status()).toMatchObject({
      last: { outcome: 'timeout', detail: 'JobError JOB_TIMEOUT' },
      counts: { ok: 0, failed: 0, timeout: 1 },
    });
  });

  test('a failure is recorded without its message, and retried a minute later', async () => {
    open({ cron: '0 10 * * *' });
    world.run = async ({ attempt }) => {
      if (attempt < 3) throw new Error('S3cret');
    };
    await world.at('2027-01-10T10:00:00Z');
    expect(await world.status()).toMatchObject({ last: { outcome: 'failed', detail: 'Error' } });
    await minutes('10:01', '10:05');
    expect(world.begun).toEqual(['10:00', '10:00 #2', '10:00 #3']);
    expect(await world.status()).toMatchObject({ last: { outcome: 'ok' }, counts: { ok: 1, failed: 2 } });
    expect(world.lines().join()).not.toContain('S3cret');
  });

  test('a newer tick replaces a failed one', async () => {
    open({ cron: '* * * * *' });
    world.run = async () => {
      throw new Error('no');
    };
    await minutes('10:00', '10:02');
    expect(world.begun).toEqual(['10:00', '10:01', '10:02']);
  });

  test('a lost answer costs a repeated request, neither a tick nor a second run', async () => {
    open({ cron: '* * * * *' });
    await world.at('2027-01-10T09:59:00Z');
    world.asked.length = 0;
    world.lost = 1;
    await world.at('2027-01-10T10:00:00Z');
    expect(world.asked).toEqual([1, 1, 1]);
    world.run = async () => {
      world.lost = 1;
    };
    await world.at('2027-01-10T10:01:00Z');
    expect(world.begun).toEqual(['09:59', '10:00', '10:01']);
    expect(await world.status()).toMatchObject({ running: null });
  });

  test('while Redis is down, exclusive schedules are skipped, and that is logged', async () => {
    open({ cron: '* * * * *' });
    world.down = true;
    expect(await world.at('2027-01-10T10:00:00Z')).toEqual([]);
    expect(world.lines().filter((line) => line.includes('schedules.unclaimed'))).toHaveLength(1);
    await world.close();
    open({ cron: '* * * * *', exclusive: false });
    world.down = true;
    expect(await world.at('2027-01-10T10:00:00Z')).toMatchObject([{ outcome: 'ok' }]);
  });
});

describe('a schedule that is not exclusive', () => {
  test('4/B3: runs at each trigger, and is counted within the 1 request and 1 command of the trigger', async () => {
    open({ cron: '* * * * *', exclusive: false });
    world.set('2027-01-10T10:00:00Z');
    await Promise.all([world.trigger(0), world.trigger(1)]);
    await world.at('2027-01-10T10:01:00Z');
    expect(world.begun).toEqual(['10:00', '10:00', '10:01']);
    expect(world.asked).toEqual([1, 1, 1]);
    expect(await world.status()).toMatchObject({
      last: { tick: Date.parse('2027-01-10T10:01:00Z'), outcome: 'ok', ms: null, detail: null },
      counts: { ok: 3, failed: 0 },
    });
  });

  test('4/B3: a run with work, or a failed one, is recorded for 1 request and 1 command more', async () => {
    open({ cron: '* * * * *', exclusive: false });
    world.run = async () => ({ settled: 3 });
    await world.at('2027-01-10T10:00:00Z');
    expect(await world.status()).toMatchObject({
      last: { outcome: 'ok', ms: expect.any(Number), detail: '{"settled":3}' },
      counts: { ok: 1, failed: 0 },
    });
    world.run = async () => {
      throw new Error('no');
    };
    await world.at('2027-01-10T10:01:00Z');
    expect(await world.status()).toMatchObject({
      last: { outcome: 'failed', detail: 'Error' },
      counts: { ok: 1, failed: 1 },
    });
    world.run = async () => undefined;
    await world.at('2027-01-10T10:02:00Z');
    expect(await world.status()).toMatchObject({ last: { outcome: 'ok', detail: null }, counts: { ok: 2, failed: 1 } });
    expect(world.asked).toEqual([1, 1, 1, 1, 1, 1]);
    await world.at('2027-01-10T10:03:00Z');
    expect(await world.status()).toMatchObject({
      last: { outcome: 'ok', ms: null, detail: null },
      counts: { ok: 3, failed: 1 },
    });
    expect(world.asked).toHaveLength(7);
  });

  test('a trigger that repeats its request after a lost answer is counted once', async () => {
    open({ cron: '* * * * *', exclusive: false });
    world.lost = 1;
    await world.at('2027-01-10T10:00:00Z');
    expect(world.asked).toEqual([1, 1]);
    expect((await world.status()).counts).toMatchObject({ ok: 1 });
  });
});

describe('time zones', () => {
  const berlin = { tz: 'Europe/Berlin' };

  test('a missing local time runs at the end of the gap', async () => {
    open({ cron: '30 2 * * *', ...berlin });
    for (const at of ['27T01:30', '28T00:30', '28T01:00', '28T01:30', '29T00:30', '29T01:30']) {
      await world.at(`2027-03-${at}:10Z`);
    }
    // 02:30 is 01:30 UTC in winter and 00:30 UTC in summer; on the 28th clocks go from 02:00 to 03:00, at 01:00 UTC.
    expect(world.begun).toEqual(['01:30', '03-28 01:00', '03-29 00:30']);
  });

  test('a fixed time that exists twice runs once, an hourly schedule in every hour', async () => {
    open({ cron: '30 2 * * *', ...berlin });
    for (const at of ['30T00:30', '31T00:30', '31T01:30']) await world.at(`2027-10-${at}:10Z`);
    expect(world.begun).toEqual(['00:30', '10-31 00:30']);
    await world.close();
    open({ cron: '30 * * * *', ...berlin });
    for (const at of ['30T23:30', '31T00:30', '31T01:30', '31T02:30']) await world.at(`2027-10-${at}:10Z`);
    expect(world.begun).toHaveLength(4);
  });
});

describe('a declaration', () => {
  const run = async () => {};
  const wrong: Record<string, [string, ScheduleDefinition]> = {
    'a name with capitals': ['Nightly', { cron: '* * * * *', run }],
    'four fields': ['a', { cron: '* * * *', run }],
    'six fields': ['a', { cron: '* * * * * *', run }],
    'a nickname': ['a', { cron: '@daily', run }],
    'a timeout of an hour': ['a', { cron: '* * * * *', timeout: '1h', run }],
    'no attempts': ['a', { cron: '* * * * *', attempts: 0, run }],
    'all, and skipping': ['a', { cron: '* * * * *', catchUp: 'all', overlap: 'skip', run }],
  };
  test.each(Object.entries(wrong))('with %s is refused', (_what, [name, definition]) => {
    expect(() => schedule(name, definition)).toThrow(expect.objectContaining({ code: 'JOB_DEFINITION' }));
  });

  const impossible: Record<string, Pick<ScheduleDefinition, 'cron' | 'tz'>> = {
    'minute 61': { cron: '61 * * * *' },
    'a day that never comes': { cron: '0 0 30 2 *' },
    'an unknown time zone': { cron: '* * * * *', tz: 'Mars/Olympus' },
  };
  test.each(Object.entries(impossible))('with %s is refused by the check of the build', (_what, times) => {
    const schedules = createSchedules([
      schedule('sound', { cron: '* * * * *', run }),
      schedule('reports.nightly', { ...times, run }),
    ]);
    expect(() => checkSchedules(schedules)).toThrow(
      expect.objectContaining({
        code: 'JOB_DEFINITION',
        message: expect.stringMatching(/^Schedule reports\.nightly: /),
      }),
    );
  });

  test('with an unknown time zone is refused with the name of the zone', () => {
    const schedules = createSchedules([schedule('mars', { cron: '* * * * *', tz: 'Mars/Olympus', run })]);
    expect(() => checkSchedules(schedules)).toThrow(/Mars\/Olympus is not a time zone/);
  });

  test.each(Object.entries(impossible))('with %s is refused by the first trigger', async (_what, times) => {
    open(times);
    await expect(world.at('2027-10-30T00:30:00Z')).rejects.toThrow(expect.objectContaining({ code: 'JOB_DEFINITION' }));
  });

  test('of a second schedule of the same name is refused', () => {
    const one = schedule('a', { cron: '* * * * *', run });
    expect(() => createSchedules([one, one])).toThrow(expect.objectContaining({ code: 'JOB_DEFINITION' }));
  });
});
