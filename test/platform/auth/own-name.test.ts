/** Users may change their own name, and no other field of their account. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const change = (json: object) => ({ method: 'PATCH', json });

describe('PATCH /me', () => {
  test.each(['owner', 'admin', 'member', 'clinician', 'auditor'] as const)(
    'changes the name of a %s, who stays signed in; all readers see it immediately',
    async (role) => {
      const { browser, person } = await world.signedIn({ role });
      const path = `/users/${person.id}`;
      expect(await (await browser.request(path)).json()).toMatchObject({ name: 'Some Person' });
      const changed = await browser.request('/me', change({ name: `A ${role}` }));
      expect(changed.status).toBe(200);
      expect(await changed.json()).toMatchObject({ id: person.id, name: `A ${role}`, role });
      expect(await (await browser.request(path)).json()).toMatchObject({ name: `A ${role}` });
    },
  );

  test.each([
    { role: 'owner' },
    { name: 'X', role: 'owner' },
    { disabled: false, name: 'X' },
    { email: 'x@x.example' },
  ])('with %j is refused with the name of the field', async (json) => {
    const { browser, person } = await world.signedIn({ role: 'admin' });
    expect(await problemOf(await browser.request('/me', change(json)))).toMatchObject({ status: 400 });
    const user = await world.request(`/users/${person.id}`, { key: world.tenant.keys.all });
    expect(await user.json()).toMatchObject({ name: 'Some Person', role: 'admin' });
  });

  test('refuses an API key, which is not a user', async () => {
    const response = await world.request('/me', { ...change({ name: 'X' }), key: world.tenant.keys.all });
    expect(await problemOf(response)).toEqual({ status: 403, code: 'NOT_A_PERSON' });
  });

  test('changes no other user, which needs the right to manage users', async () => {
    const { browser, person } = await world.signedIn({ role: 'member' });
    const response = await browser.request(`/users/${person.id}`, change({ name: 'X' }));
    expect(await problemOf(response)).toEqual({ status: 403, code: 'NOT_ALLOWED' });
  });
});
