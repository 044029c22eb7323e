/**
 * Every operation of the API that changes something: either it leaves an entry in the audit trail, which this file
 * makes and compares, or the list below has the reason why it leaves none. A new operation without a line fails.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { jobs } from '../../../src/app/background.ts';
import { createSchedules, enqueue, fatal, job, schedule } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addPerson } from '../../support/people.ts';
import { addKey } from '../../support/tenant.ts';
import { describedOperations } from './described-api.ts';

const OWN = 'The caller changes only what is theirs: their sessions, their name, their settings.';
const PUBLIC = 'The caller signs in or out, and no administrator acts. The log has a line.';
const HISTORY = 'The rows of a product have a history of their own: activities, and events of their streams.';
const TRANSFER = 'The import or export is a row of its own that is kept, and its contacts have activities.';
const COMPUTED = 'No data changes: values are computed from the rows again, and the counters have the loads.';

const BROWSER = 'It needs a browser session: test/platform/auth/passkeys.test.ts compares its entry.';
const FACTOR = 'It needs a browser session: test/platform/auth/second-factor.test.ts looks for its entry.';

const RESET = 'It needs a user with a factor: test/platform/auth/second-factor.test.ts looks for its entry.';

/** Operations without an entry, each with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  'POST /auth/sign-up': PUBLIC,
  'POST /auth/sign-in': PUBLIC,
  'POST /auth/code': PUBLIC,
  'POST /auth/verify': PUBLIC,
  'POST /auth/refresh': PUBLIC,
  'POST /auth/revoke': PUBLIC,
  'POST /auth/invitations/accept': PUBLIC,
  'DELETE /auth/sessions': OWN,
  'DELETE /auth/sessions/{id}': OWN,
  'POST /auth/sign-out': OWN,
  'POST /auth/password': OWN,
  'POST /auth/factor': PUBLIC,
  'POST /auth/factor/options': PUBLIC,
  'POST /auth/factor/again': OWN,
  'POST /auth/recovery-codes': FACTOR,
  'DELETE /auth/factors/{userId}': RESET,
  'POST /auth/totp': OWN,
  'POST /auth/totp/confirm': FACTOR,
  'POST /auth/totp/remove': FACTOR,
  'POST /auth/passkeys/options': OWN,
  'POST /auth/passkeys': BROWSER,
  'DELETE /auth/passkeys/{id}': BROWSER,
  'PATCH /me': OWN,
  'PUT /me/lists/{list}': OWN,
  'PATCH /me/preferences': OWN,
  'PATCH /me/drafts/{name}': OWN,
  'DELETE /me/drafts/{name}': OWN,
  'POST /notifications/{id}/read': OWN,
  'POST /companies': HISTORY,
  'PATCH /companies/{id}': HISTORY,
  'DELETE /companies/{id}': HISTORY,
  'POST /contacts': HISTORY,
  'PATCH /contacts/{id}': HISTORY,
  'DELETE /contacts/{id}': HISTORY,
  'POST /deals': HISTORY,
  'PATCH /deals/{id}': HISTORY,
  'DELETE /deals/{id}': HISTORY,
  'POST /projects': HISTORY,
  'PATCH /projects/{id}': HISTORY,
  'DELETE /projects/{id}': HISTORY,
  'PUT /projects/{id}/members/{userId}': HISTORY,
  'DELETE /projects/{id}/members/{userId}': HISTORY,
  'POST /tasks': HISTORY,
  'PATCH /tasks/{id}': HISTORY,
  'DELETE /tasks/{id}': HISTORY,
  'POST /imports/contacts': TRANSFER,
  'POST /imports/companies': TRANSFER,
  'POST /imports/deals': TRANSFER,
  'PUT /imports/{id}/parts/{part}': TRANSFER,
  'POST /imports/{id}/start': TRANSFER,
  'POST /imports/{id}/cancel': TRANSFER,
  'POST /imports/{id}/undo': TRANSFER,
  'POST /exports/contacts': TRANSFER,
  'POST /exports/companies': TRANSFER,
  'POST /exports/deals': TRANSFER,
  'POST /exports/tasks': TRANSFER,
  'POST /analytics/companies/{id}/monthly/refresh': COMPUTED,
  'POST /analytics/platform/refresh': COMPUTED,
  'POST /analytics/activity/refresh': COMPUTED,
  'POST /analytics/velocity/refresh': COMPUTED,
};

const suffix = randomBytes(4).toString('hex');
const nightly = schedule(`entered.${suffix}`, { cron: '30 4 * * *', run: async () => ({}) });
const queue = `entered-${suffix}`;
const input = z.object({});
const waiting = job('entered.waiting', { input, queue, concurrency: 2, run: async () => {} });
const dying = job('entered.dying', { input, retries: 0, run: async () => fatal('NO_SUCH_BOAT') });

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld([...jobs.values(), waiting, dying], createSchedules([nightly]));
});
beforeEach(async () => {
  await world.clear();
  Object.assign(world.app.test.platform.scope().environment, { OPERATOR_TENANT: world.tenant.id });
});
afterAll(() => world.close());

/** A call of an operation, and the entries that it leaves. */
interface Call {
  path: string;
  json?: object;
  entries: { action: string; type: string; id: string; data?: object }[];
}

const one = (
  path: string,
  action: string,
  type: string,
  id: string,
  more: Omit<Partial<Call>, 'path'> & { data?: object } = {},
): Call => ({
  path,
  ...(more.json && { json: more.json }),
  entries: [{ action, type, id, data: more.data ?? {} }],
});
const anyId = (kind: string) => expect.stringMatching(new RegExp(`^${kind}_`)) as string;
const enqueued = (of: typeof waiting, delay?: string) =>
  world.app.within((tenant) => enqueue(tenant, of, {}, delay === undefined ? {} : { delay: '1h' }));
const addUser = () =>
  addPerson(world.connectionString, world.tenant.id, { role: 'member', verified: false, password: null });
const keyId = async () =>
  (await addKey(world.connectionString, world.tenant.id, { rights: ['crm:read'] })).split('_').at(-2) ?? '';
const url = 'https://hooks.example.com/in?token=abc';
const webhook = { url, events: ['deal.won'] };
const shown = { host: 'hooks.example.com', events: ['deal.won'] };

async function send(method: string, path: string, json?: object) {
  const init = { method, key: world.tenant.keys.all, ...(json && { json }) };
  const response = await world.app.test.request(path, init);
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return text === '' ? {} : (JSON.parse(text) as { id: string });
}
const field = { kind: 'deal', key: 'region', name: 'Region', type: 'text' };
const fieldId = async () => {
  const key = `k${randomBytes(6).toString('hex')}`;
  return ((await send('POST', '/custom-fields', { ...field, key })) as { id: string }).id;
};
const webhookId = async () => ((await send('POST', '/webhooks', webhook)) as { id: string }).id;

/** Makes what each operation needs, and returns its call. */
const WITH: Readonly<Record<string, () => Promise<Call>>> = {
  'POST /auth/sessions/revoke-all': async () =>
    one('/auth/sessions/revoke-all', 'sessions.ended', 'tenant', world.tenant.id),
  'POST /auth/invitations': async () =>
    one('/auth/invitations', 'user.invited', 'user', anyId('user'), {
      json: { email: `${randomBytes(6).toString('hex')}@people.example`, name: 'New Person', role: 'member' },
      data: { role: 'member' },
    }),
  async 'POST /auth/invitations/{userId}/again'() {
    const { id } = await addUser();
    return one(`/auth/invitations/${id}/again`, 'invitation.resent', 'user', id);
  },
  'POST /api-keys': async () =>
    one('/api-keys', 'api-key.created', 'api-key', expect.stringMatching(/^\w{12}$/) as string, {
      json: { name: 'A program', rights: ['crm:read'], expiresAt: null },
      data: { rights: ['crm:read'], expiresAt: null },
    }),
  async 'DELETE /api-keys/{id}'() {
    const id = await keyId();
    return one(`/api-keys/${id}`, 'api-key.revoked', 'api-key', id, { data: { keys: [id] } });
  },
  async 'POST /api-keys/{id}/rotate'() {
    const id = await keyId();
    return one(`/api-keys/${id}/rotate`, 'api-key.rotated', 'api-key', id);
  },
  async 'PATCH /users/{id}'() {
    const { id } = await addUser();
    return one(`/users/${id}`, 'user.updated', 'user', id, {
      json: { name: 'Another Name', role: 'admin', disabled: true },
      data: { fields: ['name', 'role', 'disabled'], role: 'admin', disabled: true },
    });
  },
  'PATCH /tenant': async () =>
    one('/tenant', 'tenant.updated', 'tenant', world.tenant.id, {
      json: { timeZone: 'Europe/Berlin' },
      data: { timeZone: 'Europe/Berlin' },
    }),
  'POST /custom-fields': async () =>
    one('/custom-fields', 'field.created', 'field', anyId('field'), { json: field, data: { ...field, options: [] } }),
  async 'PATCH /custom-fields/{id}'() {
    const id = await fieldId();
    return one(`/custom-fields/${id}`, 'field.updated', 'field', id, {
      json: { name: 'Area' },
      data: { ...field, key: expect.any(String) as string, name: 'Area', options: [] },
    });
  },
  async 'DELETE /custom-fields/{id}'() {
    const id = await fieldId();
    const data = { ...field, key: expect.any(String) as string, options: [] };
    return one(`/custom-fields/${id}`, 'field.deleted', 'field', id, { data });
  },
  'POST /webhooks': async () =>
    one('/webhooks', 'webhook.created', 'webhook', anyId('webhook'), { json: webhook, data: shown }),
  async 'PATCH /webhooks/{id}'() {
    const id = await webhookId();
    return one(`/webhooks/${id}`, 'webhook.updated', 'webhook', id, {
      json: { events: ['*'] },
      data: { ...shown, events: ['*'] },
    });
  },
  async 'DELETE /webhooks/{id}'() {
    const id = await webhookId();
    return one(`/webhooks/${id}`, 'webhook.deleted', 'webhook', id);
  },
  async 'POST /webhooks/{id}/rotate-secret'() {
    const id = await webhookId();
    return one(`/webhooks/${id}/rotate-secret`, 'webhook.secret_rotated', 'webhook', id);
  },
  async 'POST /webhooks/{id}/deliveries/{deliveryId}/replay'() {
    const id = await webhookId();
    const body = JSON.stringify({ type: 'deal.won', timestamp: '2026-11-20T09:30:00.000Z', data: {} });
    await world.query(
      `INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, body, status, attempts, created_at)
       VALUES ($1, 'job_1', $2, $3, 'failed', 10, now())`,
      [world.tenant.id, id, body],
    );
    return one(`/webhooks/${id}/deliveries/job_1/replay`, 'webhook.delivery_replayed', 'webhook', id, {
      data: { deliveryId: 'job_1' },
    });
  },
  'POST /streams/{stream}/groups/{group}/replay': async () =>
    one('/streams/deals/groups/stage-history/replay', 'events.replayed', 'consumer', 'deals:stage-history', {
      json: { key: 'deal_1' },
      data: { events: 0, key: 'deal_1' },
    }),
  'POST /streams/{stream}/groups/{group}/rebuild': async () =>
    one('/streams/deals/groups/stage-history/rebuild', 'rebuild.requested', 'consumer', 'deals:stage-history', {
      data: { jobId: anyId('job') },
    }),
  'POST /alerts/silences': async () =>
    one('/alerts/silences', 'silence.begun', 'silence', anyId('silence'), {
      json: { name: '*', minutes: 60, reason: 'A move' },
      data: { alert: '*', minutes: 60, reason: 'A move' },
    }),
  async 'DELETE /alerts/silences/{id}'() {
    const { id } = (await send('POST', '/alerts/silences', { name: '*', minutes: 60, reason: 'A move' })) as {
      id: string;
    };
    return one(`/alerts/silences/${id}`, 'silence.ended', 'silence', id);
  },
  'POST /alerts/test': async () =>
    one('/alerts/test', 'alert.tested', 'alert', 'test', { data: { channels: expect.any(Array) } }),
  async 'POST /audit/entries/{id}/erase'() {
    await send('POST', '/alerts/test');
    const [entry] = await world.query('SELECT id FROM audit_entries WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1', [
      world.tenant.id,
    ]);
    await world.query('UPDATE audit_entries SET seal = 1, position = 0 WHERE tenant_id = $1 AND id = $2', [
      world.tenant.id,
      entry?.['id'],
    ]);
    return one(`/audit/entries/${entry?.['id']}/erase`, 'audit.erased', 'audit-entry', String(entry?.['id']), {
      json: { reason: 'A request of the person' },
      data: { reason: 'A request of the person' },
    });
  },
  'POST /audit/verify': async () => one('/audit/verify', 'audit.verified', 'job', anyId('job'), { json: {} }),
  'POST /cache/invalidate': async () => ({
    path: '/cache/invalidate',
    json: { tags: [['deals'], ['company', 'company_1:ö', 'deals']], soft: true },
    entries: ['deals', 'company:company_1%3A%C3%B6:deals'].map((id) => ({
      ...{ action: 'tag.invalidated', type: 'tag', id, data: { soft: true } },
    })),
  }),
  async 'POST /jobs/{id}/cancel'() {
    const id = await enqueued(waiting, '1h');
    return one(`/jobs/${id}/cancel`, 'job.cancelled', 'job', id);
  },
  async 'POST /jobs/{id}/retry'() {
    const id = await enqueued(waiting, '1h');
    return one(`/jobs/${id}/retry`, 'job.advanced', 'job', id);
  },
  async 'POST /jobs/{id}/replay'() {
    const id = await enqueued(dying);
    await world.settle();
    return one(`/jobs/${id}/replay`, 'job.replayed', 'job', id);
  },
  'POST /queues/{name}/pause': async () => one(`/queues/${queue}/pause`, 'queue.paused', 'queue', queue),
  'POST /queues/{name}/resume': async () => one(`/queues/${queue}/resume`, 'queue.resumed', 'queue', queue),
  'POST /schedules/{name}/run': async () =>
    one(`/schedules/${nightly.name}/run`, 'schedule.run', 'schedule', nightly.name, { data: { jobId: anyId('job') } }),
  'POST /schedules/{name}/pause': async () =>
    one(`/schedules/${nightly.name}/pause`, 'schedule.paused', 'schedule', nightly.name),
  'POST /schedules/{name}/resume': async () =>
    one(`/schedules/${nightly.name}/resume`, 'schedule.resumed', 'schedule', nightly.name),
};

const countEntries = async () =>
  Number(
    (await world.query('SELECT count(*) FROM audit_entries WHERE tenant_id = $1', [world.tenant.id]))[0]?.['count'],
  );
const entriesAfter = async (count: number) =>
  world.query(
    `SELECT action, entity_type AS type, entity_id AS id, data, outcome, request_id IS NOT NULL AS "hasRequest"
     FROM audit_entries WHERE tenant_id = $1 ORDER BY occurred_at, id OFFSET $2`,
    [world.tenant.id, count],
  );

test('each operation that changes something has an entry or a reason, and no other line is in the lists', async () => {
  const operations = await describedOperations(world.app.test);
  // Every answer of the care area has an entry, reads and refusals too: test/platform/care/routes-matrix.test.ts.
  const others = operations.filter(({ path }) => !path.startsWith('/care/'));
  const changing = others.filter(({ method }) => method !== 'GET').map(({ name }) => name);
  expect([...Object.keys(WITH), ...Object.keys(WITHOUT)].toSorted()).toEqual(changing.toSorted());
});

describe('leaves its entry', () => {
  test.each(Object.entries(WITH))('%s', async (name, make) => {
    const { path, json, entries } = await make();
    const before = await countEntries();
    await send(name.split(' ')[0] ?? '', path, json);
    const expected = entries.map((entry) => ({ ...entry, outcome: 'ok', hasRequest: true }));
    const made = await entriesAfter(before);
    expect(made).toHaveLength(expected.length);
    expect(made).toEqual(expect.arrayContaining(expected));
  });
});

test('the removal of entries by a pattern leaves one entry', async () => {
  const before = await countEntries();
  await send('POST', '/cache/invalidate', { pattern: 'deal-page:*' });
  const entry = { action: 'entries.removed', type: 'pattern', id: 'deal-page:*', data: { entries: 0 } };
  expect(await entriesAfter(before)).toEqual([{ ...entry, outcome: 'ok', hasRequest: true }]);
});

test('an operation that is refused leaves no entry', async () => {
  const before = await countEntries();
  const key = world.tenant.keys.all;
  for (const path of [
    '/jobs/job_none/cancel',
    '/jobs/job_none/retry',
    '/jobs/job_none/replay',
    '/api-keys/aaaaaaaaaaaa/rotate',
  ]) {
    expect([path, (await world.app.test.request(path, { method: 'POST', key })).status]).toEqual([path, 404]);
  }
  expect(await entriesAfter(before)).toEqual([]);
});
