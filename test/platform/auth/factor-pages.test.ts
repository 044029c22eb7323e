/** The pages of the second factor, used without scripts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, press } from '../../support/pages.ts';
import { type FactorWorld, openFactorWorld } from './factor-world.ts';

let world: FactorWorld;
beforeAll(async () => {
  world = await openFactorWorld();
});
afterAll(() => world.close());

test('a user adds an app, signs in with it, makes new recovery codes, and removes the app with one of them', async () => {
  const person = await world.person();
  const browser = await world.byCode(person);
  const welcome = await open(browser, '/welcome');
  expect(welcome.html).toContain('href="/welcome/factor"');
  const secretPage = await press(browser, await open(browser, '/welcome/factor'), 'Add an authenticator app');
  const secret = /<strong>([A-Z2-7]{32})<\/strong>/.exec(secretPage.html)?.[1] ?? '';
  const code = world.codeOf(secret);
  const wrong = await press(browser, secretPage, 'Confirm', { code: code === '000000' ? '000001' : '000000' });
  expect([wrong.status, wrong.html.includes('role="alert"')]).toEqual([401, true]);
  const codes = await press(browser, wrong, 'Confirm', { code: `${code.slice(0, 3)} ${code.slice(3)}` });
  expect([codes.status, [...codes.html.matchAll(/<code>/g)].length]).toEqual([200, 10]);
  expect(codes.headers.get('cache-control')).toBe('no-store');

  const other = world.browser();
  const { email, password } = person;
  const second = await press(other, await open(other, '/sign-in'), 'Sign in', { email, password });
  expect(second).toMatchObject({ status: 200, path: '/sign-in/factor' });
  const signedIn = await press(other, second, 'Sign in', { code: world.nextCode(secret) });
  expect(signedIn).toMatchObject({ status: 200, path: '/welcome' });

  const own = await open(other, '/welcome/factor');
  const renewed = await press(other, own, 'Make new recovery codes', { code: world.nextCode(secret) });
  const [, recoveryCode = ''] = /<code>([\w-]{22})<\/code>/.exec(renewed.html) ?? [];
  const removed = await press(other, await open(other, '/welcome/factor'), 'Remove', { code: recoveryCode });
  expect(removed).toMatchObject({ status: 200, path: '/welcome/factor' });
  expect(removed.html).toContain('Add an authenticator app');
  expect((await world.signIn(world.browser(), person)).status).toBe(200);
});

test('a session that began with a password is asked to sign in with a mailed code', async () => {
  const { browser } = await world.signedIn();
  const refused = await press(browser, await open(browser, '/welcome/factor'), 'Add an authenticator app');
  expect(refused.status).toBe(403);
  expect(refused.html).toContain('Sign in with a mailed code');
});

test('a browser without a session is led to the sign-in page, and the URL of a form to the page', async () => {
  expect(await open(world.browser(), '/welcome/factor')).toMatchObject({ path: '/sign-in' });
  const { browser } = await world.signedIn();
  expect(await open(browser, '/welcome/factor/codes')).toMatchObject({ path: '/welcome/factor', status: 200 });
});
