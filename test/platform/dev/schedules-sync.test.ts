/** `npm run schedules:sync`: the schedule that it keeps at QStash, the ticks of this schedule, and its messages. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from '@upstash/qstash';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSchedules, type ScheduleContext, schedule } from '../../../src/platform/jobs/index.ts';
import {
  syncTickSchedule,
  TICK_SCHEDULE_ID,
  type TickScheduleAction,
} from '../../../src/platform/jobs/qstash/tick-schedule.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const COMMAND = fileURLToPath(new URL('../../../dev/commands/schedules-sync.ts', import.meta.url));
const MINUTE = 60_000;

let world: JobWorld;
let client: Client;
let ran: number[];
let work: (context: ScheduleContext) => Promise<unknown>;
const minutely = schedule(`minutely.${randomBytes(4).toString('hex')}`, {
  cron: '* * * * *',
  async run(context) {
    ran.push(context.tick);
    return work(context);
  },
});

beforeAll(async () => {
  world = await openJobWorld([], createSchedules([minutely]));
  const { url: baseUrl, token } = world.qstash;
  client = new Client({ baseUrl, token, retry: false, enableTelemetry: false });
});
beforeEach(() => {
  ran = [];
  work = async () => {};
});
afterEach(() => client.schedules.delete(TICK_SCHEDULE_ID));
afterAll(() => world.close());

const sync = (action: TickScheduleAction = 'sync', deliverTo = world.url) =>
  syncTickSchedule(client, { action, deliverTo });
const settings = () => client.schedules.get(TICK_SCHEDULE_ID);
const refusals = () => world.app.test.lines.filter((line) => line.includes('jobs.not_from_qstash'));
/** Runs Cloudflare's trigger for a minute and returns the schedules that ran. */
const cloudflare = async (at: number) =>
  (await world.app.test.platform.scheduled(at)).filter((report) => report.schedule === minutely.name);

describe('its ticks', () => {
  test('run due schedules once each minute, even with another trigger', async () => {
    await sync();
    for (let minute = 1; minute <= 3; minute += 1) {
      await world.advance(MINUTE);
      expect(ran).toHaveLength(minute);
      expect(await cloudflare(ran.at(-1) ?? 0)).toEqual([]);
    }
    expect(new Set(ran).size).toBe(3);
    expect(refusals()).toEqual([]);
  });

  test('run a schedule once if both triggers come at the same time', async () => {
    await sync();
    const held = Promise.withResolvers<void>();
    work = () => held.promise;
    const advancing = world.advance(MINUTE);
    await expect.poll(() => ran).toHaveLength(1);
    expect(await cloudflare(ran[0] ?? 0)).toEqual([]);
    held.resolve();
    await advancing;
    expect(ran).toHaveLength(1);
  });

  test('are not repeated when they fail: the next tick makes up for it', async () => {
    await sync('sync', `${world.url}/nowhere`);
    await world.advance(MINUTE);
    expect(await world.deadLetters()).toContainEqual(expect.objectContaining({ responseStatus: 404 }));
    await sync();
    await world.advance(MINUTE);
    expect(ran).toHaveLength(1);
  });
});

describe('the schedule', () => {
  test('is created once; a second call changes nothing', async () => {
    expect(await sync()).toEqual({ done: 'created', changes: [], isPaused: false });
    const created = await settings();
    expect(created).toMatchObject({
      ...{ destination: `${world.url}/schedules/tick`, cron: '* * * * *', method: 'POST', retries: 0 },
      header: { 'Content-Type': ['application/json'] },
    });
    await world.advance(1);
    expect(await sync()).toEqual({ done: 'unchanged', changes: [], isPaused: false });
    expect(await client.schedules.list()).toEqual([created]);
  });

  test('follows APP_URL, and is corrected after a change by hand', async () => {
    await sync();
    const { createdAt } = await settings();
    const elsewhere = 'https://elsewhere.example';
    expect(await sync('sync', elsewhere)).toEqual({
      done: 'updated',
      changes: [`destination: ${world.url}/schedules/tick → ${elsewhere}/schedules/tick`],
      isPaused: false,
    });
    expect(await settings()).toMatchObject({ createdAt, destination: `${elsewhere}/schedules/tick` });
    const destination = `${world.url}/schedules/tick`;
    await client.schedules.create({ scheduleId: TICK_SCHEDULE_ID, destination, cron: '0 0 * * *', retries: 7 });
    expect((await sync()).changes).toEqual([
      'cron: 0 0 * * * → * * * * *',
      'retries: 7 → 0',
      'label: none → tick-timeout-15m',
    ]);
    expect(await sync()).toMatchObject({ done: 'unchanged' });
  });

  test('can be paused, stays paused through changes, and can be resumed', async () => {
    await sync();
    expect(await sync('pause')).toMatchObject({ done: 'paused', isPaused: true });
    expect(await sync('pause')).toMatchObject({ done: 'unchanged', isPaused: true });
    expect(await sync()).toMatchObject({ done: 'unchanged', isPaused: true });
    await sync('sync', 'https://elsewhere.example');
    expect(await sync()).toMatchObject({ done: 'updated', isPaused: true });
    await world.advance(2 * MINUTE);
    expect([ran, (await settings()).isPaused]).toEqual([[], true]);
    expect(await sync('resume')).toMatchObject({ done: 'resumed', isPaused: false });
    expect(await sync('resume')).toMatchObject({ done: 'unchanged', isPaused: false });
    await world.advance(MINUTE);
    expect(ran).toHaveLength(1);
  });

  test('can be removed; every action reports a missing schedule and changes nothing', async () => {
    await sync();
    expect(await sync('remove')).toMatchObject({ done: 'removed' });
    await world.advance(2 * MINUTE);
    expect([ran, await client.schedules.list()]).toEqual([[], []]);
    for (const action of ['remove', 'pause', 'resume'] as const) {
      expect(await sync(action)).toMatchObject({ done: 'missing' });
    }
    expect(await client.schedules.list()).toEqual([]);
  });
});

// Each run is a process of its own, which takes seconds on a busy machine.
describe('the command', () => {
  /** Runs the command as a deployment does, and checks that its output never has the token. */
  async function run(args: string[] = [], variables: Record<string, string | undefined> = {}) {
    const { url: QSTASH_URL, token: QSTASH_TOKEN } = world.qstash;
    const local = { HOLDFAST_MODE: 'local', APP_URL: `${world.url}/`, QSTASH_URL, QSTASH_TOKEN };
    const env = { PATH: process.env['PATH'], ...local, ...variables };
    const { promise, resolve } = Promise.withResolvers<{ code: number; text: string }>();
    const child = execFile(process.execPath, [COMMAND, ...args], { env }, (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, text: out + err });
    });
    const ended = await promise;
    expect(ended.text).not.toContain(env.QSTASH_TOKEN ?? '<none>');
    return ended;
  }

  test('reports a creation, and reports when there is nothing to do', async () => {
    const where = `POST ${world.url}/schedules/tick each minute\n`;
    expect(await run()).toEqual({ code: 0, text: `holdfast-tick created\n${where}` });
    expect(await run()).toEqual({
      code: 0,
      text: `holdfast-tick is up to date, nothing changed\n${where}`,
    });
    expect(await run(['--pause'])).toEqual({
      code: 0,
      text: 'holdfast-tick paused\nPaused: use --resume to continue\n',
    });
    expect(await run(['--remove'])).toEqual({ code: 0, text: 'holdfast-tick removed\n' });
    expect(await run(['--resume'])).toEqual({
      code: 1,
      text: 'holdfast-tick is not there\nRun it without options to create it\n',
    });
  });

  test('only reports the changes with the option for that', async () => {
    expect(await run(['--dry-run'])).toEqual({ code: 0, text: 'holdfast-tick would be created\n' });
    expect(await client.schedules.list()).toEqual([]);
    await sync();
    const before = await settings();
    for (const args of [['--pause'], ['--remove']])
      expect((await run([...args, '--dry-run'])).text).toMatch(/would be/);
    const { text } = await run(['--dry-run'], { APP_URL: 'https://elsewhere.example' });
    expect(text).toBe(
      `holdfast-tick would be updated\n  destination: ${world.url}/schedules/tick → https://elsewhere.example/schedules/tick\n`,
    );
    expect(await settings()).toEqual(before);
  });

  test('keeps several deployments apart by --id', async () => {
    await sync();
    await run(['--id', 'staging'], { APP_URL: 'https://staging.example' });
    const destinations = (await client.schedules.list()).map(({ scheduleId, destination }) => [
      scheduleId,
      destination,
    ]);
    await client.schedules.delete('staging');
    expect(destinations).toEqual([
      [TICK_SCHEDULE_ID, `${world.url}/schedules/tick`],
      ['staging', 'https://staging.example/schedules/tick'],
    ]);
  });

  test.each([
    ['no variables', [], { APP_URL: undefined, QSTASH_TOKEN: undefined }, /APP_URL: .*; QSTASH_TOKEN: /],
    ['a wrong address', [], { APP_URL: 'api.example.com' }, /APP_URL: /],
    ['an unknown token', [], { QSTASH_TOKEN: 'S3cret' }, /QStash does not know QSTASH_TOKEN\n$/],
    ['an unreachable QStash', [], { QSTASH_URL: 'http://127.0.0.1:1' }, /QSTASH_URL cannot be reached: .*\n$/],
    ['two actions', ['--pause', '--remove'], {}, /^Give one of /],
    ['an unknown option', ['--stop'], {}, /--stop/],
  ])('with %s reports the mistake', async (_what, args, variables, message) => {
    expect(await run(args, variables)).toEqual({ code: 1, text: expect.stringMatching(message) });
    expect(await client.schedules.list()).toEqual([]);
  });
});
