/** A write that is refused because Redis is unreachable also changes nothing outside the database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ WRITES_WHEN_REDIS_IS_DOWN: 'strict' });
});
afterAll(() => world.close());

describe('1/M10 a refused write', () => {
  test.each([
    ['disabling a user', { disabled: true }],
    ['another role', { role: 'auditor' }],
  ])('of %s leaves the user signed in, with cookie and tokens', async (_, json) => {
    const { browser, person } = await world.signedIn();
    const credentials = { email: person.email, password: person.password, as: 'tokens' };
    const signedIn = await world.browser().request('/auth/sign-in', { json: credentials });
    const { accessToken = '' } = (await signedIn.json()) as { accessToken?: string };
    const path = `/users/${person.id}`;
    const patch = () => world.request(path, { method: 'PATCH', json, key: world.tenant.keys.all });

    world.redis.faults.mark = '503';
    const refused = await patch();
    world.redis.faults = {};
    expect(await problemOf(refused)).toEqual({ status: 503, code: 'COMMIT_REFUSED' });
    expect((await browser.request('/auth/session')).status, 'cookie').toBe(200);
    expect((await world.request('/auth/session', { key: accessToken })).status, 'token').toBe(200);
    const { items } = (await (await browser.request('/auth/sessions')).json()) as { items: object[] };
    expect(items).toHaveLength(2);

    // The same write with Redis ends the sessions: the refusal had kept them.
    expect((await patch()).status).toBe(200);
    expect((await browser.request('/auth/session')).status).toBe(401);
    expect((await world.request('/auth/session', { key: accessToken })).status).toBe(401);
  });

  test('that cannot end the sessions leaves the user unchanged', async () => {
    const { browser, person } = await world.signedIn();
    world.redis.faults.revoke = '503';
    const path = `/users/${person.id}`;
    const refused = await world.request(path, {
      method: 'PATCH',
      json: { disabled: true },
      key: world.tenant.keys.all,
    });
    world.redis.faults = {};
    expect(await problemOf(refused)).toEqual({ status: 503, code: 'SESSION_UNAVAILABLE' });
    expect((await browser.request('/auth/session')).status).toBe(200);
    const user = await world.request(path, { key: world.tenant.keys.all });
    expect(await user.json()).toMatchObject({ disabledAt: null });
  });

  test('of a password keeps the old password if another tab has replaced the session', async () => {
    const { browser, person } = await world.signedIn();
    const tab = world.browser();
    for (const [name, value] of browser.cookies) tab.cookies.set(name, value);
    const held = Promise.withResolvers<void>();
    const reached = world.redis.reached('create');
    world.redis.faults.create = { before: held.promise };
    const password = 'a long enough passphrase';
    const changing = browser.request('/auth/password', { json: { current: person.password, password } });
    await reached;
    world.redis.faults = {};
    // The tab's answer is not awaited: its last step waits for the row that the first request holds.
    const ran = world.redis.ran('create');
    const replacing = tab.request('/auth/sessions', { method: 'DELETE' });
    await ran;
    held.resolve();
    expect((await replacing).status).toBe(204);
    expect(await problemOf(await changing)).toEqual({ status: 409, code: 'CONFLICT' });
    const signIn = (password: string) =>
      world.browser().request('/auth/sign-in', { json: { email: person.email, password } });
    expect(await problemOf(await signIn(password))).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
    expect((await signIn(person.password)).status).toBe(200);
  });
});
