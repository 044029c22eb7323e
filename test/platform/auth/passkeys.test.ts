/** Making, listing and removing passkeys, with an authenticator in software. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { APP_URL } from '../../support/app.ts';
import { type Authenticator, createAuthenticator, type Deviations, type Options } from '../../support/authenticator.ts';
import type { Browser } from '../../support/people.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const MINUTE = 60_000;

async function optionsFor(browser: Browser): Promise<Options> {
  const response = await browser.request('/auth/passkeys/options', { method: 'POST' });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Options;
}

async function redis(...command: string[]): Promise<unknown> {
  const { url, adminToken } = inject('cloud').redisRest;
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) });
  return ((await response.json()) as { result: unknown }).result;
}

const add = (browser: Browser, credential: object, name = 'Laptop') =>
  browser.request('/auth/passkeys', { json: { name, credential } });

async function enrolled(
  browser: Browser,
  name = 'Laptop',
  authenticator: Authenticator = createAuthenticator(APP_URL),
) {
  const response = await add(browser, authenticator.create(await optionsFor(browser)), name);
  expect(response.status, await response.clone().text()).toBe(201);
  return { authenticator, passkey: (await response.json()) as { id: string; name: string } };
}

async function listed(browser: Browser): Promise<{ id: string; name: string; usedAt: string | null }[]> {
  return ((await (await browser.request('/auth/passkeys')).json()) as { items: [] }).items;
}

describe('making a passkey', () => {
  test('several have names, and are listed, the oldest first', async () => {
    const { browser } = await world.signedIn();
    await enrolled(browser, 'Laptop');
    await enrolled(browser, 'Security key');
    expect(await listed(browser)).toEqual([
      expect.objectContaining({ name: 'Laptop', usedAt: null, backedUp: false }),
      expect.objectContaining({ name: 'Security key', usedAt: null }),
    ]);
  });

  test('the options name the host of APP_URL, no person in the handle, and exclude the passkeys of the user', async () => {
    const { browser, person } = await world.signedIn();
    const { authenticator } = await enrolled(browser);
    expect(await optionsFor(browser)).toMatchObject({
      rp: { id: new URL(APP_URL).hostname },
      user: { name: person.email, id: expect.stringMatching(/^[\w-]{43}$/) },
      excludeCredentials: [expect.objectContaining({ id: authenticator.id })],
      authenticatorSelection: { userVerification: 'preferred' },
      attestation: 'none',
      timeout: 5 * MINUTE,
    });
  });

  test('ends the other sessions, gives this one a new token, mails the user, and is in the audit trail', async () => {
    const { browser, person } = await world.signedIn();
    const json = { email: person.email, password: person.password };
    const other = world.browser();
    await other.request('/auth/sign-in', { json });
    const before = browser.cookieHeader();
    const { passkey } = await enrolled(browser, 'Kelp phone');
    expect((await other.request('/auth/session')).status).toBe(401);
    expect((await world.app.request('/auth/session', { headers: { cookie: before } })).status).toBe(401);
    expect((await browser.request('/auth/session')).status).toBe(200);
    const [mail] = await world.mails(person.email);
    expect(mail?.subject).toBe('A passkey for Holdfast was added');
    expect(mail?.text).toContain('Kelp phone');
    const audited = await world.request(`/audit?entityId=${person.id}`, { key: world.tenant.keys.all });
    const { items } = (await audited.json()) as { items: object[] };
    expect(items).toEqual([
      expect.objectContaining({ action: 'passkey.added', actorId: person.id, data: { passkeyId: passkey.id } }),
    ]);
  });

  test.each<[string, Deviations]>([
    ['another origin', { origin: 'https://phish.example' }],
    ['a subdomain of ours', { origin: APP_URL.replace('://', '://login.') }],
    ['another port', { origin: `${APP_URL}:8443` }],
    ['another relying party', { rpId: 'phish.example' }],
    ['the other ceremony', { type: 'webauthn.get' }],
  ])('from %s is refused, and ends its challenge', async (_name, deviations) => {
    const { browser } = await world.signedIn();
    const options = await optionsFor(browser);
    const authenticator = createAuthenticator(APP_URL);
    const refused = await problemOf(await add(browser, authenticator.create(options, deviations)));
    expect(refused).toEqual({ status: 400, code: 'PASSKEY_REFUSED' });
    const challengeIsLeft = deviations.type !== undefined;
    expect((await add(browser, authenticator.create(options))).status).toBe(challengeIsLeft ? 201 : 400);
  });

  test('a challenge works once', async () => {
    const { browser } = await world.signedIn();
    const options = await optionsFor(browser);
    expect((await add(browser, createAuthenticator(APP_URL).create(options))).status).toBe(201);
    const again = await add(browser, createAuthenticator(APP_URL).create(options));
    expect(await problemOf(again)).toEqual({ status: 400, code: 'PASSKEY_REFUSED' });
    expect(await listed(browser)).toHaveLength(1);
  });

  test('a challenge is in Redis for five minutes, and its key does not contain it', async () => {
    const { browser, person } = await world.signedIn();
    const { challenge } = await optionsFor(browser);
    const keys = (await redis('KEYS', `hf:${world.tenant.id}:c:passkey:enrol:${person.id}:*`)) as string[];
    expect(keys).toHaveLength(1);
    expect(keys.join()).not.toContain(challenge);
    const left = Number(await redis('PTTL', keys[0] ?? ''));
    expect(left).toBeGreaterThan(4 * MINUTE);
    expect(left).toBeLessThanOrEqual(5 * MINUTE);
  });

  test('the challenge of another user, session or tenant is refused', async () => {
    const { browser, person } = await world.signedIn();
    const { browser: stranger } = await world.signedIn();
    const elsewhere = await createWorld();
    const { browser: abroad } = await elsewhere.signedIn();
    const second = world.browser();
    await second.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    for (const other of [stranger, second, abroad]) {
      const options = await optionsFor(other);
      const refused = await add(browser, createAuthenticator(APP_URL).create(options));
      expect(await problemOf(refused)).toEqual({ status: 400, code: 'PASSKEY_REFUSED' });
    }
    await elsewhere.close();
  });

  test('two made at once with their own challenges are both kept, if each session is the newest in turn', async () => {
    const { browser } = await world.signedIn();
    const [one, two] = [await optionsFor(browser), await optionsFor(browser)];
    expect((await add(browser, createAuthenticator(APP_URL).create(two), 'Second')).status).toBe(201);
    expect((await add(browser, createAuthenticator(APP_URL).create(one), 'First')).status).toBe(201);
    expect((await listed(browser)).map(({ name }) => name)).toEqual(['Second', 'First']);
  });

  test('needs a proof of the last five minutes, and a browser', async () => {
    const { browser, person } = await world.signedIn();
    const options = await optionsFor(browser);
    world.clock.ahead += 5 * MINUTE + 1;
    const begin = await browser.request('/auth/passkeys/options', { method: 'POST' });
    expect(await problemOf(begin)).toEqual({ status: 403, code: 'SESSION_NOT_FRESH' });
    const added = await add(browser, createAuthenticator(APP_URL).create(options));
    expect(await problemOf(added)).toEqual({ status: 403, code: 'SESSION_NOT_FRESH' });
    const json = { email: person.email, password: person.password, as: 'tokens' };
    const tokens = (await (await world.browser().request('/auth/sign-in', { json })).json()) as { accessToken: string };
    const program = { method: 'POST', key: tokens.accessToken };
    expect(await problemOf(await world.request('/auth/passkeys/options', program))).toEqual({
      ...{ status: 403, code: 'NEEDS_SESSION' },
    });
  });

  test('an eleventh is refused', async () => {
    const { browser } = await world.signedIn();
    for (let count = 0; count < 10; count += 1) {
      await enrolled(browser, `Key ${count}`);
      world.clock.ahead += 10_000;
    }
    const response = await browser.request('/auth/passkeys/options', { method: 'POST' });
    expect(await problemOf(response)).toEqual({ status: 409, code: 'TOO_MANY_PASSKEYS' });
  });

  test('when Redis is down, the answer is 503', async () => {
    const { browser } = await world.signedIn();
    const options = await optionsFor(browser);
    world.redis.faults.other = '503';
    const response = await add(browser, createAuthenticator(APP_URL).create(options));
    world.redis.faults = {};
    expect(response.status).toBe(503);
    expect(await listed(browser)).toEqual([]);
  });
});

describe('removing a passkey', () => {
  test('ends the other sessions, mails the user, and is in the audit trail', async () => {
    const { browser, person } = await world.signedIn();
    const { passkey } = await enrolled(browser, 'Lost phone');
    const other = world.browser();
    await other.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    expect((await browser.request(`/auth/passkeys/${passkey.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await listed(browser)).toEqual([]);
    expect((await other.request('/auth/session')).status).toBe(401);
    const [mail] = await world.mails(person.email);
    expect(mail?.subject).toBe('A passkey for Holdfast was removed');
    const audited = await world.request(`/audit?entityId=${person.id}`, { key: world.tenant.keys.all });
    const { items } = (await audited.json()) as { items: { action: string }[] };
    expect(items.map(({ action }) => action).sort()).toEqual(['passkey.added', 'passkey.removed']);
  });

  test('needs a proof of the last five minutes', async () => {
    const { browser } = await world.signedIn();
    const { passkey } = await enrolled(browser);
    world.clock.ahead += 5 * MINUTE + 1;
    const response = await browser.request(`/auth/passkeys/${passkey.id}`, { method: 'DELETE' });
    expect(await problemOf(response)).toEqual({ status: 403, code: 'SESSION_NOT_FRESH' });
  });

  test('of another user is 404, and ends no session', async () => {
    const { browser } = await world.signedIn();
    const { passkey } = await enrolled(browser);
    const { browser: stranger } = await world.signedIn();
    const before = stranger.cookieHeader();
    expect((await stranger.request(`/auth/passkeys/${passkey.id}`, { method: 'DELETE' })).status).toBe(404);
    expect(stranger.cookieHeader()).toBe(before);
    expect(await listed(browser)).toHaveLength(1);
  });
});
