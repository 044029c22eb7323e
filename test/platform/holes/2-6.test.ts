/** Two callers of one tenant do not affect each other under an equal `Idempotency-Key`. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { post } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { addKey, createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

const { url: database } = inject('cloud').postgres;
let tenant: OwnTenant;
let app: Instance;
beforeAll(async () => {
  tenant = await createTenant(database);
  app = await createInstance({ tenant });
});
afterAll(() => app.close());

const rows = (name: string) =>
  sql(database, 'SELECT id FROM companies WHERE tenant_id = $1 AND name = $2', [tenant.id, name]);

describe('2/6 an equal Idempotency-Key', () => {
  test('of two API keys of one tenant: each gets its own answer', async () => {
    const other = await addKey(database, tenant.id, { rights: ['*'] });
    const json = { name: 'Two keys' };
    const answers = [
      await post(app, 'equal', '/companies', { json }),
      await post(app, 'equal', '/companies', { json, key: other }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, null]);
    const [one, two] = (await Promise.all(answers.map((each) => each.json()))) as { id: string }[];
    expect(one?.id).not.toBe(two?.id);
    expect(await rows('Two keys')).toHaveLength(2);
    // They are not refused for sending different requests either.
    const different = await post(app, 'equal-2', '/companies', { json: { name: 'One' } });
    const otherBody = await post(app, 'equal-2', '/companies', { json: { name: 'Other' }, key: other });
    expect([different.status, otherBody.status]).toEqual([201, 201]);
  });

  test('of two users of one tenant: each gets an own answer', async () => {
    const send = async (path: string, init: RequestInit) => app.request(path, { ...init, key: null });
    for (const name of ['First', 'Second']) {
      const person = await addPerson(database, tenant.id, { role: 'member' });
      const browser = createBrowser(send);
      await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
      const answer = await browser.request('/companies', { json: { name }, headers: { 'idempotency-key': 'people' } });
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, null]);
      expect(await answer.json()).toMatchObject({ name });
    }
  });
});
