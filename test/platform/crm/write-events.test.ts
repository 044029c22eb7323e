/** Each operation of the CRM that writes appends an event in its write, or is listed with a reason. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { costOf } from '../../support/app.ts';
import { sql } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

/** Operations whose writes are no events of the CRM's rows. */
const NO_EVENT: Readonly<Record<string, string>> = {
  'imports.create': 'stores the file; the last slice of the job appends an event',
  'imports.createCompanies': 'stores the file; the job appends an event for each company',
  'imports.createDeals': 'stores the file; the job appends an event for each deal',
  'exports.createContacts': 'changes no row of the CRM',
  'exports.createCompanies': 'changes no row of the CRM',
  'exports.createDeals': 'changes no row of the CRM',
  'exports.createTasks': 'changes no row of the CRM',
  'imports.savePart': 'stores a part of the file',
  'imports.start': 'enqueues the job; its last slice appends an event',
  'imports.cancel': 'appends the event of the rows that are imported, if there are any',
  'imports.undo': 'enqueues the job; its last slice appends an event',
  'notifications.markRead': 'is a setting of one reader',
  'lists.saveSettings': 'is a setting of one reader, written behind the cache',
  'preferences.update': 'is a setting of one reader',
  'drafts.save': 'is a draft of one user, in Redis alone',
  'drafts.delete': 'is a draft of one user, in Redis alone',
  'analytics.refreshActivities': 'computes values from the rows again',
  'analytics.refreshCompany': 'computes values from the rows again',
  'analytics.refreshTenant': 'computes values from the rows again',
  'analytics.refreshVelocity': 'computes values from the rows again',
  'customFields.create': 'is configuration of the tenant',
  'customFields.update': 'is configuration of the tenant',
  'customFields.delete': 'is configuration of the tenant',
  'tenant.update': 'is configuration of the tenant',
  'webhooks.create': 'is configuration of the tenant',
  'webhooks.update': 'is configuration of the tenant',
  'webhooks.delete': 'is configuration of the tenant',
  'webhooks.rotateSecret': 'is configuration of the tenant',
  'webhooks.replayDelivery': 'sends an event again, and changes no row of the CRM',
};

interface StoredRow {
  stream: string;
  key: string;
  version: number;
  type: string;
  data: unknown;
  meta: unknown;
}

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const operations = crm.routes
  .flatMap(({ openAPIRegistry }) => openAPIRegistry.definitions)
  .flatMap((definition) => (definition.type === 'route' && definition.route.method !== 'get' ? definition.route : []))
  .map(({ operationId }) => operationId ?? '');

test('each operation that writes appends its event, with the actor, and no other operation does', async () => {
  const { browser, person } = await world.signedIn({ role: 'owner' });
  const { url } = inject('cloud').postgres;
  const done = new Set<string>();
  const ids: Record<string, string> = {};
  const count = async () =>
    (await sql<StoredRow>(
      url,
      `SELECT stream, key, version, type, data, meta FROM events WHERE tenant_id = $1 ORDER BY position`,
      [world.tenant.id],
    )) satisfies StoredRow[];

  /** Sends a request and expects the events that it appends. */
  async function write(operation: string, method: string, path: string, json: object | null, ...expected: unknown[]) {
    const before = await count();
    const response = await browser.request(path, { method, ...(json ? { json } : {}) });
    const text = await response.text();
    expect(response.status, `${operation}: ${text}`).toBeLessThan(300);
    const answer = (text === '' ? {} : JSON.parse(text)) as { id?: string };
    const rows = (await count()).slice(before.length);
    expect(rows, operation).toMatchObject(
      expected.map((event) => ({ ...(event as object), meta: { actorId: person.id } })),
    );
    for (const { key } of rows)
      expect(path.includes(key) || key === answer.id || key === person.id, operation).toBe(true);
    done.add(operation);
    return answer.id ?? '';
  }

  const rows = {
    companies: [{ name: 'Kelp' }, { city: 'Kiel' }],
    contacts: [{ name: 'Ada' }, { jobTitle: 'Diver' }],
    tasks: [{ title: 'Dive' }, { description: 'deep' }],
    projects: [{ name: 'Roof' }, { description: 'green' }],
  } as const;
  for (const [stream, [created, changes]] of Object.entries(rows)) {
    const event = (type: string, data: object) => ({ stream, type, data });
    const id = await write(`${stream}.create`, 'POST', `/${stream}`, created, event('created', {}));
    ids[stream] = id;
    const fields = Object.keys(changes);
    await write(`${stream}.update`, 'PATCH', `/${stream}/${id}`, changes, event('updated', { fields }));
  }
  const { tasks, projects } = ids;
  const status = { fields: ['status'] };
  await write('tasks.update', 'PATCH', `/tasks/${tasks}`, { status: 'done' }, { type: 'completed', data: status });
  for (const to of ['active', 'paused', 'done', 'cancelled', 'planned']) {
    await write('projects.update', 'PATCH', `/projects/${projects}`, { status: to }, { type: to, data: status });
  }
  const { id: userId } = (await world.signedIn()).person;
  const member = `/projects/${projects}/members/${userId}`;
  for (const [role, type] of [
    ['lead', 'member-added'],
    ['viewer', 'member-changed'],
  ] as const) {
    await write('projects.setMember', 'PUT', member, { role }, { stream: 'projects', type, data: { userId, role } });
  }
  await write('projects.removeMember', 'DELETE', member, null, { type: 'member-removed', data: { userId } });
  for (const [changes, type] of [
    [{ name: 'Grace' }, 'updated'],
    [{ disabled: true }, 'disabled'],
    [{ disabled: false }, 'enabled'],
  ] as const) {
    const data = { fields: Object.keys(changes) };
    await write('users.update', 'PATCH', `/users/${userId}`, changes, { stream: 'users', key: userId, type, data });
  }
  await write('me.update', 'PATCH', '/me', { name: 'Self' }, { stream: 'users', type: 'updated' });
  const deal = await write('deals.create', 'POST', '/deals', { title: 'Farm', value: '10' }, { stream: 'deals' });
  await write('deals.update', 'PATCH', `/deals/${deal}`, { stage: 'won' }, { stream: 'deals', type: 'won' });
  await write('deals.delete', 'DELETE', `/deals/${deal}`, null, { stream: 'deals', type: 'deleted' });
  for (const [stream, id] of Object.entries(ids)) {
    await write(`${stream}.delete`, 'DELETE', `/${stream}/${id}`, null, { stream, type: 'deleted', data: {} });
  }

  expect([...done, ...Object.keys(NO_EVENT)].toSorted()).toEqual(operations.toSorted());
  const all = await count();
  const versions = Map.groupBy(all, ({ stream, key }) => `${stream} ${key}`);
  for (const of of versions.values()) expect(of.map(({ version }) => version)).toEqual(of.map((_, at) => at + 1));
  // Events are kept for ever, so they have no names of people and no other data of rows.
  expect(JSON.stringify(all)).not.toMatch(/Kelp|Ada|Diver|Grace|Self/);
});

test('the event of a write that is not a deal costs 1 statement, no outbox entry and no request to Redis', async () => {
  const { browser } = await world.signedIn();
  const { url } = inject('cloud').postgres;
  const answer = await browser.request('/contacts', { json: { name: 'Ada' } });
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  // BEGIN, the contact, the activity, the event and COMMIT; the gate, the marks and the tags.
  expect(costOf(answer)).toEqual({ db: '4 queries', redis: '3 requests, 6 commands' });
  expect(await sql(url, 'SELECT 1 FROM events WHERE tenant_id = $1 AND key = $2', [world.tenant.id, id])).toHaveLength(
    1,
  );
  // Other tests of this file change deals, whose events are published again after 15 s.
  const entries = await sql(url, "SELECT kind FROM outbox WHERE tenant_id = $1 AND payload->'event'->>'key' = $2", [
    world.tenant.id,
    id,
  ]);
  expect(entries).toEqual([]);
});
