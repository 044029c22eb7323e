/** What lets somebody in: seen, ended, and ended by others. */
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
  test('are listed with device and kind, and ended one by one', async () => {
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

  test('all but this one end at once, and this one gets a new token', async () => {
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

  test('signing out ends it, in Redis and in the browser', async () => {
    const { browser } = await world.signedIn();
    const before = browser.cookieHeader();
    const response = await browser.request('/auth/sign-out', { method: 'POST' });
    expect(response.status).toBe(204);
    expect(response.headers.get('clear-site-data')).toContain('"cookies"');
    expect(browser.cookies.size).toBe(0);
    expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
  });

  test('nobody ends another’s', async () => {
    const { browser } = await world.signedIn();
    const { browser: victim } = await world.signedIn();
    const { items } = (await (await victim.request('/auth/sessions')).json()) as { items: Listed[] };
    expect((await browser.request(`/auth/sessions/${items[0]?.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await victim.request('/auth/session')).status).toBe(200);
  });

  test('an API key has none', async () => {
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

describe('who is disabled or gets another role', () => {
  test('is out before it is acknowledged, with cookie and tokens', async () => {
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

  test('another role takes effect at once: the old session is over, a new one has the new rights', async () => {
    const { browser, person } = await world.signedIn({ role: 'auditor' });
    expect((await browser.request('/companies', { json: { name: 'X' } })).status).toBe(403);
    await asOwner(`/users/${person.id}`, { role: 'member' });
    expect((await browser.request('/companies')).status).toBe(401);
    await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    expect((await browser.request('/companies', { json: { name: 'X' } })).status).toBe(201);
  });

  test('a name is no reason to be signed out', async () => {
    const { browser, person } = await world.signedIn();
    await asOwner(`/users/${person.id}`, { name: 'Renamed' });
    expect((await browser.request('/auth/session')).status).toBe(200);
  });

  test('no session can be made while it happens: whichever comes first, nobody is in afterwards', async () => {
    for (const first of ['sign-in', 'disable'] as const) {
      const person = await world.person();
      const browser = world.browser();
      const json = { email: person.email, password: person.password };
      const held = Promise.withResolvers<void>();
      // The session’s script is held on its way while somebody disables its user.
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

  test('while Redis is down it is not done, rather than done by half', async () => {
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

test('all of a tenant are over at once, with cookies and tokens, for who manages users and for nobody else; API keys stay', async () => {
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
  // The gate’s request, and one for everybody’s sessions.
  expect(world.redis.asked.slice(asked)).toHaveLength(2);
  expect(admin.cookies.size).toBe(0);
  for (const browser of [admin, member]) expect((await browser.request('/auth/session')).status).toBe(401);
  expect((await world.request('/deals', { key: accessToken ?? '' })).status).toBe(401);
  expect((await world.browser().request('/auth/refresh', { json: { refreshToken } })).status).toBe(401);
  expect((await world.request('/deals', { key: world.tenant.keys.all })).status).toBe(200);
  expect((await stranger.request('/auth/session')).status).toBe(200);
  // Who can prove who they are is in again; a machine with the right may end it as well.
  expect((await member.request('/auth/sign-in', { json: { ...json, as: 'cookie' } })).status).toBe(200);
  expect((await world.request(path, { ...all, key: world.tenant.keys.all })).status).toBe(204);
  expect((await member.request('/auth/session')).status).toBe(401);
  await other.close();
});

test('when Redis cannot say who it is, the answer is neither yes nor no', async () => {
  const { browser } = await world.signedIn();
  world.redis.faults.session = 'unreachable';
  const response = await browser.request('/deals');
  world.redis.faults = {};
  expect(await problemOf(response)).toEqual({ status: 503, code: 'SESSION_UNAVAILABLE' });
  expect((await browser.request('/deals')).status).toBe(200);
});
