/** Schedules over HTTP: their status, running one by hand, and QStash's trigger. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signDelivery } from '../../../dev/qstash/signature.ts';
import { createSchedules, type ScheduleContext, schedule } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';

let world: JobWorld;
let ran: string[];
let work: (context: ScheduleContext) => Promise<unknown>;
const suffix = randomBytes(4).toString('hex');
const own = (name: string, cron: string) =>
  schedule(`${name}.${suffix}`, {
    cron,
    async run(context) {
      ran.push(name);
      return work(context);
    },
  });
const minutely = own('minutely', '* * * * *');
const yearly = own('yearly', '0 0 1 1 *');

beforeAll(async () => {
  world = await openJobWorld([], createSchedules([minutely, yearly]));
});
beforeEach(async () => {
  await world.clear();
  Object.assign(world.app.test.platform.scope().environment, { OPERATOR_TENANT: world.tenant.id });
  ran = [];
  work = async () => ({ done: true });
});
afterAll(() => world.close());

const ask = (path: string, method = 'GET', key = world.tenant.keys.all) =>
  world.app.test.request(path, { method, key });
const body = async (response: Promise<Response>) => (await (await response).json()) as Record<string, unknown>;

describe('a trigger of QStash', () => {
  async function deliver({ key = 'sig_jobs_current', url = `${world.url}/schedules/tick`, signed = '{}' } = {}) {
    const { system } = world.app.test.platform.scope();
    const signature = signDelivery({ key, url, body: Buffer.from(signed), now: system.now(), id: 'tick' });
    return world.app.test.app.request('http://proxy.internal/schedules/tick', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', 'upstash-signature': signature },
    });
  }

  test('runs due schedules, once for its minute', async () => {
    const answers = await Promise.all([deliver(), deliver()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(ran).toEqual(['minutely']);
    await world.advance(60_000);
    expect(await body(deliver())).toMatchObject({ ran: [{ schedule: minutely.name, outcome: 'ok' }] });
  });

  test('is refused from any other sender', async () => {
    const wrong = [{ key: 'sig_other' }, { url: `${world.url}/schedules/tock` }, { signed: '{"other":1}' }];
    for (const each of wrong) expect((await deliver(each)).status).toBe(401);
    const unsigned = await world.app.test.app.request('/schedules/tick', { method: 'POST', body: '{}' });
    expect([unsigned.status, ran]).toEqual([401, []]);
  });
});

describe('operators', () => {
  test('see the status and the next time of each schedule', async () => {
    await world.tick();
    expect(await body(ask('/schedules'))).toMatchObject({
      items: [
        { name: minutely.name, cron: '* * * * *', tz: 'UTC', running: null, last: { outcome: 'ok' } },
        { name: yearly.name, last: null, nextTick: expect.stringMatching(/-01-01T00:00:00.000Z$/) },
      ],
    });
  });

  test('can run a schedule now, as a job; its own ticks are unaffected', async () => {
    const attempts: number[] = [];
    work = async ({ attempt }) => {
      attempts.push(attempt);
      return { done: true };
    };
    const { jobId } = await body(ask(`/schedules/${yearly.name}/run`, 'POST'));
    await world.settle();
    expect([ran, attempts]).toEqual([['yearly'], [1]]);
    expect(await body(ask(`/jobs/${String(jobId)}`))).toMatchObject({
      name: 'schedules.run',
      state: 'done',
      result: { outcome: 'ok', detail: '{"done":true}' },
    });
    ran = [];
    await world.tick();
    expect(ran).toEqual(['minutely']);
    expect((await ask('/schedules/nothing/run', 'POST')).status).toBe(404);
    expect((await ask('/schedules/constructor/run', 'POST')).status).toBe(404);
    expect((await ask(`/schedules/${'x'.repeat(65)}/run`, 'POST')).status).toBe(400);
  });

  test('cannot run a schedule during its run, and see its failures', async () => {
    const held = Promise.withResolvers<void>();
    work = () => held.promise;
    await world.advance(60_000);
    const running = world.app.test.platform.scheduled();
    await expect.poll(() => ran).toEqual(['minutely']);
    const { jobId } = await body(ask(`/schedules/${minutely.name}/run`, 'POST'));
    await world.settle();
    expect(await body(ask(`/jobs/${String(jobId)}`))).toMatchObject({ state: 'cancelled', reason: 'BUSY' });
    held.resolve();
    await running;
    work = async () => {
      throw new Error('S3cret');
    };
    const second = await body(ask(`/schedules/${yearly.name}/run`, 'POST'));
    await world.settle();
    expect(await body(ask(`/jobs/${String(second['jobId'])}`))).toMatchObject({ state: 'dead', reason: 'Error' });
  });

  test('are of one tenant', async () => {
    const other = await createTenant(world.connectionString);
    for (const [path, method] of [
      ['/schedules', 'GET'],
      [`/schedules/${yearly.name}/run`, 'POST'],
    ] as const) {
      expect(await body(ask(path, method, other.keys.all))).toMatchObject({ status: 403, code: 'NOT_OPERATOR' });
    }
    expect(ran).toEqual([]);
  });
});
