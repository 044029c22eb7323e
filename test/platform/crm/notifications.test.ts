/** Notifications: which user gets which one, exactly once, by a job that the write enqueues; and marking them read. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { ask } from './transfers.ts';

let world: JobWorld;
let people: Record<'ada' | 'bob', Awaited<ReturnType<typeof signIn>>>;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
  people = { ada: await signIn(), bob: await signIn() };
});
beforeEach(async () => {
  world.replace();
  await world.query('DELETE FROM notifications WHERE tenant_id = $1', [world.tenant.id]);
});
afterAll(() => world.close());

async function signIn() {
  const person = await addPerson(world.connectionString, world.tenant.id);
  const browser = createBrowser((path, init) => world.app.test.app.request(path, init), {});
  const { email, password } = person;
  expect((await browser.request('/auth/sign-in', { json: { email, password } })).status).toBe(200);
  return { id: person.id, browser };
}

interface Listed {
  items: { id: string; kind: string; title: string; data: { id: string }; readAt: string | null }[];
}
const notificationsOf = async (who: keyof typeof people) => {
  const response = await people[who].browser.request('/notifications');
  expect(response.status).toBe(200);
  return ((await response.json()) as Listed).items;
};
const send = async (method: string, path: string, json: object, who?: keyof typeof people) => {
  const response = await (who
    ? people[who].browser.request(path, { method, json })
    : ask(world, path, { method, json }));
  expect(response.status).toBeLessThan(300);
  return ((await response.json()) as { id: string }).id;
};
const unread = async (who: keyof typeof people) => {
  const response = await ask(world, `/users/${people[who].id}/dashboard`);
  return ((await response.json()) as { unreadNotifications: number }).unreadNotifications;
};

test('a new assignee is notified, and no other user', async () => {
  const id = await send('POST', '/tasks', { title: 'Dig', assigneeId: people.ada.id });
  await world.advance(5_000);
  expect(await notificationsOf('ada')).toMatchObject([
    { kind: 'task.assigned', title: 'Dig', data: { id }, readAt: null },
  ]);
  expect(await notificationsOf('bob')).toEqual([]);
  await send('PATCH', `/tasks/${id}`, { priority: 'high' });
  await send('PATCH', `/tasks/${id}`, { assigneeId: people.bob.id });
  await world.advance(5_000);
  expect(await notificationsOf('ada')).toHaveLength(1);
  expect(await notificationsOf('bob')).toMatchObject([{ title: 'Dig' }]);
});

test('users are not notified of their own changes', async () => {
  await send('POST', '/tasks', { title: 'Mine', assigneeId: people.ada.id }, 'ada');
  await world.advance(5_000);
  expect(await notificationsOf('ada')).toEqual([]);
});

test('a won deal notifies its owner and the assignees of its tasks, once each', async () => {
  const companyId = await send('POST', '/companies', { name: 'Kelp', ownerId: people.ada.id });
  const deal = { title: 'Nets', value: '1.00', companyId, ownerId: people.ada.id };
  const id = await send('POST', '/deals', deal);
  await send('POST', '/tasks', { title: 'Call', dealId: id, assigneeId: people.bob.id }, 'bob');
  await send('PATCH', `/deals/${id}`, { stage: 'won' });
  await send('PATCH', `/deals/${id}`, { value: '2.00' });
  await world.advance(5_000);
  for (const who of ['ada', 'bob'] as const) {
    expect(await notificationsOf(who)).toMatchObject([{ kind: 'deal.won', title: 'Nets', data: { id } }]);
  }
});

test('the dashboard counts unread notifications', async () => {
  expect(await unread('ada')).toBe(0);
  await send('POST', '/tasks', { title: 'Dig', assigneeId: people.ada.id });
  await world.advance(5_000);
  expect(await unread('ada')).toBe(1);
  const [notification] = await notificationsOf('ada');
  const path = `/notifications/${notification?.id}/read`;
  expect((await people.bob.browser.request(path, { method: 'POST' })).status).toBe(404);
  expect((await people.ada.browser.request(path, { method: 'POST' })).status).toBe(204);
  expect((await people.ada.browser.request(path, { method: 'POST' })).status).toBe(204);
  expect(await unread('ada')).toBe(0);
  expect((await notificationsOf('ada'))[0]?.readAt).not.toBeNull();
});

test('marking a notification as read stores the new count: the next read is a hit', async () => {
  for (const title of ['Dig', 'Sow']) await send('POST', '/tasks', { title, assigneeId: people.ada.id });
  await world.advance(5_000);
  const [notification] = await notificationsOf('ada');
  const read = () => people.ada.browser.request(`/notifications/${notification?.id}/read`, { method: 'POST' });
  for (const response of [await read(), await read()]) {
    expect(response.status).toBe(204);
    const counted = await people.ada.browser.request('/notifications/unread');
    expect(counted.headers.get('x-cache')).toBe('HIT');
    expect(await counted.json()).toEqual({ count: 1 });
  }
});

test('a run that dies after writing its rows does not write them twice', async () => {
  const { app } = world;
  app.faults = { finish: ['die-before'] };
  await send('POST', '/tasks', { title: 'Dig', assigneeId: people.ada.id });
  void world.advance(5_000);
  await app.died;
  world.replace();
  await world.tick(10);
  expect(await notificationsOf('ada')).toHaveLength(1);
});

test('API keys have no notifications', async () => {
  expect(await (await ask(world, '/notifications')).json()).toEqual({ items: [], nextCursor: null });
  expect((await ask(world, '/notifications/some/read', { method: 'POST' })).status).toBe(404);
});
