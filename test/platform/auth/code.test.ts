/** Signing in with a mailed code, after signing up, and after an invitation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('a code by e-mail', () => {
  test('signs in the browser that asked for it, once, and proves the address', async () => {
    const person = await world.person({ password: null, verified: false });
    const browser = world.browser();
    const asked = await browser.request('/auth/code', { json: { email: person.email } });
    expect([asked.status, await asked.json()]).toEqual([202, { sent: true }]);
    expect(asked.headers.getSetCookie()[0]).toMatch(/^__Host-challenge=.*SameSite=Strict/);
    const code = await world.code(person.email);
    const verified = await browser.request('/auth/verify', { json: { code } });
    expect(await verified.json()).toMatchObject({ user: { id: person.id } });
    expect((await browser.request('/auth/session')).status).toBe(200);
    expect([...browser.cookies.keys()]).toEqual(['__Host-session']);
    const again = await browser.request('/auth/verify', { json: { code } });
    expect(await problemOf(again)).toEqual({ status: 401, code: 'CODE_OVER' });
  });

  test('is answered alike for known and unknown addresses', async () => {
    const person = await world.person();
    const answers = await Promise.all(
      [person.email, `nobody-${person.email}`].map((email) =>
        world.browser().request('/auth/code', { json: { email } }),
      ),
    );
    const [known, unknown] = answers.map(({ status, headers }) => ({
      status,
      cookie: headers.getSetCookie()[0]?.replace(/=[^;]*/, ''),
      names: [...headers.keys()].sort(),
      cost: headers.get('server-timing')?.replace(/dur=[\d.]+/g, ''),
    }));
    expect(unknown).toEqual(known);
    expect(await world.mails(`nobody-${person.email}`)).toEqual([]);
  });

  test('is refused in another browser', async () => {
    const person = await world.person();
    await world.browser().request('/auth/code', { json: { email: person.email } });
    const code = await world.code(person.email);
    const thief = world.browser();
    expect(await problemOf(await thief.request('/auth/verify', { json: { code } }))).toMatchObject({ status: 401 });
    await thief.request('/auth/code', { json: { email: person.email } });
    const before = world.lines.length;
    expect(await problemOf(await thief.request('/auth/verify', { json: { code } }))).toEqual({
      status: 401,
      code: 'WRONG_CODE',
    });
    expect(world.lines.slice(before).join('\n')).toMatch(/"event":"auth.refused".*"reason":"code"/);
  });

  test('ends after five wrong tries', async () => {
    const person = await world.person();
    const browser = world.browser();
    await browser.request('/auth/code', { json: { email: person.email } });
    const code = await world.code(person.email);
    const wrong = code === '00000000' ? '11111111' : '00000000';
    for (let left = 4; left >= 0; left -= 1) {
      const response = await browser.request('/auth/verify', { json: { code: wrong } });
      expect(await response.json()).toMatchObject({
        code: 'WRONG_CODE',
        detail: expect.stringContaining(`${left} more`),
      });
    }
    expect(await problemOf(await browser.request('/auth/verify', { json: { code } }))).toEqual({
      status: 401,
      code: 'CODE_OVER',
    });
  });

  test('is refused for a user disabled meanwhile', async () => {
    const person = await world.person();
    const browser = world.browser();
    await browser.request('/auth/code', { json: { email: person.email } });
    const code = await world.code(person.email);
    await world.request(`/users/${person.id}`, {
      method: 'PATCH',
      json: { disabled: true },
      key: world.tenant.keys.all,
    });
    const response = await browser.request('/auth/verify', { json: { code } });
    expect(await problemOf(response)).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
  });

  test.each(['', '1234567', '123456789', 'abcdefgh', '１２３４５６７８', '12345678\u0000'])(
    '%j is refused with the name of the field',
    async (code) => {
      const response = await world.browser().request('/auth/verify', { json: { code } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field: 'code' }] });
    },
  );
});

describe('signing up', () => {
  const signUp = (tenant: string, more: object = {}) => ({
    company: 'Kelp & Sons',
    tenant,
    name: 'Ada Kelp',
    email: `ada@${tenant}.example`,
    password: 'a long enough passphrase',
    ...more,
  });
  const slug = () => `s-${Math.random().toString(36).slice(2, 12)}`;

  test('creates a tenant and its owner, who is signed in after proving the address', async () => {
    const tenant = slug();
    const browser = world.browser();
    const json = signUp(tenant);
    expect((await browser.request('/auth/sign-up', { json })).status).toBe(202);
    // Not before the proof.
    const early = await world
      .browser()
      .request('/auth/sign-in', { json: { email: json.email, password: json.password, tenant } });
    expect(early.status).toBe(403);
    const [, first] = await world.mails(json.email);
    const code = /\b\d{8}\b/.exec(first?.text ?? '')?.[0];
    const verified = await browser.request('/auth/verify', { json: { code } });
    expect(await verified.json()).toMatchObject({ tenant, user: { name: 'Ada Kelp', role: 'owner' } });
    expect(await (await browser.request('/companies')).json()).toMatchObject({ items: [] });
    const added = await browser.request('/companies', { json: { name: 'First' } });
    expect(added.status).toBe(201);
    const { items } = (await (await browser.request('/dashboard/activity')).json()) as { items: object[] };
    expect(items[0]).toMatchObject({ verb: 'created', actor: { name: 'Ada Kelp' } });
  });

  test('a taken slug is a conflict of its field', async () => {
    const response = await world.browser().request('/auth/sign-up', { json: signUp(world.tenant.id) });
    expect(response.status).toBe(409);
  });

  test.each<[string, object, string]>([
    ['a short password', { password: 'short' }, 'password'],
    ['a common password', { password: 'passwordpassword' }, 'password'],
    ['the address as a password', { password: 'ada@kelp.example!', email: 'ada@kelp.example' }, 'password'],
    ['a slug with capitals', { tenant: 'Kelp' }, 'tenant'],
    ['the slug that means no tenant', { tenant: '-' }, 'tenant'],
    ['an unknown currency', { currency: 'euro' }, 'currency'],
  ])('%s is refused', async (_what, more, field) => {
    const response = await world.browser().request('/auth/sign-up', { json: signUp(slug(), more) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
  });
});

describe('an invitation', () => {
  test('creates a user, who gets a mail and signs in with a code', async () => {
    const { browser } = await world.signedIn({ role: 'admin' });
    // Caches that the user does not exist.
    await browser.request('/users');
    const email = `guest-${Date.now()}@people.example`;
    const invited = await browser.request('/auth/invitations', { json: { email, name: 'Guest', role: 'member' } });
    expect(invited.status).toBe(201);
    const { id } = (await invited.json()) as { id: string };
    expect(invited.headers.get('location')).toBe(`/users/${id}`);
    const { items } = (await (await browser.request('/users')).json()) as { items: { id: string }[] };
    expect(items.map((user) => user.id)).toContain(id);
    expect((await world.mails(email))[0]?.subject).toBeTruthy();

    const guest = world.browser();
    await guest.request('/auth/code', { json: { email } });
    const verified = await guest.request('/auth/verify', { json: { code: await world.code(email) } });
    expect(await verified.json()).toMatchObject({ user: { id, role: 'member' } });
    const set = await guest.request('/auth/password', { json: { password: 'a long enough passphrase' } });
    expect(set.status).toBe(204);
    const json = { email, password: 'a long enough passphrase' };
    expect((await world.browser().request('/auth/sign-in', { json })).status).toBe(200);
  });

  test('of an existing user is a conflict', async () => {
    const { browser, person } = await world.signedIn({ role: 'admin' });
    const json = { email: person.email, name: 'X', role: 'member' };
    expect((await browser.request('/auth/invitations', { json })).status).toBe(409);
  });
});
