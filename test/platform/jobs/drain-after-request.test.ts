/** Draining the outbox after requests: after which ones, how often, and with no effect of failures on the request. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { enqueue, job } from '../../../src/platform/jobs/index.ts';
import { costOf } from '../../support/app.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

const EVERY_MS = 15_000;
let world: JobWorld;
const owedJob = job('tail.job', { input: z.object({}), run: async () => 'ran' });

beforeAll(async () => {
  world = await openJobWorld([owedJob]);
});
beforeEach(async () => {
  await world.clear();
  Object.assign(world.app.test.platform.scope().environment, { OUTBOX_DRAIN_INTERVAL_MS: EVERY_MS });
});
afterAll(() => world.close());

const ask = (path: string) => world.app.test.request(path, { key: world.tenant.keys.all });
/** Reads from the database, without the cache. */
const uncached = () => ask('/health/ready');
/** Moves only the clock: QStash has no message to deliver. */
const later = (ms: number) => world.qstash.clock.advance(ms);

/** Leaves an outbox entry: a job whose publication failed after its write, and whose writer's time is over. */
async function leaveEntry(): Promise<string> {
  world.app.faults = { publish: ['down'] };
  const id = await world.app.within((tenant) => enqueue(tenant, owedJob, {}));
  expect(await world.outbox()).toHaveLength(1);
  await later(5_000);
  return id;
}
/** Sends the first request, at which an isolate begins. */
async function begun(): Promise<void> {
  expect((await ask('/health')).status).toBe(200);
}

test('the entry of a failed publication is handled after a later request, without a schedule', async () => {
  await begun();
  const id = await leaveEntry();
  await later(EVERY_MS);
  const answer = await uncached();
  expect([answer.status, costOf(answer)['db']]).toEqual([200, '1 query']);
  expect(await world.outbox()).toEqual([]);
  await world.advance(60_000);
  expect(await world.read(id)).toMatchObject({ state: 'done', result: 'ran' });
  expect(world.app.test.lines.join()).toContain('"event":"outbox.drained"');
});

test('an isolate does not drain before the interval is over, counted from its first request', async () => {
  await leaveEntry();
  await later(EVERY_MS);
  await uncached();
  await later(EVERY_MS - 5_000);
  await uncached();
  expect(await world.outbox()).toHaveLength(1);
  await later(5_000);
  await uncached();
  expect(await world.outbox()).toEqual([]);
});

test('an isolate drains at most once per interval', async () => {
  await begun();
  await later(EVERY_MS);
  await uncached();
  await leaveEntry();
  await uncached();
  expect(await world.outbox()).toHaveLength(1);
  await later(EVERY_MS);
  await Promise.all([uncached(), uncached(), uncached()]);
  expect(await world.outbox()).toEqual([]);
});

test('a request without use of the database does not drain', async () => {
  await ask('/companies?limit=1');
  await leaveEntry();
  await later(EVERY_MS);
  const cached = await ask('/companies?limit=1');
  expect([cached.status, costOf(cached)['db']]).toEqual([200, '0 queries']);
  await ask('/health');
  expect(await world.outbox()).toHaveLength(1);
  await uncached();
  expect(await world.outbox()).toEqual([]);
});

test('an interval of 0 switches draining off', async () => {
  Object.assign(world.app.test.platform.scope().environment, { OUTBOX_DRAIN_INTERVAL_MS: 0 });
  await begun();
  await leaveEntry();
  await later(10 * EVERY_MS);
  await uncached();
  expect(await world.outbox()).toHaveLength(1);
});

test('when QStash is down, the request is answered nevertheless, and the entry stays', async () => {
  await begun();
  await leaveEntry();
  await later(EVERY_MS);
  world.app.faults = { publish: ['down'] };
  expect((await uncached()).status).toBe(200);
  expect(await world.outbox()).toMatchObject([{ attempts: 1, last_error: 'JOB_NOT_PUBLISHED' }]);
  await later(EVERY_MS);
  await uncached();
  expect(await world.outbox()).toEqual([]);
});

test('when Postgres fails during the drain, the answer is unaffected, and a later request drains', async () => {
  await begun();
  await leaveEntry();
  await later(EVERY_MS);
  await world.query('ALTER TABLE outbox RENAME TO out_of_reach');
  try {
    expect((await uncached()).status).toBe(200);
  } finally {
    await world.query('ALTER TABLE out_of_reach RENAME TO outbox');
  }
  expect(world.app.test.lines.join()).toContain('"event":"after.failed"');
  expect(await world.outbox()).toHaveLength(1);
  await later(EVERY_MS);
  await uncached();
  expect(await world.outbox()).toEqual([]);
});
