/** The page `/live`: for signed-in users, in local mode only. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('shows the frame of the board to a signed-in user, and to no cache', async () => {
  const { browser, person } = await world.signedIn();
  const page = await browser.request('/live');
  expect(page.status).toBe(200);
  expect(page.headers.get('cache-control')).toBe('no-store');
  const text = await page.text();
  expect(text).toContain(`data-user="${person.id}"`);
  expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
});

test('allows scripts and styles of its own site only, and no text as markup', async () => {
  const { browser } = await world.signedIn();
  const policy = (await browser.request('/live')).headers.get('content-security-policy');
  expect(policy?.split('; ').toSorted()).toEqual([
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "script-src 'self'",
    "style-src 'self'",
    "trusted-types 'none'",
  ]);
  // Other pages still run no script.
  expect((await browser.request('/welcome')).headers.get('content-security-policy')).not.toContain('script-src');
});

test('leads a browser without a session to the sign-in page', async () => {
  const answer = await world.browser().request('/live');
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in']);
});

test('is not there outside local mode, and no page links to it', async () => {
  const { browser } = await world.signedIn();
  expect(await (await browser.request('/welcome')).text()).toContain('href="/live"');
  const { environment } = world.platform.scope();
  Object.assign(environment, { HOLDFAST_MODE: 'production' });
  try {
    const answer = await browser.request('/live');
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'NO_SUCH_ROUTE' }]);
    expect(await (await browser.request('/welcome')).text()).not.toContain('href="/live"');
  } finally {
    Object.assign(environment, { HOLDFAST_MODE: 'local' });
  }
});
