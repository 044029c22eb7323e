/** Past attempts: the data and the number of ended runs in the record and in `GET /jobs/{id}`. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  cancelJob,
  continueWith,
  enqueue,
  fatal,
  type JobContext,
  job,
  jobServices,
  replayJob,
  retryLater,
  snooze,
} from '../../../src/platform/jobs/index.ts';
import { costOf } from '../../support/app.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const TIMEOUT_MS = 30_000;
const LEASE_MS = TIMEOUT_MS + 15_000;

let world: JobWorld;
let run: (context: JobContext) => Promise<unknown>;
const input = z.object({ word: z.string() });
const tried = job('past.tried', {
  input,
  retries: 40,
  backoff: { first: '1m', factor: 1 },
  timeout: TIMEOUT_MS,
  maxCrashes: 1,
  run: (_input, context) => run(context),
});
const secret = job('past.secret', {
  input,
  sensitive: true,
  retries: 0,
  run: async ({ word }) => {
    throw Object.assign(new TypeError(`cannot send ${word}`), { code: 'NOT_SENT' });
  },
});

beforeAll(async () => {
  world = await openJobWorld([tried, secret]);
});
beforeEach(async () => {
  await world.clear();
  run = async () => 'ok';
});
afterAll(() => world.close());

const add = async () => {
  const id = await world.app.within((tenant) => enqueue(tenant, tried, { word: 'kelp' }));
  await world.settle();
  return id;
};
const pastOf = async (id: string) => (await world.read(id))?.pastAttempts ?? expect.fail('no record');
const services = () => jobServices(world.app.test.platform.scope());
const shown = async (id: string) => {
  const answer = await world.app.test.request(`/jobs/${id}`, { key: world.tenant.keys.all });
  return { answer, body: (await answer.json()) as { pastAttempts: unknown[] } };
};

test('each attempt is shown with time, outcome and reason, without a further request or command', async () => {
  run = async ({ attempt }) => {
    if (attempt === 1) throw Object.assign(new RangeError('S3cret'), { code: 'TOO_FAR' });
    if (attempt === 2) return retryLater('1m', 'MAIL_BUSY\nand a second line');
    return 'ok';
  };
  const { now } = world.app.test.platform.scope().system;
  const moments = [now()];
  const id = await add();
  await world.settle();
  moments.push(now());
  for (const ms of [61_000, 62_000]) {
    await world.advance(ms);
    moments.push(now());
  }
  expect(world.app.asked.flat()).toEqual(['admit', 'publish', 'claim', 'finish', 'claim', 'finish', 'claim', 'finish']);
  const past = await pastOf(id);
  expect(past).toMatchObject([
    { slice: 0, number: 1, outcome: 'failed', reason: 'RangeError TOO_FAR' },
    { slice: 0, number: 2, outcome: 'failed', reason: 'MAIL_BUSY and a second line' },
    { slice: 0, number: 3, outcome: 'done', reason: null },
  ]);
  for (const [index, { startedAt, endedAt }] of past.entries()) {
    expect(startedAt).toBeGreaterThanOrEqual(moments[index] ?? Number.NaN);
    expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    expect(endedAt).toBeLessThanOrEqual(moments[index + 1] ?? Number.NaN);
  }
  // The first request loads the API key's record.
  await shown(id);
  const { answer, body } = await shown(id);
  expect(costOf(answer)['redis']).toBe('2 requests, 5 commands');
  expect(body.pastAttempts).toEqual(
    past.map(({ startedAt, endedAt, ...rest }) => ({
      ...rest,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
    })),
  );
  expect(JSON.stringify(body)).not.toContain('S3cret');
});

test('an attempt under way is not yet a past one, and ends with the run', async () => {
  const begun = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  run = async () => {
    begun.resolve();
    await going.promise;
  };
  const id = await world.app.within((tenant) => enqueue(tenant, tried, { word: 'kelp' }, { delay: '1h' }));
  const delivery = world.deliver('past.tried', world.app.published[0]?.body ?? '');
  await begun.promise;
  expect(await pastOf(id)).toEqual([]);
  await world.qstash.clock.advance(20_000);
  going.resolve();
  expect((await delivery).status).toBe(200);
  const [{ startedAt, endedAt } = expect.fail('none')] = await pastOf(id);
  expect(endedAt - startedAt).toBeGreaterThanOrEqual(20_000);
  expect(endedAt - startedAt).toBeLessThan(LEASE_MS);
});

test('a crash is shown as such, with the end of its lease as its end', async () => {
  let runs = 0;
  run = async () => {
    runs += 1;
    if (runs > 1) return 'ok';
    world.cut();
    return new Promise(() => {});
  };
  const id = await add();
  world.replace();
  await world.advance(5 * 60_000);
  const [crash, done] = await pastOf(id);
  expect([crash, done]).toMatchObject([
    { number: 1, outcome: 'crashed', reason: null },
    { number: 2, outcome: 'done' },
  ]);
  expect((crash?.endedAt ?? 0) - (crash?.startedAt ?? 0)).toBe(LEASE_MS);
});

test('the crash that makes the job dead is shown too', async () => {
  run = () => {
    world.cut();
    return new Promise(() => {});
  };
  const id = await add();
  for (let minute = 0; minute < 10; minute += 1) await world.advance(60_000);
  expect(await world.read(id)).toMatchObject({ state: 'dead', reason: 'CRASHED' });
  expect((await pastOf(id)).map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'crashed'],
    [2, 'crashed'],
  ]);
});

test('snoozes, slices, cancellations, deaths and replays are listed in order', async () => {
  let runs = 0;
  run = async () => {
    runs += 1;
    return [snooze('1m'), continueWith('next'), fatal('BROKEN')][runs - 1] ?? 'mended';
  };
  const id = await add();
  await world.advance(61_000);
  expect(await world.read(id)).toMatchObject({ state: 'dead' });
  await replayJob(services(), world.tenant.id, id);
  await world.settle();
  expect((await pastOf(id)).map(({ slice, number, outcome, reason }) => [slice, number, outcome, reason])).toEqual([
    [0, 1, 'snooze', null],
    [0, 1, 'continue', null],
    [1, 1, 'dead', 'BROKEN'],
    [1, 1, 'done', null],
  ]);

  const begun = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  run = async () => {
    begun.resolve();
    await going.promise;
    throw new TypeError('not why it ends');
  };
  const other = world.app.within((tenant) => enqueue(tenant, tried, { word: 'kelp' }));
  await begun.promise;
  await cancelJob(services(), world.tenant.id, await other);
  going.resolve();
  await world.settle();
  expect(await pastOf(await other)).toMatchObject([{ outcome: 'cancelled', reason: 'CANCELLED' }]);
});

test('the last twenty are kept', async () => {
  run = async ({ attempt }) => (attempt < 24 ? retryLater('1m', `TRY_${attempt} ${'x'.repeat(500)}`) : 'ok');
  const id = await add();
  for (let minute = 0; minute < 24; minute += 1) await world.advance(61_000);
  const past = await pastOf(id);
  expect(past.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, at) => at + 5));
  expect(past[0]?.reason).toMatch(/^TRY_5 x{94}$/);
});

test('4/B1 a sensitive job shows only the class and the code of an error, never its message', async () => {
  const id = await world.app.within((tenant) => enqueue(tenant, secret, { word: 'anemone' }));
  await world.settle();
  const { body } = await shown(id);
  expect(body).toMatchObject({ errorMessage: null, pastAttempts: [{ outcome: 'dead', reason: 'TypeError NOT_SENT' }] });
  expect(JSON.stringify(body)).not.toContain('anemone');
  const logged = world.app.test.lines.find((line) => line.includes('"event":"jobs.failed"'));
  expect(JSON.parse(logged ?? '')).toMatchObject({ error: { name: 'TypeError', code: 'NOT_SENT' } });
  expect(world.app.test.lines.join()).not.toContain('anemone');
});

test('4/B1 the message is that of the last attempt: an attempt without an error removes it', async () => {
  run = async ({ attempt }) => {
    if (attempt === 1) throw new Error('the shop is closed');
    return attempt === 2 ? retryLater('1m', 'SHOP_BUSY') : fatal('SHOP_GONE');
  };
  const id = await add();
  const shownError = async () => {
    const { reason, errorMessage } = (await world.read(id)) ?? expect.fail('no record');
    return { reason, errorMessage };
  };
  expect(await shownError()).toEqual({ reason: 'Error', errorMessage: 'the shop is closed' });
  await world.advance(61_000);
  expect(await shownError()).toEqual({ reason: 'SHOP_BUSY', errorMessage: null });
  await world.advance(61_000);
  expect(await shownError()).toEqual({ reason: 'SHOP_GONE', errorMessage: null });

  run = async () => {
    throw new Error('the shop burns');
  };
  const other = await add();
  expect((await world.read(other))?.errorMessage).toBe('the shop burns');
  await cancelJob(services(), world.tenant.id, other);
  expect(await world.read(other)).toMatchObject({ reason: 'CANCELLED', errorMessage: null });
});

test('lists show no past attempts', async () => {
  await add();
  const answer = await world.app.test.request('/jobs?name=past.tried', { key: world.tenant.keys.all });
  const { items } = (await answer.json()) as { items: object[] };
  expect(items.length).toBeGreaterThan(0);
  expect(items.filter((item) => 'pastAttempts' in item)).toEqual([]);
});
