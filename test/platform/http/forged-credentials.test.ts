/**
 * Damaged and invented credentials at the gate: 10,000 directly through its parsing and verification, and hundreds over
 * real HTTP, where headers can be repeated. None is accepted, and none causes a 500.
 */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import fc from 'fast-check';
import { Context } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentedBy } from '../../../src/platform/http/credentials.ts';
import type { AppEnv } from '../../../src/platform/http/index.ts';
import { mutated } from '../../support/mutated.ts';
import { secretOf } from '../../support/tenant.ts';
import { createWorld, type World } from '../auth/world.ts';

// Each test makes many requests, and the machine may be slow.

let world: World;
/** Valid credentials. */
let good: { cookie: string; accessToken: string; refreshToken: string; apiKey: string };
let server: Server;
beforeAll(async () => {
  world = await createWorld();
  const { browser, person } = await world.signedIn();
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const tokens = (await (await world.browser().request('/auth/sign-in', { json })).json()) as Record<string, string>;
  const { accessToken = '', refreshToken = '' } = tokens;
  good = { cookie: browser.cookieHeader(), accessToken, refreshToken, apiKey: world.tenant.keys.all };
  server = createServer(getRequestListener((request) => world.app.fetch(request)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

/** The bytes of a text in the form of a header: one character each, without control characters. */
function asHeader(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/(?!\t)\p{Cc}/gu, '\u00a0');
}

/** The caller that the gate sees in these headers, without limits. `asked` if there was a credential to verify. */
async function whoIs(headers: Record<string, string>): Promise<{ asked: boolean; caller: unknown }> {
  const presented = presentedBy(new Context<AppEnv>(new Request('http://app.test/', { headers })));
  if (!presented) return { asked: false, caller: null };
  const scope = world.platform.scope();
  try {
    const identify = presented.begin(scope, scope.tenant(presented.tenant));
    return { asked: true, caller: await identify() };
  } finally {
    await scope.end();
  }
}

/** Tries damaged forms of a text, some at once; returns how many were well-formed enough for a lookup. */
async function tryDamaged(text: string, runs: number, headersOf: (damaged: string) => Record<string, string>) {
  const texts = fc.sample(mutated(text), runs);
  let asked = 0;
  for (let at = 0; at < texts.length; at += 100) {
    const bunch = texts.slice(at, at + 100).map((each) => headersOf(asHeader(each)));
    const answers = await Promise.all(bunch.map(whoIs));
    asked += answers.filter((each) => each.asked).length;
    for (const [index, { caller }] of answers.entries())
      expect(caller, JSON.stringify(bunch[index]).slice(0, 300)).toBeNull();
  }
  return asked;
}

/** In a Cookie header, blanks around a value and text after a semicolon are not part of the value. */
const cookieOf = (text: string) => ({ cookie: text === good.cookie ? '' : text });
const means = (text: string) => text.split(';').some((pair) => pair.trim() === good.cookie);

test('4,000 damaged access tokens, 4,000 damaged cookies, 2,000 damaged API keys: none is accepted, none throws', async () => {
  expect((await whoIs({ authorization: `Bearer ${good.accessToken}` })).caller).not.toBeNull();
  expect((await whoIs({ cookie: good.cookie })).caller).not.toBeNull();
  expect((await whoIs({ authorization: `Bearer ${good.apiKey}` })).caller).not.toBeNull();
  const bearer = (token: string) => (text: string) => ({
    authorization: text.trim() === token ? '' : `Bearer ${text}`,
  });
  // Otherwise only the check of the form was tested.
  expect(await tryDamaged(good.accessToken, 4_000, bearer(good.accessToken))).toBeGreaterThan(200);
  expect(
    await tryDamaged(good.cookie, 4_000, (text) => (means(text) ? { cookie: '' } : cookieOf(text))),
  ).toBeGreaterThan(100);
  expect(await tryDamaged(good.apiKey, 2_000, bearer(good.apiKey))).toBeGreaterThan(100);
});

/** Sends headers unchanged, including repeated ones. Servers refuse headers longer than 12 KiB. */
function send(path: string, headers: string[], body?: string): Promise<number> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: ['host', 'app.test', ...headers.map((each) => each.slice(0, 12_000))],
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

test('headers that are repeated, quoted, huge, or of another scheme', async () => {
  const { cookie, accessToken, apiKey } = good;
  const [name = '', token = ''] = cookie.split('=');
  const right = `Bearer ${accessToken}`;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [, payload = ''] = accessToken.split('.');
  const unsigned = (alg: unknown) => `${part({ alg, typ: 'at+jwt', kid: 'local1' })}.${payload}.`;
  const refused: [what: string, headers: string[]][] = [
    ['two Authorization headers, both right', ['authorization', right, 'authorization', right]],
    ['two, the first right', ['authorization', right, 'authorization', 'Bearer x']],
    ['two, the second right', ['authorization', 'Bearer x', 'Authorization', right]],
    ['two in one', ['authorization', `${right}, ${right}`]],
    ['a wrong one, and a right cookie', ['authorization', 'Bearer x', 'cookie', cookie]],
    ['an empty one, and a right cookie', ['authorization', '', 'cookie', cookie]],
    ['two session cookies in one header', ['cookie', `${cookie}; ${cookie}`]],
    ['in two headers', ['cookie', cookie, 'cookie', cookie]],
    ['a right one behind an empty one', ['cookie', `${name}=; ${cookie}`]],
    ['a quoted value', ['cookie', `${name}="${token}"`]],
    ['an escaped value', ['cookie', `${name}=${token.replaceAll('.', '%2E')}`]],
    ['attributes as if they were a response', ['cookie', `${name}; Path=/; Secure; ${token}`]],
    ['another name', ['cookie', `session=${token}; __Secure-session=${token}; __host-session=${token}`]],
    ['a comma instead of a semicolon', ['cookie', `a=b, ${cookie}`]],
    ['8 KiB of cookie', ['cookie', `${name}=${token}${'A'.repeat(8_192)}`]],
    ['the session token as a bearer', ['authorization', `Bearer ${token}`]],
    ['the access token as a cookie', ['cookie', `${name}=${accessToken}`]],
    ['the refresh token as a bearer', ['authorization', `Bearer ${good.refreshToken}`]],
    ['the API key as a cookie', ['cookie', `${name}=${apiKey}`]],
    ['the API key as Basic', ['authorization', `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`]],
    ['the API key in another header', ['x-api-key', apiKey, 'proxy-authorization', `Bearer ${apiKey}`]],
    ['the key of another secret', ['authorization', `Bearer ${apiKey.replace(secretOf(apiKey), 'x'.repeat(48))}`]],
    ...['none', 'None', '', null].map((alg): [string, string[]] => [
      `alg ${alg}`,
      ['authorization', `Bearer ${unsigned(alg)}`],
    ]),
    ['a header of arrays', ['authorization', `Bearer ${part([1])}.${payload}.x`]],
    ['a token of one long part', ['authorization', `Bearer ${'a'.repeat(8_192)}`]],
    ['a token of dots', ['authorization', `Bearer ${'.'.repeat(4_000)}`]],
    ['a cookie without a name', ['cookie', `${'='.repeat(4_000)};;;;`]],
    ['bytes that are not ASCII', ['cookie', `${name}=${asHeader('é０𝟏')}${token}`]],
  ];
  for (const [what, headers] of refused) expect([what, await send('/auth/session', headers)]).toEqual([what, 401]);

  for (const [what, headers] of [
    ['a right token', ['authorization', right]],
    ['a right token and a damaged cookie', ['authorization', right, 'cookie', `${name}=x; ${cookie}`]],
    [
      'a right cookie among others, in headers of their own',
      ['cookie', 'a=b; c="d', 'cookie', cookie, 'cookie', '=;%'],
    ],
  ] as const) {
    expect([what, await send('/auth/session', [...headers.map((each) => each.slice(0, 12_000))])]).toEqual([what, 200]);
  }
});

test('hundreds of damaged credentials over HTTP: 401, never a 500', async () => {
  const attempts = [
    ...fc.sample(mutated(good.accessToken), 150).map((text) => ['authorization', `Bearer ${asHeader(text)}`]),
    ...fc
      .sample(mutated(good.cookie), 150)
      .filter((text) => !means(text))
      .map((text) => ['cookie', asHeader(text)]),
    ...fc.sample(mutated(`Bearer ${good.apiKey}`), 100).map((text) => ['authorization', asHeader(text)]),
  ];
  for (const headers of attempts) {
    // Blanks at the ends of a header are not part of the value, and the scheme may have any case.
    const value = (headers[1] ?? '').trim().replace(/^bearer +/i, '');
    if (value === good.accessToken || value === good.apiKey) continue;
    const status = await send('/auth/session', headers);
    expect(status, JSON.stringify(headers).slice(0, 300)).toBe(401);
  }
});

test('damaged challenges and refresh tokens at their routes', async () => {
  const browser = world.browser();
  await browser.request('/auth/code', { json: { email: 'nobody@people.example' } });
  const challenge = browser.cookieHeader();
  const json = ['content-type', 'application/json', 'origin', 'http://app.test'];
  for (const [index, text] of fc.sample(mutated(challenge), 60).entries()) {
    const headers = [...json, 'cookie', asHeader(text), 'x-test-client-ip', `2001:db8:f:${index.toString(16)}::1`];
    expect(await send('/auth/verify', headers, '{"code":"00000000"}'), JSON.stringify(text).slice(0, 300)).toBe(401);
  }
  for (const [index, text] of fc.sample(mutated(good.refreshToken), 100).entries()) {
    const headers = [...json, 'x-test-client-ip', `2001:db8:e:${index.toString(16)}::1`];
    const body = JSON.stringify({ refreshToken: text });
    expect([400, 401, 413], body.slice(0, 300)).toContain(await send('/auth/refresh', headers, body));
    expect([204, 400, 413], body.slice(0, 300)).toContain(await send('/auth/revoke', headers, body));
  }
  // None of them ended the family: its token is still valid.
  expect(await send('/auth/refresh', json, JSON.stringify({ refreshToken: good.refreshToken }))).toBe(200);
});
