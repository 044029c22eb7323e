/** Changing a password. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const next = 'another long passphrase';

test('needs the current password, ends every other session, and sends a mail', async () => {
  const { browser, person } = await world.signedIn();
  const other = world.browser();
  await other.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
  const before = browser.cookieHeader();
  const changed = await browser.request('/auth/password', { json: { current: person.password, password: next } });
  expect(changed.status).toBe(204);
  expect((await browser.request('/auth/session')).status).toBe(200);
  expect((await other.request('/auth/session')).status).toBe(401);
  expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
  const old = { email: person.email, password: person.password };
  expect((await world.browser().request('/auth/sign-in', { json: old })).status).toBe(401);
  expect((await world.browser().request('/auth/sign-in', { json: { ...old, password: next } })).status).toBe(200);
  expect(await world.mails(person.email)).toHaveLength(1);
});

test('without the current password, or with a wrong one, nothing changes', async () => {
  const { browser, person } = await world.signedIn();
  const wrong = await browser.request('/auth/password', { json: { current: 'wrong', password: next } });
  expect(await problemOf(wrong)).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
  const none = await browser.request('/auth/password', { json: { password: next } });
  expect(await none.json()).toMatchObject({ status: 400, errors: [{ field: 'current' }] });
  const json = { email: person.email, password: person.password };
  expect((await world.browser().request('/auth/sign-in', { json })).status).toBe(200);
});

test('a code replaces a forgotten password for five minutes', async () => {
  const person = await world.person();
  const browser = world.browser();
  const enter = async () => {
    await browser.request('/auth/code', { json: { email: person.email } });
    await browser.request('/auth/verify', { json: { code: await world.code(person.email) } });
  };
  await enter();
  world.clock.ahead += 300_001;
  const late = await browser.request('/auth/password', { json: { password: next } });
  expect(await problemOf(late)).toEqual({ status: 403, code: 'SESSION_NOT_FRESH' });
  await enter();
  expect((await browser.request('/auth/password', { json: { password: next } })).status).toBe(204);
});

test('leaves no trace of the password in Redis: an Idempotency-Key is ignored', async () => {
  const { browser, person } = await world.signedIn();
  const json = { current: person.password, password: next };
  const headers = { 'idempotency-key': 'change-my-password' };
  const changed = await browser.request('/auth/password', { json, headers });
  // A fingerprint of the body would be two commands more, and a fast hash of both passwords.
  expect([changed.status, costOf(changed)['redis']]).toEqual([204, '2 requests, 6 commands']);
});

test('a bad new password is refused with the name of its field', async () => {
  const { browser, person } = await world.signedIn();
  const response = await browser.request('/auth/password', { json: { current: person.password, password: 'short' } });
  expect(await response.json()).toMatchObject({ status: 400, errors: [{ field: 'password' }] });
});

test('an access token cannot change a password', async () => {
  const person = await world.person();
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const signedIn = await world.browser().request('/auth/sign-in', { json });
  const { accessToken = '' } = (await signedIn.json()) as Record<string, string>;
  const response = await world.request('/auth/password', {
    method: 'POST',
    key: accessToken,
    json: { current: person.password, password: next },
  });
  expect(await problemOf(response)).toEqual({ status: 403, code: 'NEEDS_SESSION' });
});
