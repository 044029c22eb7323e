/** The list settings of users: private, visible immediately, and refused with the name of a wrong field. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import type { Browser } from '../../support/people.ts';
import { type ListsWorld, type Member, openListsWorld } from './lists.ts';

let world: ListsWorld;
let ada: Member;
beforeAll(async () => {
  world = await openListsWorld();
});
beforeEach(async () => {
  ada = await world.member();
});
afterEach(() => {
  for (const { redis } of world.instances) redis.faults = {};
});
afterAll(() => world.close());

const WON = { filters: [{ field: 'stage', value: 'won' }], order: '-value', columns: ['title'], pageSize: 50 };
const NEW = { filters: [], columns: [], pageSize: 25 };
const put = (browser: Browser, json: unknown, list = 'deals') =>
  browser.request(`/me/lists/${list}`, { method: 'PUT', json });
const get = async (browser: Browser, list = 'deals') => {
  const response = await browser.request(`/me/lists/${list}`);
  expect(response.status).toBe(200);
  return response.json();
};
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { status, code, errors } = (await response.json()) as {
    status: number;
    code: string;
    errors?: { field: string }[];
  };
  return [status, code, ...(errors ?? []).map(({ field }) => field)];
};

describe('saving', () => {
  test('costs one Redis request more than the gate, and no query; every instance reads it immediately', async () => {
    const [here, there] = ada.browsers;
    expect(await get(there)).toEqual(NEW);
    const saved = await put(here, WON);
    expect([saved.status, await saved.text()]).toEqual([204, '']);
    // The gate: HMGET of the session, MGET of its epochs, two limits. After these the journal.
    expect(costOf(saved)).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
    const read = await there.request('/me/lists/deals');
    expect(await read.json()).toEqual(WON);
    expect(saved.headers.get('etag')).toBe(read.headers.get('etag'));
    expect([read.headers.get('x-cache'), costOf(read)]).toEqual([
      'HIT',
      { redis: '2 requests, 5 commands', db: '0 queries' },
    ]);
    expect(await world.stored(ada.id, 'deals')).toBeNull();
  });

  test('replaces the earlier settings', async () => {
    const [browser] = ada.browsers;
    await put(browser, WON);
    await put(browser, NEW);
    expect(await get(browser)).toEqual(NEW);
  });

  test('keeps lists, users and tenants apart', async () => {
    const bob = await world.member({ role: 'auditor' });
    const stranger = await world.member({}, await world.otherTenant());
    await put(ada.browsers[0], WON, 'deals');
    await put(bob.browsers[0], { ...NEW, pageSize: 7 }, 'deals');
    expect(await get(ada.browsers[0], 'deals')).toEqual(WON);
    expect(await get(ada.browsers[0], 'deals-archive')).toEqual(NEW);
    expect(await get(bob.browsers[0], 'deals')).toEqual({ ...NEW, pageSize: 7 });
    expect(await get(stranger.browsers[0], 'deals')).toEqual(NEW);
  });

  test('answers 503 if Redis did not accept the settings, and changes nothing', async () => {
    const [here, there] = ada.browsers;
    await put(here, NEW);
    const [{ redis }] = world.instances;
    redis.faults = { fill: 'unreachable' };
    const refused = await put(here, WON);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await problem(refused)).toEqual([503, 'CACHE_UNAVAILABLE']);
    expect(await get(there)).toEqual(NEW);
  });
});

describe('a conditional write', () => {
  const putIf = (browser: Browser, json: unknown, headers: Record<string, string>) =>
    browser.request('/me/lists/deals', { method: 'PUT', json, headers });

  test('by the ETag of GET or PUT: the second of two devices gets 412 with the current settings', async () => {
    const [here, there] = ada.browsers;
    const seen = (await here.request('/me/lists/deals')).headers.get('etag') ?? '';
    const saved = await putIf(here, WON, { 'if-match': seen });
    expect(saved.status).toBe(204);
    // The gate, the current settings, the journal.
    expect(costOf(saved)).toEqual({ redis: '3 requests, 6 commands', db: '1 query' });
    const late = await putIf(there, { ...NEW, pageSize: 7 }, { 'if-match': seen });
    expect([late.status, late.headers.get('etag')]).toEqual([412, saved.headers.get('etag')]);
    expect(await late.json()).toMatchObject({
      code: 'PRECONDITION_FAILED',
      current: WON,
      errors: [{ field: 'if-match' }],
    });
    expect(await get(here)).toEqual(WON);
    const again = await putIf(there, { ...NEW, pageSize: 7 }, { 'if-match': `W/${late.headers.get('etag')}` });
    expect([again.status, costOf(again)]).toEqual([204, { redis: '3 requests, 6 commands', db: '0 queries' }]);
  });

  test('sees settings that were flushed and no longer wait in Redis', async () => {
    const [here, there] = ada.browsers;
    const etag = (await put(here, WON)).headers.get('etag') ?? '';
    await world.tick();
    expect(await world.stored(ada.id, 'deals')).toEqual(WON);
    expect((await putIf(there, NEW, { 'if-match': '"other"' })).status).toBe(412);
    expect((await putIf(there, NEW, { 'if-match': etag })).status).toBe(204);
  });

  test('`*`: settings always exist, so If-Match: * is met and If-None-Match: * is not', async () => {
    const [browser] = ada.browsers;
    expect((await putIf(browser, WON, { 'if-none-match': '*' })).status).toBe(412);
    expect(await get(browser)).toEqual(NEW);
    expect((await putIf(browser, WON, { 'if-match': '*' })).status).toBe(204);
    expect(await get(browser)).toEqual(WON);
  });

  test('by a date is not conditional, because settings have no date', async () => {
    const [browser] = ada.browsers;
    const headers = { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' };
    expect((await putIf(browser, WON, headers)).status).toBe(204);
  });

  test('with a malformed list of ETags gets 400, and of an API key 404', async () => {
    expect(await problem(await putIf(ada.browsers[0], WON, { 'if-match': 'abc' }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'if-match',
    ]);
    const [app] = world.instances;
    const key = world.tenant.keys.all;
    const sent = await app.request('/me/lists/deals', { key, method: 'PUT', json: WON, headers: { 'if-match': '*' } });
    expect(await problem(sent)).toEqual([404, 'NOT_FOUND']);
  });

  test('answers 503 if Redis does not answer, and changes nothing', async () => {
    const [here, there] = ada.browsers;
    const [{ redis }] = world.instances;
    redis.faults = { fill: 'unreachable' };
    expect(await problem(await putIf(here, WON, { 'if-match': '*' }))).toEqual([503, 'CACHE_UNAVAILABLE']);
    expect(await get(there)).toEqual(NEW);
  });
});

describe('no access for', () => {
  test('API keys, which have no lists', async () => {
    const key = world.tenant.keys.all;
    const [app] = world.instances;
    expect(await problem(await app.request('/me/lists/deals', { key }))).toEqual([404, 'NOT_FOUND']);
    const sent = await app.request('/me/lists/deals', { key, method: 'PUT', json: WON });
    expect(await problem(sent)).toEqual([404, 'NOT_FOUND']);
  });

  test('a caller without credentials, an ended session, and a page of another site', async () => {
    const [browser] = ada.browsers;
    const [app] = world.instances;
    expect((await app.request('/me/lists/deals', { key: null, method: 'PUT', json: WON })).status).toBe(401);
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const crossSite = await browser.request('/me/lists/deals', { method: 'PUT', json: WON, headers });
    expect(await problem(crossSite)).toEqual([403, 'CROSS_SITE']);
    expect(await get(browser)).toEqual(NEW);
    const cookie = browser.cookieHeader();
    await browser.request('/auth/sign-out', { method: 'POST' });
    expect((await app.request('/me/lists/deals', { key: null, headers: { cookie } })).status).toBe(401);
  });
});

describe('invalid settings are refused with the name of the field', () => {
  test.each([
    ['list', 'Deals', WON],
    ['list', '1st', WON],
    ['list', 'x'.repeat(41), WON],
    ['list', 'a_b', WON],
    ['pageSize', 'deals', { ...WON, pageSize: 0 }],
    ['order', 'deals', { ...WON, order: 'value desc' }],
    ['columns.1', 'deals', { ...WON, columns: ['title', '$where'] }],
    ['filters.0.value', 'deals', { ...WON, filters: [{ field: 'stage', value: 'a\u0000b' }] }],
    ['filters.0.field', 'deals', { ...WON, filters: [{ field: '__proto__', value: 'x' }] }],
    ['filters.0.or', 'deals', { ...WON, filters: [{ field: 'stage', value: 'x', or: {} }] }],
    ['colour', 'deals', { ...WON, colour: 'red' }],
  ])('%s of list %s', async (field, list, json) => {
    expect(await problem(await put(ada.browsers[0], json, list))).toEqual([400, 'VALIDATION_FAILED', field]);
  });

  test('more than 8 KiB, counted in bytes', async () => {
    const [browser] = ada.browsers;
    const settingsOf = (value: string) => ({ ...NEW, filters: Array(50).fill({ field: 'name', value }) });
    // 8,045 characters each; an ellipsis has three bytes.
    expect(await problem(await put(browser, settingsOf('…'.repeat(132))))).toEqual([400, 'VALIDATION_FAILED', 'body']);
    expect((await put(browser, settingsOf('x'.repeat(132)))).status).toBe(204);
    expect(await get(browser)).toEqual(settingsOf('x'.repeat(132)));
  });
});
