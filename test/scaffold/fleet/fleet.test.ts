/** The domain in a copy of the tree; `scaffold.test.ts` puts this file there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobs, schedules } from '../../../src/app/background.ts';
import { requireComplete } from '../../../src/app/complete.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addKey } from '../../support/tenant.ts';

let world: JobWorld;

beforeAll(async () => {
  world = await openJobWorld([...jobs.values()], schedules);
});

afterAll(() => world.close());

const fleet = (path: string, init?: Parameters<JobWorld['app']['test']['request']>[1]) =>
  world.app.test.request(path, { key: world.tenant.keys.all, ...init });

test('the app is complete', () => {
  requireComplete(world.app.test.app);
});

test('a cached list ends on a write, the job runs, and the schedule deletes', async () => {
  const before = await fleet('/vehicles');
  expect(await before.json()).toEqual({ items: [], nextCursor: null });
  expect((await fleet('/vehicles')).headers.get('x-cache')).toBe('HIT');

  const created = await fleet('/vehicles', { method: 'POST', json: { plate: 'HF 1' } });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  expect(created.headers.get('location')).toBe(`/vehicles/${id}`);

  const listed = await fleet('/vehicles');
  expect(listed.headers.get('x-cache')).toBe('MISS');
  expect(await listed.json()).toMatchObject({ items: [{ id, plate: 'HF 1' }] });

  await world.advance(1000);
  expect(await (await fleet(`/vehicles/${id}`)).json()).toMatchObject({ inspectedAt: expect.any(String) });
  expect((await fleet(`/vehicles/${id}`)).headers.get('x-cache')).toBe('HIT');
  expect(await world.query('SELECT verb, entity_type, entity_id FROM activities')).toEqual([
    { verb: 'created', entity_type: 'vehicle', entity_id: id },
  ]);

  await fleet(`/vehicles/${id}`, { method: 'PATCH', json: { scrapped: true } });
  await world.tick(61);
  expect((await fleet(`/vehicles/${id}`)).status).toBe(404);
});

test('the rights of the module: a key for the CRM is refused, a key that reads cannot write', async () => {
  const crm = await addKey(world.connectionString, world.tenant.id, { rights: ['crm:*'] });
  const reader = await addKey(world.connectionString, world.tenant.id, { rights: ['fleet:read'] });
  const statuses = [
    await fleet('/vehicles', { key: crm }),
    await fleet('/vehicles', { key: reader }),
    await fleet('/vehicles', { key: reader, method: 'POST', json: { plate: 'HF 2' } }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([403, 200, 403]);
});
