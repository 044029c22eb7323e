/** The code of an invitation: it signs the invited user in once, in the inviting tenant, and expires. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

let guests = 0;
const newAddress = () => {
  guests += 1;
  return `guest-${Date.now().toString(36)}-${guests}@people.example`;
};

/** Invites an address and returns the user's id. */
async function invite(email = newAddress(), role = 'member') {
  const json = { email, name: 'Guest', role };
  const response = await world.request('/auth/invitations', { method: 'POST', json, key: world.tenant.keys.all });
  const { id } = (await response.json()) as { id: string };
  return { id, email, code: await mailed(email) };
}

/** The code in the newest mail to an address. */
async function mailed(email: string): Promise<string> {
  const [mail] = await world.mails(email);
  const [link = ''] = /http\S+\/sign-in\?\S+/.exec(mail?.text ?? '') ?? [];
  const { searchParams } = new URL(link);
  expect(searchParams.get('tenant')).toBe(world.tenant.id);
  return searchParams.get('invitation') ?? expect.fail('There is no code in the mail');
}

const accept = (invitation: string, tenant = world.tenant.id, browser = world.browser()) =>
  browser.request('/auth/invitations/accept', { json: { tenant, invitation } });
const again = (id: string) =>
  world.request(`/auth/invitations/${id}/again`, { method: 'POST', key: world.tenant.keys.all });
const disable = (id: string, disabled: boolean) =>
  world.request(`/users/${id}`, { method: 'PATCH', json: { disabled }, key: world.tenant.keys.all });
const over = { status: 401, code: 'INVITATION_OVER' };

describe('the code of an invitation', () => {
  test('signs in the reader of the mail, once, and proves the address', async () => {
    const { id, code } = await invite();
    const browser = world.browser();
    const accepted = await accept(code, world.tenant.id, browser);
    expect(accepted.headers.get('cache-control')).toBe('no-store');
    expect(await accepted.json()).toMatchObject({ tenant: world.tenant.id, user: { id, role: 'member' } });
    expect((await browser.request('/auth/session')).status).toBe(200);
    expect(await problemOf(await accept(code))).toEqual(over);
    const [user] = await sql(world.database, 'SELECT verified_at FROM users WHERE id = $1', [id]);
    expect(user?.['verified_at']).not.toBeNull();
  });

  test('reaches an international address, and a second invitation in another spelling finds the user', async () => {
    const local = `josé-${Date.now().toString(36)}`;
    const json = { email: `${local}@BÜCHER.example`, name: 'Guest', role: 'member' };
    const send = (email: string) =>
      world.request('/auth/invitations', { method: 'POST', json: { ...json, email }, key: world.tenant.keys.all });
    const invited = (await (await send(json.email)).json()) as { id: string };
    expect(invited).toMatchObject({ email: `${local}@bücher.example` });
    const code = await mailed(`${local}@xn--bcher-kva.example`);
    expect(await (await accept(code)).json()).toMatchObject({ user: { id: invited.id } });
    expect(await problemOf(await send(`${local}@xn--bcher-kva.example`))).toEqual({
      status: 409,
      code: 'ALREADY_EXISTS',
    });
  });

  test('gives tokens to a program that asks for them', async () => {
    const { code } = await invite();
    const json = { tenant: world.tenant.id, invitation: code, as: 'tokens' };
    const response = await world.browser().request('/auth/invitations/accept', { json });
    expect(await response.json()).toMatchObject({ tokenType: 'Bearer', refreshToken: expect.any(String) });
  });

  test('stays valid after any number of codes asked for and guessed by strangers', async () => {
    const { id, email, code } = await invite();
    for (let asked = 0; asked < 25; asked += 1) {
      const stranger = world.browser();
      await stranger.request('/auth/code', { json: { email, tenant: world.tenant.id } });
      await stranger.request('/auth/verify', { json: { code: '00000000' } });
    }
    expect(await (await accept(code)).json()).toMatchObject({ user: { id } });
  });

  test('is accepted from one of two simultaneous requests', async () => {
    const { code } = await invite();
    const answers = await Promise.all([accept(code), accept(code), accept(code)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  test('is valid for its tenant and in its spelling only', async () => {
    const { code } = await invite();
    for (const [wrong, tenant] of [
      [code, 'acme'],
      [`${code.slice(0, -1)}${code.endsWith('A') ? 'Q' : 'A'}`, undefined],
      [code.toUpperCase() === code ? code.toLowerCase() : code.toUpperCase(), undefined],
    ] as const) {
      expect(await problemOf(await accept(wrong, tenant))).toEqual(over);
    }
    for (const invitation of ['', 'short', `${code}x`, 1, null]) {
      const json = { tenant: world.tenant.id, invitation };
      const response = await world.browser().request('/auth/invitations/accept', { json });
      expect(await response.json()).toMatchObject({ status: 400, errors: [{ field: 'invitation' }] });
    }
    expect((await accept(code)).status).toBe(200);
  });

  test('is stored in plain text neither with the invitation nor in the outbox', async () => {
    const email = newAddress();
    const json = { email, name: 'Guest', role: 'member' };
    const response = await world.request('/auth/invitations', { method: 'POST', json, key: world.tenant.keys.all });
    const answer = await response.text();
    const outboxRows = await sql(world.database, 'SELECT * FROM outbox WHERE tenant_id = $1', [world.tenant.id]);
    const rows = await sql(world.database, 'SELECT * FROM invitations WHERE tenant_id = $1', [world.tenant.id]);
    const code = await mailed(email);
    for (const place of [answer, JSON.stringify(outboxRows), JSON.stringify(rows)]) expect(place).not.toContain(code);
  });
});

describe('the code of an invitation ends', () => {
  test('with a newer code', async () => {
    const { id, email, code } = await invite();
    world.clock.ahead += 1_000;
    expect((await again(id)).status).toBe(202);
    const newer = await mailed(email);
    expect(newer).not.toBe(code);
    expect(await problemOf(await accept(code))).toEqual(over);
    expect((await accept(newer)).status).toBe(200);
  });

  test('after seven days', async () => {
    const { code } = await invite();
    const { code: other } = await invite();
    world.clock.ahead += 7 * 86_400_000 - 60_000;
    expect((await accept(code)).status).toBe(200);
    world.clock.ahead += 60_000;
    expect(await problemOf(await accept(other))).toEqual(over);
  });

  test('when the user is disabled, even if enabled again', async () => {
    const { id, email, code } = await invite();
    await disable(id, true);
    expect(await problemOf(await accept(code))).toEqual(over);
    expect(await problemOf(await again(id))).toEqual({ status: 409, code: 'NOT_INVITED' });
    await disable(id, false);
    expect(await problemOf(await accept(code))).toEqual(over);
    world.clock.ahead += 1_000;
    expect((await again(id)).status).toBe(202);
    expect((await accept(await mailed(email))).status).toBe(200);
  });

  test('when another code proves the address', async () => {
    const { id, email, code } = await invite();
    const browser = world.browser();
    await browser.request('/auth/code', { json: { email } });
    const proven = await browser.request('/auth/verify', { json: { code: await world.code(email) } });
    expect(await proven.json()).toMatchObject({ user: { id } });
    expect(await problemOf(await accept(code))).toEqual(over);
    expect(await problemOf(await again(id))).toEqual({ status: 409, code: 'NOT_INVITED' });
  });
});

describe('the mail', () => {
  test('names the inviting user, the organization and its slug', async () => {
    const { browser } = await world.signedIn({ role: 'admin' });
    const email = newAddress();
    await browser.request('/auth/invitations', { json: { email, name: 'Guest', role: 'member' } });
    const [mail] = await world.mails(email);
    expect(mail?.subject).toBe(`Some Person invites you to ${world.tenant.id}`);
    expect(mail?.text).toContain(`the organization ${world.tenant.id}.`);
  });

  test('says that an API key has invited', async () => {
    const { email } = await invite();
    const [mail] = await world.mails(email);
    expect(mail?.subject).toBe(`An API key of ${world.tenant.id} invites you to ${world.tenant.id}`);
  });

  test('can be sent again by a user with `users:manage`, for users of the same tenant only', async () => {
    const { id } = await invite();
    const key = world.tenant.keys.readOnly;
    const path = `/auth/invitations/${id}/again`;
    expect(await problemOf(await world.request(path, { method: 'POST', key }))).toMatchObject({ status: 403 });
    expect(await problemOf(await world.request(path, { method: 'POST' }))).toMatchObject({ status: 404 });
    expect((await again('user_none')).status).toBe(404);
  });
});
