/**
 * An account that a stranger prepared for a reader. The stranger knows the reader's address and signs it up; the reader
 * proves the address later. No setting of the stranger from before that proof may be valid after it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const PASSWORD = 'attacker chose this phrase 77';
let readers = 0;

/** A new address and new slugs. Slugs that begin with `aaa` sort before the inviting tenant. */
function reader() {
  readers += 1;
  const name = `${Date.now().toString(36)}${readers}`;
  return { email: `victim-${name}@corp.example`, evil: (index = 0) => `aaa-evil-${index}-${name}` };
}

const signUp = (email: string, tenant: string, browser = world.browser()) =>
  browser.request('/auth/sign-up', {
    json: { company: 'Evil', tenant, name: 'Mallory', email, password: PASSWORD },
  });
const invite = (email: string) =>
  world.request('/auth/invitations', {
    method: 'POST',
    json: { email, name: 'Reader', role: 'member' },
    key: world.tenant.keys.all,
  });
const signIn = (email: string, tenant?: string) =>
  world.browser().request('/auth/sign-in', { json: { email, password: PASSWORD, tenant } });

/** Proves an address with a code, in the browser that asked for it. */
async function prove(email: string, tenant?: string, browser = world.browser()) {
  await browser.request('/auth/code', { json: { email, tenant } });
  return browser.request('/auth/verify', { json: { code: await world.code(email) } });
}

describe('1/B2 an account prepared for a reader', () => {
  test('the invited reader gets into the inviting tenant, although the address was signed up for another', async () => {
    const { email, evil } = reader();
    expect((await signUp(email, evil())).status).toBe(202);
    expect((await invite(email)).status).toBe(201);
    expect(await (await prove(email)).json()).toMatchObject({ tenant: world.tenant.id, user: { role: 'member' } });
    expect(await problemOf(await signIn(email))).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
    expect(await problemOf(await signIn(email, evil()))).toEqual({ status: 403, code: 'ADDRESS_NOT_VERIFIED' });
  });

  test('three sign-ups that sort first do not hide the invitation', async () => {
    const { email, evil } = reader();
    for (const index of [1, 2, 3, 4]) expect((await signUp(email, evil(index))).status).toBe(202);
    await invite(email);
    expect(await (await prove(email)).json()).toMatchObject({ tenant: world.tenant.id });
  });

  test('a mere sign-up is not chosen unless its tenant is named: the mail has its name but no code', async () => {
    const { email, evil } = reader();
    await signUp(email, evil());
    world.clock.ahead += 1_000;
    expect((await world.browser().request('/auth/code', { json: { email } })).status).toBe(202);
    const [mail] = await world.mails(email);
    expect(mail?.text).toContain(evil());
    expect(mail?.text).not.toMatch(/\b\d{8}\b/);
    expect(await (await prove(email, evil())).json()).toMatchObject({ tenant: evil() });
  });

  test('neither of two invitations is chosen unless its tenant is named', async () => {
    const { email, evil } = reader();
    const mallory = world.browser();
    const own = `mallory-${email}`;
    await signUp(own, evil(), mallory);
    await mallory.request('/auth/verify', { json: { code: await world.code(own) } });
    const json = { email, name: 'Reader', role: 'member' };
    expect((await mallory.request('/auth/invitations', { json })).status).toBe(201);
    await invite(email);
    world.clock.ahead += 1_000;
    await world.browser().request('/auth/code', { json: { email } });
    const mails = await world.mails(email);
    expect(mails[0]?.text).toContain(`${world.tenant.id}, ${evil()}`);
    expect(mails.filter(({ text }) => /\b\d{8}\b/.test(text))).toEqual([]);
    expect(await (await prove(email, world.tenant.id)).json()).toMatchObject({ tenant: world.tenant.id });
  });

  test('a proof by the reader in the prepared tenant ends the password of the sign-up', async () => {
    const { email, evil } = reader();
    const mallory = world.browser();
    await signUp(email, evil(), mallory);
    const victim = world.browser();
    const proven = await prove(email, evil(), victim);
    expect(await proven.json()).toMatchObject({ tenant: evil(), passwordEnded: true });
    expect(await problemOf(await signIn(email, evil()))).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
    const [welcome] = await world.mails(email);
    expect(welcome?.text).toContain('is no longer valid');

    // The reader sets a password, as after a forgotten one, and signs in with it.
    const password = 'the reader chose this one';
    expect((await victim.request('/auth/password', { json: { password } })).status).toBe(204);
    const again = await world.browser().request('/auth/sign-in', { json: { email, password } });
    expect(await again.json()).toMatchObject({ tenant: evil() });
  });

  test('the browser that signed up keeps its password, even with a second code', async () => {
    for (const askAgain of [false, true]) {
      const { email, evil } = reader();
      const browser = world.browser();
      await signUp(email, evil(), browser);
      if (askAgain) await browser.request('/auth/code', { json: { email, tenant: evil() } });
      const proven = await browser.request('/auth/verify', { json: { code: await world.code(email) } });
      expect(proven.status).toBe(200);
      expect(await proven.json()).not.toHaveProperty('passwordEnded');
      expect([...browser.cookies.keys()]).toEqual(['__Host-session']);
      expect((await signIn(email)).status).toBe(200);
    }
  });

  test.each<[string, (world: World) => void, (mark: string) => string]>([
    ['after an hour', ({ clock }) => (clock.ahead += 3_600_001), (mark) => mark],
    ['changed by one character', () => {}, (mark) => mark.replace(/.(?=.{8}$)/, (one) => (one === 'A' ? 'B' : 'A'))],
    ['empty', () => {}, () => ''],
  ])('a mark of the sign-up does not keep the password: %s', async (_, wait, change) => {
    const { email, evil } = reader();
    const browser = world.browser();
    await signUp(email, evil(), browser);
    wait(world);
    browser.cookies.set('__Host-sign-up', change(browser.cookies.get('__Host-sign-up') ?? ''));
    expect(await (await prove(email, evil(), browser)).json()).toMatchObject({ passwordEnded: true });
    expect((await signIn(email, evil())).status).toBe(401);
  });

  test('a mark of another sign-up of the same browser does not keep the password', async () => {
    const { email, evil } = reader();
    await signUp(email, evil(1));
    const browser = world.browser();
    await signUp(email, evil(2), browser);
    expect(await (await prove(email, evil(1), browser)).json()).toMatchObject({ tenant: evil(1), passwordEnded: true });
    expect((await signIn(email, evil(1))).status).toBe(401);
  });

  test('a later proof does not end the password', async () => {
    const { browser, person } = await world.signedIn();
    expect(await (await prove(person.email)).json()).not.toHaveProperty('passwordEnded');
    expect((await browser.request('/auth/session')).status).toBe(200);
    const again = await world.browser().request('/auth/sign-in', {
      json: { email: person.email, password: person.password },
    });
    expect(again.status).toBe(200);
  });

  test('an invitation of an address already signed up for the same tenant does not change the sign-up', async () => {
    const { email, evil } = reader();
    await signUp(email, evil());
    const key = await world.keyOf(evil());
    const json = { email, name: 'Reader', role: 'member' };
    expect(await problemOf(await world.request('/auth/invitations', { method: 'POST', json, key }))).toMatchObject({
      status: 409,
    });
    expect(await (await prove(email, evil())).json()).toMatchObject({ passwordEnded: true, user: { role: 'owner' } });
    expect((await signIn(email, evil())).status).toBe(401);
  });
});
