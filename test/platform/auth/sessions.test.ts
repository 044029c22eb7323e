/** Sessions and tokens of a user: listed and ended by the user, and ended by others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Listed {
  id: string;
  kind: string;
  device: string;
  current: boolean;
}

const asOwner = (path: string, json: object) =>
  world.request(path, { method: 'PATCH', json, key: world.tenant.keys.all });

describe('your sessions', () => {
  test('are listed with device and kind, and can be ended one by one', async () => {
    const { browser, person } = await world.signedIn();
    const other = world.browser();
    const json = { email: person.email, password: person.password };
    expect((await other.request('/auth/sign-in', { json })).status).toBe(200);
    const program = await world.browser().request('/auth/sign-in', { json: { ...json, as: 'tokens' } });
    expect(program.status, await program.clone().text()).toBe(200);

    const { items } = (await (await browser.request('/auth/sessions')).json()) as { items: Listed[] };
    expect(items.map(({ kind }) => kind).sort()).toEqual(['browser', 'browser', 'program']);
    expect(items.filter(({ current }) => current)).toHaveLength(1);
    expect(items[0]?.device).toContain('Firefox');
    expect(JSON.stringify(items)).not.toContain('v1.');

    const theirs = items.find(({ kind, current }) => kind === 'browser' && !current);
    expect((await browser.request(`/auth/sessions/${theirs?.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await other.request('/auth/session')).status).toBe(401);
    expect((await browser.request('/auth/session')).status).toBe(200);
    const again = await browser.request(`/auth/sessions/${theirs?.id}`, { method: 'DELETE' });
    expect(again.status).toBe(404);
  });

  test('end all at once except the current one, which gets a new token', async () => {
    const { browser, person } = await world.signedIn();
    const before = browser.cookieHeader();
    const other = world.browser();
    await other.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    expect((await browser.request('/auth/sessions', { method: 'DELETE' })).status).toBe(204);
    expect(browser.cookieHeader()).not.toBe(before);
    expect((await browser.request('/auth/session')).status).toBe(200);
    expect((await other.request('/auth/session')).status).toBe(401);
    expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
  });

  test('end in Redis and in the browser when the user signs out', async () => {
    const { browser } = await world.signedIn();
    const before = browser.cookieHeader();
    const response = await browser.request('/auth/sign-out', { method: 'POST' });
    expect(response.status).toBe(204);
    expect(response.headers.get('clear-site-data')).toContain('"cookies"');
    expect(browser.cookies.size).toBe(0);
    expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
  });

  test('cannot be ended by another user', async () => {
    const { browser } = await world.signedIn();
    const { browser: victim } = await world.signedIn();
    const { items } = (await (await victim.request('/auth/sessions')).json()) as { items: Listed[] };
    expect((await browser.request(`/auth/sessions/${items[0]?.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await victim.request('/auth/session')).status).toBe(200);
  });

  test('do not exist for an API key', async () => {
    const response = await world.request('/auth/sessions', { key: world.tenant.keys.all });
    expect(await problemOf(response)).toEqual({ status: 403, code: 'NOT_A_PERSON' });
  });
});

describe('an idle session', () => {
  test('ends after an hour without use, and after a day with it', async () => {
    const { browser } = await world.signedIn();
    for (let hours = 0; hours < 23.5; hours += 0.5) {
      world.clock.ahead += 1_800_000;
      expect((await browser.request('/auth/session')).status).toBe(200);
    }
    world.clock.ahead += 1_800_000;
    expect((await browser.request('/auth/session')).status).toBe(401);
    const { browser: idle } = await world.signedIn();
    world.clock.ahead += 3_600_001;
    expect((await idle.request('/auth/session')).status).toBe(401);
  });
});

describe('a user who is disabled or gets another role', () => {
  test('is signed out before the acknowledgement, with cookie and tokens', async () => {
    const { browser, person } = await world.signedIn();
    const json = { email: person.email, password: person.password, as: 'tokens' };
    const signedIn = await world.browser().request('/auth/sign-in', { json });
    const { accessToken, refreshToken } = (await signedIn.json()) as Record<string, string>;
    expect((await asOwner(`/users/${person.id}`, { disabled: true })).status).toBe(200);
    expect((await browser.request('/deals')).status).toBe(401);
    expect((await world.request('/deals', { key: accessToken ?? '' })).status).toBe(401);
    const refreshed = await world.browser().request('/auth/refresh', { json: { refreshToken } });
    expect(refreshed.status).toBe(401);
  });

  test('gets the new rights immediately: the old session ends, a new one has the new rights', async () => {
    const { browser, person } = await world.signedIn({ role: 'auditor' });
    expect((await browser.request('/companies', { json: { name: 'X' } })).status).toBe(403);
    await asOwner(`/users/${person.id}`, { role: 'member' });
    expect((await browser.request('/companies')).status).toBe(401);
    await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    expect((await browser.request('/companies', { json: { name: 'X' } })).status).toBe(201);
  });

  test('is not signed out by a change of the name', async () => {
    const { browser, person } = await world.signedIn();
    await asOwner(`/users/${person.id}`, { name: 'Renamed' });
    expect((await browser.request('/auth/session')).status).toBe(200);
  });

  test('cannot create a session meanwhile: in both orders the user is signed out afterwards', async () => {
    for (const first of ['sign-in', 'disable'] as const) {
      const person = await world.person();
      const browser = world.browser();
      const json = { email: person.email, password: person.password };
      const held = Promise.withResolvers<void>();
      // The request that creates the session is held while its user is disabled.
      if (first === 'sign-in') {
        const reached = world.redis.reached('create');
        world.redis.faults.create = { before: held.promise };
        const signingIn = browser.request('/auth/sign-in', { json });
        await reached;
        const disabling = asOwner(`/users/${person.id}`, { disabled: true });
        world.redis.faults = {};
        held.resolve();
        await Promise.all([signingIn, disabling]);
      } else {
        const reached = world.redis.reached('mark');
        world.redis.faults.mark = { before: held.promise };
        const disabling = asOwner(`/users/${person.id}`, { disabled: true });
        await reached;
        const signingIn = browser.request('/auth/sign-in', { json });
        world.redis.faults = {};
        held.resolve();
        await disabling;
        expect((await signingIn).status).toBe(401);
      }
      expect((await browser.request('/auth/session')).status, first).toBe(401);
    }
  });

  test('is not disabled at all while Redis is down, instead of by half', async () => {
    const { browser, person } = await world.signedIn();
    world.redis.faults.revoke = 'unreachable';
    const refused = await asOwner(`/users/${person.id}`, { disabled: true });
    world.redis.faults = {};
    expect(await problemOf(refused)).toEqual({ status: 503, code: 'SESSION_UNAVAILABLE' });
    expect((await browser.request('/auth/session')).status).toBe(200);
    const user = await world.request(`/users/${person.id}`, { key: world.tenant.keys.all });
    expect(await user.json()).toMatchObject({ disabledAt: null });
  });
});

test('a user with `users:manage` ends all cookies and tokens of a tenant, no other user can; API keys stay', async () => {
  const other = await createWorld();
  const [{ browser: admin }, { browser: member, person }, { browser: stranger }] = await Promise.all([
    world.signedIn({ role: 'admin' }),
    world.signedIn(),
    other.signedIn(),
  ]);
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const signedIn = await world.browser().request('/auth/sign-in', { json });
  const { accessToken, refreshToken } = (await signedIn.json()) as Record<string, string>;
  const all = { method: 'POST' };
  const path = '/auth/sessions/revoke-all';

  expect(await problemOf(await member.request(path, all))).toEqual({ status: 403, code: 'NOT_ALLOWED' });
  expect((await member.request('/auth/session')).status).toBe(200);
  world.redis.faults.revoke = 'unreachable';
  expect(await problemOf(await admin.request(path, all))).toEqual({ status: 503, code: 'SESSION_UNAVAILABLE' });
  world.redis.faults = {};
  expect((await member.request('/auth/session')).status).toBe(200);

  const asked = world.redis.asked.length;
  expect((await admin.request(path, all)).status).toBe(204);
  // One request of the gate, one for all sessions, and one that tells open connections after the answer.
  expect(world.redis.asked.slice(asked)).toHaveLength(3);
  expect(admin.cookies.size).toBe(0);
  for (const browser of [admin, member]) expect((await browser.request('/auth/session')).status).toBe(401);
  expect((await world.request('/deals', { key: accessToken ?? '' })).status).toBe(401);
  expect((await world.browser().request('/auth/refresh', { json: { refreshToken } })).status).toBe(401);
  expect((await world.request('/deals', { key: world.tenant.keys.all })).status).toBe(200);
  expect((await stranger.request('/auth/session')).status).toBe(200);
  // Users can sign in again; an API key with the right can end all sessions too.
  expect((await member.request('/auth/sign-in', { json: { ...json, as: 'cookie' } })).status).toBe(200);
  expect((await world.request(path, { ...all, key: world.tenant.keys.all })).status).toBe(204);
  expect((await member.request('/auth/session')).status).toBe(401);
  await other.close();
});

test('a session that cannot be verified without Redis gets 503, neither access nor 401', async () => {
  const { browser } = await world.signedIn();
  world.redis.faults.session = 'unreachable';
  const response = await browser.request('/deals');
  world.redis.faults = {};
  expect(await problemOf(response)).toEqual({ status: 503, code: 'SESSION_UNAVAILABLE' });
  expect((await browser.request('/deals')).status).toBe(200);
});
