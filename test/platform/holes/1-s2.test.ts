/** A command that is harmless when repeated runs each time: no stored answer replaces the run. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { post, rememberedInRedis } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { addPerson, createBrowser, type Person } from '../../support/people.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { describedOperations } from '../http/described-api.ts';

const { url: database } = inject('cloud').postgres;
let tenant: OwnTenant;
let app: Instance;
let person: Person;
beforeAll(async () => {
  tenant = await createTenant(database);
  app = await createInstance({ tenant, environment: { OPERATOR_TENANT: tenant.id } });
  person = await addPerson(database, tenant.id, { role: 'owner' });
});
afterAll(() => app.close());

async function signIn() {
  const browser = createBrowser(async (path, init) => app.request(path, { ...init, key: null }));
  await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
  expect((await browser.request('/auth/session')).status).toBe(200);
  return browser;
}

/** The commands, listed by hand: each leads to the same state from any state. */
const COMMANDS = [
  'POST /auth/sign-out',
  'POST /auth/sessions/revoke-all',
  'POST /cache/invalidate',
  'POST /jobs/{id}/cancel',
  'POST /notifications/{id}/read',
  'POST /queues/{name}/pause',
  'POST /queues/{name}/resume',
];

describe('1/S2 a command that is harmless twice', () => {
  test('has no Idempotency-Key, as its description says', async () => {
    const operations = await describedOperations(app);
    for (const name of COMMANDS) {
      const operation = operations.find((each) => each.name === name);
      expect(operation, name).toBeDefined();
      expect(operation?.parameters.filter((each) => each.in === 'header').map((each) => each.name)).toEqual([]);
      // An empty key is refused by every route that reads the header.
      const path = operation?.path.replace(/\{\w+\}/g, 'none') ?? '';
      const answer = await post(app, '', path, { json: { tags: [['deals']] } });
      expect(await answer.text(), name).not.toContain('idempotency-key');
    }
  });

  test('revoke-all under a used key ends the sessions created in between', async () => {
    expect((await post(app, 'ra', '/auth/sessions/revoke-all')).status).toBe(204);
    const browser = await signIn();
    const again = await post(app, 'ra', '/auth/sessions/revoke-all');
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([204, null]);
    expect((await browser.request('/auth/session')).status).toBe(401);
  });

  test('sign-out under a used key signs this session out and removes its cookie', async () => {
    for (const browser of [await signIn(), await signIn()]) {
      const copy = browser.cookieHeader();
      const answer = await browser.request('/auth/sign-out', {
        method: 'POST',
        headers: { 'idempotency-key': 'out' },
      });
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([204, null]);
      expect(answer.headers.getSetCookie()).toHaveLength(1);
      const stolen = await app.request('/auth/session', { key: null, headers: { cookie: copy } });
      expect(stolen.status).toBe(401);
    }
  });

  test('a notification is marked read again under a used key', async () => {
    const browser = await signIn();
    const id = 'notification_1';
    await sql(
      database,
      `INSERT INTO notifications (tenant_id, id, user_id, kind, title, data, updated_at)
       VALUES ($1, $2, $3, 'task.assigned', 'A task', '{}', now())`,
      [tenant.id, id, person.id],
    );
    const read = () =>
      browser.request(`/notifications/${id}/read`, { method: 'POST', headers: { 'idempotency-key': 'read' } });
    const unread = () => sql(database, 'SELECT id FROM notifications WHERE id = $1 AND read_at IS NULL', [id]);
    expect([(await read()).status, await unread()]).toEqual([204, []]);
    await sql(database, 'UPDATE notifications SET read_at = NULL WHERE id = $1', [id]);
    expect([(await read()).status, await unread()]).toEqual([204, []]);
  });

  test('no answer is stored', async () => {
    expect(await rememberedInRedis(app, tenant)).toEqual({});
  });
});
