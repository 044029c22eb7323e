/** Signing in with a password. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { addPerson } from '../../support/people.ts';
import { createTenant } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('the right password', () => {
  test('opens a session in a `__Host-` cookie that scripts cannot read', async () => {
    const person = await world.person({ role: 'admin' });
    const browser = world.browser();
    const response = await browser.request('/auth/sign-in', {
      json: { email: person.email, password: person.password },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      tenant: world.tenant.id,
      user: { id: person.id, email: person.email, name: 'Some Person', role: 'admin' },
      expiresAt: expect.stringMatching(/Z$/),
    });
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-session=v1\.[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const who = await (await browser.request('/auth/session')).json();
    expect(who).toMatchObject({ kind: 'session', userId: person.id, tenant: world.tenant.id });
    expect((await browser.request('/deals')).status).toBe(200);
  });

  test('is accepted with the address in upper or lower case', async () => {
    const person = await world.person({ email: `mixed-${Date.now()}@people.example` });
    const json = { email: ` ${person.email.toUpperCase()} `, password: person.password };
    expect((await world.browser().request('/auth/sign-in', { json })).status).toBe(200);
  });

  test('is accepted with an international address in each of its spellings', async () => {
    const local = `josé-${Date.now()}`;
    const person = await world.person({ email: `${local}@bücher.example` });
    for (const email of [
      person.email,
      person.email.normalize('NFD'),
      person.email.toUpperCase(),
      `${local}@xn--bcher-kva.example`,
    ]) {
      const response = await world.browser().request('/auth/sign-in', { json: { email, password: person.password } });
      expect(response.status, email).toBe(200);
      expect(await response.json()).toMatchObject({ user: { id: person.id, email: person.email } });
    }
  });

  test('gives tokens on request: an access token and a refresh token, and no cookie', async () => {
    const person = await world.person();
    const json = { email: person.email, password: person.password, as: 'tokens' };
    const response = await world.browser().request('/auth/sign-in', { json });
    const answer = (await response.json()) as { accessToken: string; expiresIn: number; tokenType: string };
    expect(answer).toMatchObject({ tokenType: 'Bearer', expiresIn: 300, refreshToken: expect.any(String) });
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const who = await world.request('/auth/session', { key: answer.accessToken });
    expect(await who.json()).toMatchObject({ kind: 'token', userId: person.id });
  });

  test('ends the earlier session of the browser', async () => {
    const { browser, person } = await world.signedIn();
    const before = browser.cookieHeader();
    await browser.request('/auth/sign-in', { json: { email: person.email, password: person.password } });
    expect((await browser.request('/auth/session')).status).toBe(200);
    const old = await world.app.request('/auth/session', { headers: { cookie: before } });
    expect(old.status).toBe(401);
  });

  test('signs in to the named tenant, for a person with users in several', async () => {
    const other = await createTenant(world.database);
    const email = `two-${Date.now()}@people.example`;
    const one = await world.person({ email });
    const two = await addPerson(world.database, other.id, { email });
    for (const [password, tenant, expected] of [
      [one.password, undefined, world.tenant.id],
      [two.password, undefined, other.id],
      [two.password, other.id, other.id],
    ] as const) {
      const response = await world.browser().request('/auth/sign-in', { json: { email, password, tenant } });
      expect(await response.json()).toMatchObject({ tenant: expected });
    }
    const wrong = await world.browser().request('/auth/sign-in', {
      json: { email, password: one.password, tenant: other.id },
    });
    expect(wrong.status).toBe(401);
  });
});

describe('any other input', () => {
  test('gets the same answer for every reason', async () => {
    const person = await world.person();
    const disabled = await world.person({ disabled: true });
    const without = await world.person({ password: null });
    const attempts = [
      { email: person.email, password: 'not the password' },
      { email: 'nobody@people.example', password: 'not the password' },
      { email: disabled.email, password: disabled.password },
      { email: without.email, password: 'anything' },
      { email: person.email, password: person.password, tenant: 'no-such-tenant' },
    ];
    for (const json of attempts) {
      const browser = world.browser();
      const response = await browser.request('/auth/sign-in', { json });
      expect(await problemOf(response), JSON.stringify(json)).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
      expect(browser.cookies.size).toBe(0);
    }
  });

  test('costs the same for known and unknown addresses', async () => {
    const person = await world.person();
    const without = await world.person({ password: null });
    const emails = [person.email, person.email, without.email, `nobody-${person.email}`];
    const costs: Record<string, string>[] = [];
    for (const email of emails) {
      const json = { email, password: 'not the password' };
      costs.push(costOf(await world.browser().request('/auth/sign-in', { json })));
    }
    // The first request may have to send a script to Redis.
    expect(costs.slice(1)).toEqual(Array(3).fill({ redis: '2 requests, 3 commands', db: '1 query' }));
  });

  test('an unproven address is sent a code, but only after the right password', async () => {
    const person = await world.person({ verified: false });
    const browser = world.browser();
    const wrong = await browser.request('/auth/sign-in', { json: { email: person.email, password: 'wrong' } });
    expect(wrong.status).toBe(401);
    expect(await world.mails(person.email)).toEqual([]);
    const json = { email: person.email, password: person.password, tenant: world.tenant.id };
    const right = await browser.request('/auth/sign-in', { json });
    expect(await problemOf(right)).toEqual({ status: 403, code: 'ADDRESS_NOT_VERIFIED' });
    const verified = await browser.request('/auth/verify', { json: { code: await world.code(person.email) } });
    // The password had been set in another browser.
    expect(await verified.json()).toMatchObject({ tenant: world.tenant.id, passwordEnded: true });
  });

  test('an account with an unproven address is ignored unless its tenant is named', async () => {
    const { email, password } = await world.person({ verified: false });
    const response = await world.browser().request('/auth/sign-in', { json: { email, password } });
    expect(await problemOf(response)).toEqual({ status: 401, code: 'WRONG_CREDENTIALS' });
    expect(await world.mails(email)).toEqual([]);
  });

  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['email', 'password']],
    ['wrong types', { email: 1, password: [] }, ['email', 'password']],
    ['no address', { email: 'somebody', password: 'x' }, ['email']],
    ['an address of control characters', { email: 'a\u0000@b.example', password: 'x' }, ['email']],
    ['a huge password', { email: 'a@b.example', password: 'x'.repeat(1025) }, ['password']],
    ['another field', { email: 'a@b.example', password: 'x', admin: true }, ['admin']],
  ])('%s is refused with the names of the fields', async (_what, json, fields) => {
    const response = await world.browser().request('/auth/sign-in', { json });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect([...new Set(errors.map(({ field }) => field))].sort()).toEqual(fields);
  });
});

describe('limits', () => {
  // Starts at the beginning of a minute after an idle one: otherwise the window would slide on a slow machine.
  beforeEach(() => {
    world.clock.ahead += 120_000 - ((Date.now() + world.clock.ahead) % 60_000);
  });
  const statuses = async (attempts: (() => Promise<Response>)[]) => {
    const seen: number[] = [];
    for (const attempt of attempts) seen.push((await attempt()).status);
    return seen;
  };

  test('ten tries a minute from an address, for all accounts together', async () => {
    const browser = world.browser();
    const attempt = (index: number) => () =>
      browser.request('/auth/sign-in', { json: { email: `n${index}@people.example`, password: 'x' } });
    expect(await statuses(Array.from({ length: 12 }, (_, index) => attempt(index)))).toEqual([
      ...Array(10).fill(401),
      429,
      429,
    ]);
  });

  test('ten tries a minute for an account from all addresses together, even with the right password', async () => {
    const person = await world.person();
    const attempt = (password: string) => () =>
      world.browser().request('/auth/sign-in', { json: { email: person.email, password } });
    expect(await statuses([...Array(10).fill(attempt('wrong')), attempt(person.password)])).toEqual([
      ...Array(10).fill(401),
      429,
    ]);
    const refused = await attempt(person.password)();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toContain('"sign-in-account";q=10;w=60');
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', 'violated-policies': ['sign-in-account'] });
    world.clock.ahead += 120_000;
    expect((await attempt(person.password)()).status).toBe(200);
  });

  test('when Redis is down, sign-ins are refused and reads stay open', async () => {
    const person = await world.person();
    const dark = await createWorld({ REDIS_TIMEOUT_MS: '50' });
    for (const step of ['lookup', 'acquire', 'limit', 'session', 'create', 'release', 'fill'] as const)
      dark.redis.faults[step] = 'unreachable';
    const json = { email: person.email, password: person.password };
    const response = await dark.browser().request('/auth/sign-in', { json });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect((await dark.request('/deals', { key: dark.tenant.keys.all })).status).toBe(200);
    await dark.close();
  });
});
