/** Inviting needs the right to manage users: the gate refuses other callers with its own code, and no mail is sent. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const invitation = (role: string) => ({
  email: `${randomBytes(6).toString('hex')}@people.example`,
  name: 'Guest',
  role,
});

describe('2/1 an invitation', () => {
  test.each(['member', 'clinician', 'auditor'] as const)(
    'by a %s is refused by the gate for any role, and no mail is sent',
    async (actor) => {
      const { browser } = await world.signedIn({ role: actor });
      for (const role of ['member', 'auditor', 'admin', 'owner']) {
        const json = invitation(role);
        const response = await browser.request('/auth/invitations', { json });
        expect(await problemOf(response), role).toEqual({ status: 403, code: 'NOT_ALLOWED' });
        expect(await world.mails(json.email)).toEqual([]);
      }
    },
  );

  test('by an admin works for members; for an owner it is beyond an admin’s rights and sends no mail', async () => {
    const { browser } = await world.signedIn({ role: 'admin' });
    const allowed = invitation('member');
    expect((await browser.request('/auth/invitations', { json: allowed })).status).toBe(201);
    expect(await world.mails(allowed.email)).toHaveLength(1);
    const refused = invitation('owner');
    const response = await browser.request('/auth/invitations', { json: refused });
    expect(await response.json()).toMatchObject({
      status: 403,
      code: 'BEYOND_YOUR_RIGHTS',
      errors: [{ field: 'role' }],
    });
    expect(await world.mails(refused.email)).toEqual([]);
  });
});
