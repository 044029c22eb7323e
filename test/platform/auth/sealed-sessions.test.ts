/** Sessions of roles with sensitive records, over HTTP: their bounds, their cookie, and answers that no cache stores. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const MINUTE = 60_000;
const clinician = { role: 'clinician' } as const;

async function tokensOf(options: Parameters<World['person']>[0]) {
  const { email, password } = await world.person(options);
  const response = await world.browser().request('/auth/sign-in', { json: { email, password, as: 'tokens' } });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as { accessToken: string; refreshToken: string };
}

describe('a session of a clinician', () => {
  test('ends after 15 minutes without use; that of a member does not', async () => {
    const { browser } = await world.signedIn(clinician);
    const { browser: member } = await world.signedIn();
    world.clock.ahead += 14 * MINUTE;
    expect((await browser.request('/auth/session')).status).toBe(200);
    world.clock.ahead += 15 * MINUTE;
    expect((await browser.request('/auth/session')).status).toBe(401);
    expect((await member.request('/auth/session')).status).toBe(200);
  });

  test('ends after 12 hours in use', async () => {
    const { browser } = await world.signedIn(clinician);
    for (let minutes = 0; minutes < 12 * 60 - 12; minutes += 12) {
      world.clock.ahead += 12 * MINUTE;
      expect((await browser.request('/auth/session')).status).toBe(200);
    }
    world.clock.ahead += 12 * MINUTE;
    expect((await browser.request('/auth/session')).status).toBe(401);
  });

  test('is not remembered: the cookie ends with the browser, and the answer says when the session ends', async () => {
    const { email, password } = await world.person(clinician);
    const response = await world.browser().request('/auth/sign-in', { json: { email, password } });
    expect(response.headers.getSetCookie().join()).not.toMatch(/max-age|expires/i);
    const { expiresAt } = (await response.json()) as { expiresAt: string };
    const left = Date.parse(expiresAt) - Date.now() - world.clock.ahead;
    expect(Math.round(left / MINUTE)).toBe(12 * 60);
  });

  test('costs the commands of every session: none more for the shorter idle time', async () => {
    const costs: Record<string, string>[] = [];
    for (const options of [{}, clinician]) {
      const { browser } = await world.signedIn(options);
      await browser.request('/deals/pipeline');
      costs.push(costOf(await browser.request('/deals/pipeline')));
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[1]).toMatchObject({ redis: expect.stringContaining('1 request') });
  });

  test('a fourth sign-in ends the session unused for longest', async () => {
    const { browser: first, person } = await world.signedIn(clinician);
    const json = { email: person.email, password: person.password };
    for (let more = 0; more < 2; more += 1) {
      world.clock.ahead += MINUTE;
      expect((await world.browser().request('/auth/sign-in', { json })).status).toBe(200);
    }
    expect((await first.request('/auth/session')).status).toBe(200);
    world.clock.ahead += MINUTE;
    expect((await world.browser().request('/auth/sign-in', { json })).status).toBe(200);
    const { items } = (await (await first.request('/auth/sessions')).json()) as { items: unknown[] };
    expect(items).toHaveLength(3);
  });

  test('ends when the user gets another role', async () => {
    const { browser, person } = await world.signedIn(clinician);
    const key = world.tenant.keys.all;
    const changed = await world.request(`/users/${person.id}`, { method: 'PATCH', json: { role: 'member' }, key });
    expect(changed.status, await changed.clone().text()).toBe(200);
    expect((await browser.request('/auth/session')).status).toBe(401);
  });
});

describe('answers to a clinician', () => {
  test('are stored by no cache: reads, lists, 304, refusals and absent rows', async () => {
    const { browser } = await world.signedIn(clinician);
    const { headers } = await browser.request('/deals/pipeline');
    const etag = headers.get('etag') ?? '';
    const seen: [string, number, string | null][] = [];
    for (const [path, init] of [
      ...[['/auth/session'], ['/auth/sessions'], ['/deals'], ['/deals/pipeline'], ['/deals/none'], ['/users']],
      ...[['/api-keys'], ['/deals/pipeline', { headers: { 'if-none-match': etag } }]],
    ] as [string, { headers?: Record<string, string> }?][]) {
      const response = await browser.request(path, init);
      seen.push([path, response.status, response.headers.get('cache-control')]);
    }
    expect(seen.map(([, status]) => status)).toEqual([200, 200, 200, 200, 404, 200, 403, 304]);
    expect(new Set(seen.map(([, , control]) => control))).toEqual(new Set(['no-store']));
  });

  test('are stored by no cache for a program with a token either; those to a member may be', async () => {
    const { accessToken } = await tokensOf(clinician);
    const answer = await world.request('/deals', { key: accessToken });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { accessToken: member } = await tokensOf({});
    expect((await world.request('/deals', { key: member })).headers.get('cache-control')).toBe('private, no-cache');
  });

  test('clear the cache, the cookies and the storage of the browser at sign-out', async () => {
    const { browser } = await world.signedIn(clinician);
    const response = await browser.request('/auth/sign-out', { method: 'POST' });
    expect(response.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

test('tokens of a clinician end after 15 minutes without a refresh', async () => {
  const { refreshToken } = await tokensOf(clinician);
  const { refreshToken: member } = await tokensOf({});
  world.clock.ahead += 15 * MINUTE;
  const refresh = (token: string) => world.browser().request('/auth/refresh', { json: { refreshToken: token } });
  expect((await refresh(refreshToken)).status).toBe(401);
  expect((await refresh(member)).status).toBe(200);
});

test('without SEAL_KEYS a clinician cannot sign in, and a member can', async () => {
  const bare = await createWorld({ SEAL_KEYS: '' });
  const signIn = async (options: Parameters<World['person']>[0]) => {
    const { email, password } = await bare.person(options);
    const response = await bare.browser().request('/auth/sign-in', { json: { email, password } });
    return [response.status, ((await response.json()) as { code?: string }).code];
  };
  expect(await signIn(clinician)).toEqual([503, 'SESSION_SEAL_KEYS']);
  expect(await signIn({})).toEqual([200, undefined]);
  await bare.close();
});
