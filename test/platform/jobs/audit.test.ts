/** Each change of a queue or a schedule by the API leaves an entry in the audit trail; a refused one leaves none. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSchedules, job, schedule } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';

const suffix = randomBytes(4).toString('hex');
const nightly = schedule(`audited-api.${suffix}`, { cron: '30 4 * * *', run: async () => ({}) });
const queue = `audited-${suffix}`;
const limited = job('audited.limited', { input: z.object({}), queue, concurrency: 2, run: async () => {} });
const unlimited = job('audited.unlimited', { input: z.object({}), run: async () => {} });

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld([limited, unlimited], createSchedules([nightly]));
});
beforeEach(async () => {
  await world.clear();
  Object.assign(world.app.test.platform.scope().environment, { OPERATOR_TENANT: world.tenant.id });
});
afterAll(() => world.close());

const ask = async (path: string, key = world.tenant.keys.all) =>
  (await world.app.test.request(path, { method: 'POST', key })).status;

/** The entries about a queue or a schedule, of all tenants. */
const entriesOf = (id: string) =>
  world.query(
    'SELECT tenant_id, actor_type, actor_id, action, outcome, entity_type, data FROM audit_entries WHERE entity_id = $1 ORDER BY id',
    [id],
  );

test.each([
  ['queue', `/queues/${queue}/pause`, 202, 'queue.paused', {}],
  ['queue', `/queues/${queue}/resume`, 202, 'queue.resumed', {}],
  ['schedule', `/schedules/${nightly.name}/pause`, 200, 'schedule.paused', {}],
  ['schedule', `/schedules/${nightly.name}/resume`, 200, 'schedule.resumed', {}],
  ['schedule', `/schedules/${nightly.name}/run`, 202, 'schedule.run', { jobId: expect.stringMatching(/^job_/) }],
])('the %s of POST %s', async (type, path, status, action, data) => {
  const id = type === 'queue' ? queue : nightly.name;
  const before = await entriesOf(id);
  const other = await createTenant(world.connectionString);
  expect([await ask(path, other.keys.all), await entriesOf(id)]).toEqual([403, before]);
  expect(await ask(path)).toBe(status);
  // The id of an API key is the third part of its text.
  const [, , keyId] = world.tenant.keys.all.split('_');
  const entry = {
    tenant_id: world.tenant.id,
    actor_type: 'machine',
    actor_id: keyId,
    action,
    outcome: 'ok',
    entity_type: type,
    data,
  };
  expect(await entriesOf(id)).toEqual([...before, entry]);
});

test('a queue or a schedule that cannot be changed leaves no entry', async () => {
  expect(await ask('/queues/audited.unlimited/pause')).toBe(409);
  expect(await ask('/schedules/none/pause')).toBe(404);
  expect([...(await entriesOf('audited.unlimited')), ...(await entriesOf('none'))]).toEqual([]);
});
