/** The preferences of users over HTTP: durable, never older than an acknowledged patch, and alive without Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import type { Browser } from '../../support/people.ts';
import { problemOf } from '../http/problem.ts';
import { type ListsWorld, type Member, openListsWorld } from './lists.ts';

let world: ListsWorld;
let ada: Member;
beforeAll(async () => {
  world = await openListsWorld();
  // The isolates send the scripts once, so that later requests can be counted.
  const { browsers } = await world.member();
  for (const browser of browsers) {
    await patch(browser, { theme: 'dark' });
    await get(browser);
    await patch(browser, { theme: 'light' });
  }
});
beforeEach(async () => {
  ada = await world.member();
});
afterEach(() => {
  for (const { redis } of world.instances) redis.faults = {};
});
afterAll(() => world.close());

const DEFAULTS = {
  theme: 'system',
  weekStart: 'monday',
  startPage: 'dashboard',
  pageSize: 25,
  notify: { 'task.assigned': true, 'deal.won': true },
};
const get = async (browser: Browser) => {
  const response = await browser.request('/me/preferences');
  expect(response.status).toBe(200);
  return response;
};
const patch = (browser: Browser, json: unknown, headers: Record<string, string> = {}) =>
  browser.request('/me/preferences', { method: 'PATCH', json, headers });
const stored = async () =>
  (
    await world.query<{ value: unknown; version: number }>(
      "SELECT value, version FROM documents WHERE tenant_id = $1 AND name = 'preferences' AND id = $2",
      [world.tenant.id, ada.id],
    )
  )[0];

describe('a user without preferences', () => {
  test('has the defaults; the first read costs two requests and a query more than the gate, the next one a request', async () => {
    const [here, there] = ada.browsers;
    const first = await get(here);
    expect(await first.json()).toEqual(DEFAULTS);
    // The gate: HMGET of the session, MGET of its epochs, two limits. After these the copy, and its fill.
    expect(costOf(first)).toEqual({ redis: '3 requests, 6 commands', db: '1 query' });
    const next = await get(there);
    expect(await next.json()).toEqual(DEFAULTS);
    expect(costOf(next)).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
    expect(next.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await stored()).toBeUndefined();
  });
});

describe('a patch', () => {
  test('costs two commands of Redis, and other instances read it at once from the copy', async () => {
    const [here, there] = ada.browsers;
    await get(here);
    const answer = await patch(here, { theme: 'dark', notify: { 'deal.won': false } });
    expect(answer.status).toBe(200);
    // The lock, the write, the outbox entry, and its mark as settled.
    expect(costOf(answer)).toEqual({ redis: '3 requests, 6 commands', db: '4 queries' });
    const expected = { ...DEFAULTS, theme: 'dark', notify: { 'task.assigned': true, 'deal.won': false } };
    expect(await answer.json()).toEqual(expected);
    const read = await get(there);
    expect(await read.json()).toEqual(expected);
    expect(costOf(read)).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
    expect(await stored()).toEqual({ value: { theme: 'dark', notify: { 'deal.won': false } }, version: 1 });
  });

  test('keeps the fields that it leaves out, and null brings the default back', async () => {
    const [here] = ada.browsers;
    await patch(here, { theme: 'dark', pageSize: 50, notify: { 'deal.won': false, 'task.assigned': false } });
    await patch(here, { theme: null, notify: { 'deal.won': null } });
    expect(await (await get(here)).json()).toEqual({
      ...DEFAULTS,
      pageSize: 50,
      notify: { 'task.assigned': false, 'deal.won': true },
    });
    await patch(here, { notify: null, pageSize: null });
    expect(await (await get(here)).json()).toEqual(DEFAULTS);
  });

  test('by ten writers on two instances at once loses no field', async () => {
    const fields = [{ theme: 'dark' }, { weekStart: 'sunday' }, { startPage: 'deals' }, { pageSize: 7 }];
    const notify = [{ notify: { 'deal.won': false } }, { notify: { 'task.assigned': false } }];
    const answers = await Promise.all(
      [...fields, ...notify].map((json, n) => patch(n % 2 ? ada.browsers[1] : ada.browsers[0], json)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    for (const browser of ada.browsers) {
      expect(await (await get(browser)).json()).toEqual({
        ...Object.assign({}, ...fields),
        notify: { 'task.assigned': false, 'deal.won': false },
      });
    }
  });

  test('with If-Match is made in that state only; else 412 with the current state', async () => {
    const [here, there] = ada.browsers;
    const etag = (await get(here)).headers.get('etag') ?? '';
    const made = await patch(here, { theme: 'dark' }, { 'if-match': etag });
    expect(made.status).toBe(200);
    const refused = await patch(there, { theme: 'light' }, { 'if-match': etag });
    expect(refused.status).toBe(412);
    expect(refused.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(await refused.json()).toMatchObject({ current: { ...DEFAULTS, theme: 'dark' } });
    const exists = await patch(there, { theme: 'light' }, { 'if-none-match': '*' });
    expect(exists.status).toBe(412);
    expect(await (await get(there)).json()).toEqual({ ...DEFAULTS, theme: 'dark' });
  });
});

describe('while Redis fails', () => {
  test('preferences are read and patched without Redis, and read from the copy afterwards', async () => {
    const [here, there] = ada.browsers;
    await patch(here, { theme: 'dark' });
    await get(there);
    // Sessions need Redis, so only the requests of the document fail.
    const [{ redis }] = world.instances;
    redis.faults = { fill: 'unreachable', mark: 'unreachable', settle: 'unreachable' };
    expect(await (await get(here)).json()).toEqual({ ...DEFAULTS, theme: 'dark' });
    expect((await patch(here, { theme: 'light' })).status).toBe(200);
    expect(await (await get(here)).json()).toEqual({ ...DEFAULTS, theme: 'light' });
    expect(await stored()).toMatchObject({ value: { theme: 'light' } });
  });

  test.each(['answer-lost', '503'] as const)('a settle with the fault %s leaves no old copy', async (fault) => {
    const [here, there] = ada.browsers;
    await patch(here, { theme: 'dark' });
    await get(there);
    const [{ redis }] = world.instances;
    redis.faults = { fill: fault };
    expect((await patch(here, { theme: 'light' })).status).toBe(200);
    redis.faults = {};
    for (const browser of [here, there]) {
      expect(await (await get(browser)).json()).toEqual({ ...DEFAULTS, theme: 'light' });
    }
  });

  test('a Redis that lost everything is filled again', async () => {
    const [here, there] = ada.browsers;
    await patch(here, { theme: 'dark' });
    await world.forgetDocuments();
    const read = await get(there);
    expect(await read.json()).toEqual({ ...DEFAULTS, theme: 'dark' });
    expect(costOf(read)).toEqual({ redis: '3 requests, 6 commands', db: '1 query' });
    expect(costOf(await get(here))).toEqual({ redis: '2 requests, 5 commands', db: '0 queries' });
  });
});

test('a stored value that the schema no longer accepts counts as no preferences', async () => {
  await world.query(
    `INSERT INTO documents (tenant_id, name, id, value, version, updated_at)
     VALUES ($1, 'preferences', $2, '{"theme":"neon","pageSize":50}', 3, now())`,
    [world.tenant.id, ada.id],
  );
  expect(await (await get(ada.browsers[0])).json()).toEqual(DEFAULTS);
  expect(await (await patch(ada.browsers[0], { pageSize: 10 })).json()).toEqual({ ...DEFAULTS, pageSize: 10 });
  expect(await stored()).toEqual({ value: { pageSize: 10 }, version: 4 });
});

test('users and tenants are apart, and API keys have no preferences', async () => {
  const bob = await world.member({ role: 'auditor' });
  const stranger = await world.member({}, await world.otherTenant());
  await patch(ada.browsers[0], { theme: 'dark' });
  expect((await patch(bob.browsers[0], { theme: 'light' })).status).toBe(200);
  expect(await (await get(stranger.browsers[0])).json()).toEqual(DEFAULTS);
  expect(await (await get(ada.browsers[1])).json()).toMatchObject({ theme: 'dark' });
  const [app] = world.instances;
  for (const init of [{}, { method: 'PATCH', json: { theme: 'dark' } }]) {
    const answer = await app.request('/me/preferences', { key: world.tenant.keys.all, ...init });
    expect(answer.status).toBe(404);
  }
  expect((await app.request('/me/preferences', { key: null })).status).toBe(401);
});

test.each([
  ['theme', { theme: 'neon' }],
  ['pageSize', { pageSize: 0 }],
  ['pageSize', { pageSize: 1.5 }],
  ['notify.deal.won', { notify: { 'deal.won': 'no' } }],
  ['notify.deal.lost', { notify: { 'deal.lost': true } }],
  ['colour', { colour: 'red' }],
  ['body', {}],
  ['body', [1]],
])('a patch with a wrong value is refused with the field %s', async (field, json) => {
  const { status, errors } = await problemOf(await patch(ada.browsers[0], json), field);
  expect([status, errors?.[0]?.field]).toEqual([400, field]);
  expect(await stored()).toBeUndefined();
});
