/** Access to the console: sign-in, the two rights, requests of other sites, other tenants, and the headers of its pages. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ACTIONS, QUESTIONS, SCREENS } from '../../../src/console/addresses.ts';
import { expectStrict } from '../../support/pages.ts';
import { addKey, createTenant } from '../../support/tenant.ts';
import { type Desk, open, openDesk, plain, wordsOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

const at = (path: string) => path.replace(/:\w+/g, 'job_1');
const screens = Object.values(SCREENS).map(at);
const questions = Object.values(QUESTIONS).map(at);
const posts = [...Object.values(ACTIONS), ...Object.values(QUESTIONS)].map(at);
const ask = (path: string, method: string, key: string | null) => desk.world.app.test.request(path, { method, key });

test('a browser without a session is led to the sign-in page from every address', async () => {
  for (const path of [...screens, ...questions]) {
    const answer = await ask(path, 'GET', null);
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, '/sign-in']);
  }
  for (const path of posts) expect([path, (await ask(path, 'POST', null)).status]).toEqual([path, 303]);
});

test('a caller without console:view sees no screen, and one without console:act runs and asks nothing', async () => {
  const { connectionString, tenant } = desk.world;
  const none = await addKey(connectionString, tenant.id, { rights: ['jobs:admin', 'cache:admin', 'console:act'] });
  const view = await addKey(connectionString, tenant.id, { rights: ['jobs:admin', 'cache:admin', 'console:view'] });
  for (const path of screens) expect([path, (await ask(path, 'GET', none)).status]).toEqual([path, 403]);
  for (const path of questions) expect([path, (await ask(path, 'GET', view)).status]).toEqual([path, 403]);
  for (const path of posts) expect([path, (await ask(path, 'POST', view)).status]).toEqual([path, 403]);
});

test('each role has the rights that docs/security.md names', async () => {
  const id = await desk.enqueue(plain, 1, { delay: '1h' });
  const seen: Record<string, [number, number]> = {};
  for (const role of ['owner', 'admin', 'auditor', 'member', 'clinician'] as const) {
    const { browser } = await desk.signedIn({ role });
    const shown = await browser.request('/console/jobs');
    const acted = await browser.request(`/console/jobs/${id}/cancel`, { form: new URLSearchParams() });
    seen[role] = [shown.status, acted.status];
    if (role === 'auditor') expect(await shown.text()).not.toContain('<form method="post" action="/console');
  }
  expect(seen).toEqual({
    ...{ owner: [200, 303], admin: [200, 303], auditor: [200, 403] },
    ...{ member: [403, 403], clinician: [403, 403] },
  });
});

test('a user who has proved no second factor sees every screen, and is asked nothing and changes nothing', async () => {
  desk.operates(true);
  const { browser } = await desk.signedIn({ role: 'owner', factor: false });
  const id = await desk.enqueue(plain, 1, { delay: '1h' });
  for (const path of screens) {
    const { text, status } = await open(browser, path);
    expect([path, status]).toEqual([path, path.includes('job_1') ? 404 : 200]);
    if (status === 200) expect(wordsOf(text)).toContain('You can look only');
    expect(text).not.toMatch(/<form method="post" action="\/console(?!\/audit)/);
  }
  for (const path of questions) expect([path, (await browser.request(path)).status]).toEqual([path, 403]);
  for (const path of [...posts, `/console/jobs/${id}/cancel`]) {
    // A verification changes nothing.
    if (path === ACTIONS.verifyTrail) continue;
    const answer = await browser.request(path, { form: new URLSearchParams() });
    expect([path, answer.status]).toEqual([path, 403]);
    expect(await answer.text()).toContain('SECOND_FACTOR_REQUIRED');
  }
  expect(await desk.world.read(id)).toMatchObject({ state: 'queued' });
});

test('a form that another site sends is refused', async () => {
  const { browser } = await desk.signedIn();
  const id = await desk.enqueue(plain, 1, { delay: '1h' });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': '', origin: 'https://evil.example' },
  ]) {
    const answer = await browser.request(`/console/jobs/${id}/cancel`, { form: new URLSearchParams(), headers });
    expect(answer.status).toBe(403);
  }
  expect(await desk.world.read(id)).toMatchObject({ state: 'queued' });
});

test('a form leads back to pages of the console only', async () => {
  const { browser } = await desk.signedIn();
  for (const back of [
    'https://evil.example/console',
    '//evil.example/console',
    '/sign-out',
    '/consoles',
    '\\\\evil',
    '',
  ]) {
    const id = await desk.enqueue(plain, 1, { delay: '1h' });
    const answer = await browser.request(`/console/jobs/${id}/cancel`, { form: new URLSearchParams({ back }) });
    expect([back, answer.headers.get('location')]).toEqual([back, '/console?done=job-cancelled']);
  }
});

test('a tenant sees and changes only jobs of its own', async () => {
  const other = await createTenant(desk.world.connectionString);
  const id = await desk.enqueue(plain, 1, { delay: '1h' });
  const key = other.keys.all;
  expect(await (await ask('/console/jobs', 'GET', key)).text()).not.toContain(id);
  expect((await ask(`/console/jobs/${id}`, 'GET', key)).status).toBe(404);
  expect((await ask(`/console/jobs/${id}/cancel`, 'POST', key)).status).toBe(404);
  expect(await desk.world.read(id)).toMatchObject({ state: 'queued' });
});

test('every page forbids inline scripts and styles, and has none; no cache stores it', async () => {
  desk.operates(true);
  const { browser } = await desk.signedIn();
  for (const path of screens) {
    const { text, headers, status } = await open(browser, path);
    expect([path, status]).toEqual([path, path.includes('job_1') ? 404 : 200]);
    expectStrict({ html: text, headers });
  }
});
