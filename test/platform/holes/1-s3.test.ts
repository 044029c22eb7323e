/**
 * Strangers may ask for codes of an address and guess codes, from any number of IP addresses: the reader of the address
 * still gets in, the mailbox is not filled, and no key in Redis shows the address.
 */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cloudRedis } from '../../support/admin-redis.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(() => {
  // A minute of its own: tests do not share limits by account.
  world.clock.ahead += 120_000;
});
afterAll(() => world.close());

const otherThan = (code: string) => (code === '00000000' ? '11111111' : '00000000');

/** A browser with a client address of its own that has asked for a code. */
async function asks(email: string, tenant?: string) {
  const browser = world.browser();
  const response = await browser.request('/auth/code', { json: { email, tenant } });
  expect([response.status, await response.json()]).toEqual([202, { sent: true }]);
  return browser;
}

/** The path of the newest link mailed to an address. */
async function mailedLink(email: string): Promise<URL> {
  const links = (await world.mails(email)).flatMap(({ text }) => /https?:\/\/\S+\/sign-in\?\S+/.exec(text)?.[0] ?? []);
  return new URL(links[0] ?? expect.fail('no link was mailed'));
}

const verify = (browser: ReturnType<World['browser']>, code: string | null) =>
  browser.request('/auth/verify', { json: { code } });

describe('1/S3 strangers who ask for codes of an address', () => {
  test('do not keep its reader out: the browser that asked before them uses its code, the next one a link', async () => {
    const reader = await world.person({ password: null });
    const before = await asks(reader.email);
    const code = await world.code(reader.email);
    for (let stranger = 0; stranger < 22; stranger += 1) await asks(reader.email);
    const entered = await verify(before, code);
    expect(await entered.json()).toMatchObject({ user: { id: reader.id } });

    const after = await asks(reader.email);
    const link = await mailedLink(reader.email);
    expect(link.pathname).toBe('/sign-in');
    const secret = link.searchParams.get('code');
    expect(secret).toMatch(/^[\w-]{22}$/);
    expect(await (await verify(after, secret)).json()).toMatchObject({ user: { id: reader.id } });
    expect((await after.request('/auth/session')).status).toBe(200);
    // A link is valid once, and the next link is mailed as soon as one is used.
    const again = await asks(reader.email);
    expect(await problemOf(await verify(again, secret))).toEqual({ status: 401, code: 'CODE_OVER' });
    const next = (await mailedLink(reader.email)).searchParams.get('code');
    expect(next).not.toBe(secret);
    expect((await verify(again, next)).status).toBe(200);
  });

  test('cause at most 20 mails with codes a day and a link each half hour', async () => {
    const reader = await world.person();
    for (let stranger = 0; stranger < 25; stranger += 1) await asks(reader.email);
    expect(await world.mails(reader.email)).toHaveLength(21);
    for (let half = 1; half <= 3; half += 1) {
      world.clock.ahead += 1_810_000;
      for (let stranger = 0; stranger < 3; stranger += 1) await asks(reader.email);
      expect(await world.mails(reader.email)).toHaveLength(21 + half);
    }
    // The link of half an hour ago is still valid in a browser that gets no mail of its own.
    world.clock.ahead += 1_700_000;
    const browser = await asks(reader.email);
    expect(await world.mails(reader.email)).toHaveLength(24);
    const secret = (await mailedLink(reader.email)).searchParams.get('code');
    expect((await verify(browser, secret)).status).toBe(200);
  });

  test('use up no link by naming an unknown tenant', async () => {
    const reader = await world.person();
    for (let stranger = 0; stranger < 21; stranger += 1) await asks(reader.email, 'no-such-tenant');
    const browser = await asks(reader.email, world.tenant.id);
    const secret = (await mailedLink(reader.email)).searchParams.get('code');
    expect(await (await verify(browser, secret)).json()).toMatchObject({ tenant: world.tenant.id });
  });

  test('need several IP addresses: one address gets at most 10 codes, which does not limit others', async () => {
    const reader = await world.person();
    const stranger = world.browser();
    for (let time = 0; time < 12; time += 1) {
      if (time % 6 === 0) world.clock.ahead += 120_000;
      expect((await stranger.request('/auth/code', { json: { email: reader.email } })).status).toBe(202);
    }
    const mails = await world.mails(reader.email);
    expect(mails.filter(({ text }) => /\b\d{8}\b/.test(text))).toHaveLength(10);
    const browser = await asks(reader.email);
    expect((await verify(browser, await world.code(reader.email))).status).toBe(200);
  });

  test('and try passwords of its account do not keep the reader from a code', async () => {
    const reader = await world.person();
    world.clock.ahead += 60_000 - ((Date.now() + world.clock.ahead) % 60_000);
    const json = { email: reader.email, password: 'a wrong one' };
    const statuses = [];
    for (let time = 0; time < 11; time += 1) {
      statuses.push((await world.browser().request('/auth/sign-in', { json })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    const browser = await asks(reader.email);
    expect((await verify(browser, await world.code(reader.email))).status).toBe(200);
  });
});

describe('1/S3 strangers who guess codes of an address', () => {
  test('get 20 wrong guesses a day; the reader gets in by a link, valid only in the browser that asked', async () => {
    const reader = await world.person();
    const live = await asks(reader.email);
    const code = await world.code(reader.email);
    const answers: string[] = [];
    for (let stranger = 0; stranger < 6; stranger += 1) {
      const browser = await asks(reader.email);
      for (let guess = 0; guess < 5; guess += 1) {
        answers.push((await problemOf(await verify(browser, otherThan(code)))).code);
      }
    }
    expect(answers.filter((answer) => answer === 'WRONG_CODE')).toHaveLength(20);
    expect(new Set(answers.slice(20))).toEqual(new Set(['CODE_OVER']));

    // Even the right code is refused now: otherwise a guess could be right.
    const refused = await verify(live, code);
    expect(await refused.json()).toMatchObject({ code: 'CODE_OVER', detail: expect.stringContaining('a link') });
    await live.request('/auth/code', { json: { email: reader.email } });
    const secret = (await mailedLink(reader.email)).searchParams.get('code');
    const stranger = await asks(`other-${reader.email}`);
    for (const elsewhere of [world.browser(), stranger]) {
      expect(await problemOf(await verify(elsewhere, secret))).toEqual({ status: 401, code: 'CODE_OVER' });
    }
    expect(await (await verify(live, secret)).json()).toMatchObject({ user: { id: reader.id } });
  });

  test('cannot learn whether the address has an account', async () => {
    const reader = await world.person();
    const shapes = [];
    for (const email of [reader.email, `nobody-${reader.email}`]) {
      const answers = [];
      for (let stranger = 0; stranger < 23; stranger += 1) {
        const response = await world.browser().request('/auth/code', { json: { email } });
        const cookie = response.headers.getSetCookie()[0]?.replace(/=[^;]*/, '');
        const cost = response.headers.get('server-timing')?.replace(/dur=[\d.]+/g, '');
        answers.push({ status: response.status, cookie, cost, names: [...response.headers.keys()].sort() });
      }
      shapes.push(answers);
    }
    expect(shapes[1]).toEqual(shapes[0]);
    expect(await world.mails(`nobody-${reader.email}`)).toEqual([]);
  });
});

test('1/S3 no key in Redis shows an e-mail address in any spelling, after all operations on a user', async () => {
  const own = await createWorld();
  const mark = randomBytes(6).toString('hex');
  const emails = [`founder-${mark}@keys.example`, `guest-${mark}@keys.example`, `contact-${mark}@keys.example`];
  const [founder = '', guest = '', contact = ''] = emails;
  const password = 'a long enough passphrase';
  const browser = own.browser();
  const signUp = { company: 'Keys', tenant: `keys-${mark}`, name: 'Ada', email: founder, password };
  expect((await browser.request('/auth/sign-up', { json: signUp })).status).toBe(202);
  const wrong = { code: otherThan(await own.code(founder)) };
  expect((await browser.request('/auth/verify', { json: wrong })).status).toBe(401);
  expect((await browser.request('/auth/verify', { json: { code: await own.code(founder) } })).status).toBe(200);
  const invitation = { email: guest, name: 'Guest', role: 'member' };
  const headers = { 'idempotency-key': `invite:${guest}` };
  expect((await browser.request('/auth/invitations', { json: invitation, headers })).status).toBe(201);
  expect((await browser.request('/contacts', { json: { name: 'Con Tact', email: contact } })).status).toBe(201);
  for (const [path, email] of [
    ['users', guest],
    ['contacts', contact],
  ] as const) {
    const found = await (await browser.request(`/${path}?search=${encodeURIComponent(email)}`)).json();
    expect(found).toMatchObject({ items: [{ email }] });
  }
  const change = { current: password, password: `another ${password}` };
  expect((await browser.request('/auth/password', { json: change })).status).toBe(204);
  const other = own.browser();
  for (const each of [password, `another ${password}`]) {
    await other.request('/auth/sign-in', { json: { email: founder, password: each } });
  }
  for (let stranger = 0; stranger < 21; stranger += 1) {
    await own.browser().request('/auth/code', { json: { email: founder } });
  }
  await own.mails(founder);

  const keys = (await cloudRedis().exec(['KEYS', 'hf:*'])) as string[];
  expect(keys.length).toBeGreaterThan(30);
  const spellings = emails.flatMap((email) => [
    email,
    encodeURIComponent(email),
    mark,
    ...['hex', 'base64', 'base64url'].map((form) =>
      Buffer.from(email)
        .toString(form as 'hex')
        .replace(/=+$/, ''),
    ),
  ]);
  for (const each of keys) {
    // The tenant's name contains the mark too.
    const shown = each.replaceAll(`keys-${mark}`, '').toLowerCase();
    expect(shown, each).not.toMatch(/@|%40/);
    for (const spelling of spellings) expect(shown).not.toContain(spelling.toLowerCase());
  }
  expect(own.lines.join('\n')).not.toMatch(new RegExp(`(founder|guest|contact)-${mark}`));
  await own.close();
});
