/** Drafts over HTTP: in Redis alone, bounded in life, size and number, and patched with one command. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MOST_DRAFTS } from '../../../src/crm/drafts/routes.ts';
import { costOf } from '../../support/app.ts';
import type { Browser } from '../../support/people.ts';
import { problemOf } from '../http/problem.ts';
import { type ListsWorld, type Member, openListsWorld } from './lists.ts';

let world: ListsWorld;
let ada: Member;
beforeAll(async () => {
  world = await openListsWorld();
  const { browsers } = await world.member();
  for (const browser of browsers) await save(browser, { a: 1 });
});
beforeEach(async () => {
  ada = await world.member();
});
afterEach(() => {
  for (const { redis } of world.instances) redis.faults = {};
});
afterAll(() => world.close());

const PATH = '/me/drafts/new-deal';
const save = (browser: Browser, json: unknown, headers: Record<string, string> = {}, path = PATH) =>
  browser.request(path, { method: 'PATCH', json, headers });
const get = (browser: Browser, path = PATH) => browser.request(path);
const GATE_AND_ONE = { redis: '2 requests, 5 commands', db: '0 queries' };

describe('a draft', () => {
  test('is made, changed and read with one command each beside the gate, on every instance', async () => {
    const [here, there] = ada.browsers;
    expect((await get(here)).status).toBe(404);
    const made = await save(here, { title: 'Nets', lines: [1, null, { b: [] }], empty: {}, note: { text: 'x' } });
    expect([made.status, costOf(made)]).toEqual([200, GATE_AND_ONE]);
    const whole = { empty: {}, lines: [1, null, { b: [] }], note: { text: 'x' }, title: 'Nets' };
    expect(await made.json()).toEqual(whole);
    const changed = await save(there, { title: null, note: { text: 'y', more: 1e21 } });
    expect(costOf(changed)).toEqual(GATE_AND_ONE);
    const read = await get(here);
    expect(costOf(read)).toEqual(GATE_AND_ONE);
    expect(await read.text()).toBe('{"empty":{},"lines":[1,null,{"b":[]}],"note":{"more":1e+21,"text":"y"}}');
    expect(read.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect(await world.query('SELECT 1 FROM documents WHERE tenant_id = $1', [world.tenant.id])).toEqual([]);
  });

  test('can change the kind of a member, and removes all that was below it', async () => {
    const [here] = ada.browsers;
    await save(here, { a: { b: { c: 1 }, d: 2 }, 'a/b': 'apart', 'a~1b': 'too' });
    expect(await (await save(here, { a: 'text' })).json()).toEqual({ a: 'text', 'a/b': 'apart', 'a~1b': 'too' });
    expect(await (await save(here, { a: { b: null } })).json()).toEqual({ a: {}, 'a/b': 'apart', 'a~1b': 'too' });
    expect(await (await save(here, { 'a/b': null, 'a~1b': null, a: null })).json()).toEqual({});
    expect(await (await get(here)).json()).toEqual({});
  });

  test('keeps the members of writers at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => save(n % 2 ? ada.browsers[1] : ada.browsers[0], { [`m${n}`]: { n } })),
    );
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const whole = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`m${n}`, { n }]));
    expect(await (await get(ada.browsers[0])).json()).toEqual(whole);
  });

  test('obeys If-Match and If-None-Match with one request more, and 412 shows the current draft', async () => {
    const [here, there] = ada.browsers;
    const first = await save(here, { title: 'Nets' }, { 'if-none-match': '*' });
    expect([first.status, costOf(first)]).toEqual([200, { redis: '3 requests, 6 commands', db: '0 queries' }]);
    expect((await save(there, { title: 'Ropes' }, { 'if-none-match': '*' })).status).toBe(412);
    const etag = first.headers.get('etag') ?? '';
    const second = await save(there, { title: 'Boats' }, { 'if-match': etag });
    expect(second.status).toBe(200);
    const refused = await save(here, { title: 'Ropes' }, { 'if-match': etag });
    expect(refused.status).toBe(412);
    expect(refused.headers.get('etag')).toBe(second.headers.get('etag'));
    expect(await refused.json()).toMatchObject({ current: { title: 'Boats' } });
    const remove = (headers: Record<string, string>) => here.request(PATH, { method: 'DELETE', headers });
    expect((await remove({ 'if-match': etag })).status).toBe(412);
    expect((await remove({ 'if-match': second.headers.get('etag') ?? '' })).status).toBe(204);
    expect((await save(here, { a: 1 }, { 'if-match': '*' })).status).toBe(412);
  });

  test('is deleted, and is then 404', async () => {
    const [here, there] = ada.browsers;
    await save(here, { title: 'Nets' });
    const deleted = await there.request(PATH, { method: 'DELETE' });
    expect([deleted.status, costOf(deleted)]).toEqual([204, GATE_AND_ONE]);
    expect((await get(here)).status).toBe(404);
    expect((await here.request(PATH, { method: 'DELETE' })).status).toBe(404);
    expect(await (await here.request('/me/drafts')).json()).toEqual({ items: [] });
  });

  test('ends 7 days after its last patch', async () => {
    await save(ada.browsers[0], { a: 1 });
    const [key = ''] = await world.command<string[]>('KEYS', `hf:*:d:draft:${ada.id}:*`);
    const life = await world.command<number>('PTTL', key);
    expect(life).toBeGreaterThan(7 * 86_400_000 - 600_000);
    expect(life).toBeLessThanOrEqual(7 * 86_400_000);
  });
});

describe('limits', () => {
  test.each([
    ['256 values', Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`k${n}`, n]))],
    ['65536 bytes', { a: 'x'.repeat(65_536) }],
    ['5 objects within objects', { a: { b: { c: { d: { e: {} } } } } }],
  ])('a draft may have at most %s', async (limit, json) => {
    const { status, errors } = await problemOf(await save(ada.browsers[0], json), limit);
    expect([status, errors]).toEqual([400, [{ field: 'body', message: expect.stringContaining(limit) }]]);
    expect((await get(ada.browsers[0])).status).toBe(404);
  });

  test('count what the draft has already, and leave it unchanged', async () => {
    const [here] = ada.browsers;
    await save(here, { a: 'x'.repeat(40_000) });
    expect((await save(here, { b: 'x'.repeat(40_000) })).status).toBe(400);
    expect(Object.keys((await (await get(here)).json()) as object)).toEqual(['a']);
    expect((await save(here, { a: null, b: 'x'.repeat(40_000) })).status).toBe(200);
  });

  test(`a user may have ${MOST_DRAFTS} drafts, and a deleted one makes room`, async () => {
    const [here] = ada.browsers;
    for (let n = 0; n < MOST_DRAFTS; n += 1) await save(here, { n }, {}, `/me/drafts/d${n}`);
    const { status, code } = await problemOf(await save(here, { a: 1 }), 'one more');
    expect([status, code]).toEqual([409, 'TOO_MANY_DOCUMENTS']);
    expect((await save(here, { more: 1 }, {}, '/me/drafts/d3')).status).toBe(200);
    await here.request('/me/drafts/d7', { method: 'DELETE' });
    expect((await save(here, { a: 1 })).status).toBe(200);
    const { items } = (await (await here.request('/me/drafts')).json()) as {
      items: { name: string; endsAt: string }[];
    };
    expect(items).toHaveLength(MOST_DRAFTS);
    expect(items.map(({ name }) => name)).toContain('new-deal');
  });

  test.each([
    ['name', '/me/drafts/Deal', { a: 1 }],
    ['name', `/me/drafts/${'x'.repeat(81)}`, { a: 1 }],
    ['body', PATH, [1]],
    ['body', PATH, null],
    ['a.0', PATH, { a: ['\u0000'] }],
    ['a', PATH, { a: '\ud800' }],
  ])('a wrong %s is refused', async (field, path, json) => {
    const { status, errors } = await problemOf(await save(ada.browsers[0], json, {}, path), field);
    expect([status, errors?.[0]?.field]).toEqual([400, field]);
  });
});

test('users, tenants and names are apart, and API keys have no drafts', async () => {
  const bob = await world.member();
  const stranger = await world.member({}, await world.otherTenant());
  await save(ada.browsers[0], { of: 'ada' });
  await save(ada.browsers[0], { other: true }, {}, '/me/drafts/new-deal.note');
  await save(bob.browsers[0], { of: 'bob' });
  expect((await get(stranger.browsers[0])).status).toBe(404);
  expect(await (await get(ada.browsers[1])).json()).toEqual({ of: 'ada' });
  const [app] = world.instances;
  const key = world.tenant.keys.all;
  for (const init of [{}, { method: 'PATCH', json: { a: 1 } }, { method: 'DELETE' }]) {
    expect((await app.request(PATH, { key, ...init })).status).toBe(404);
  }
  expect((await app.request('/me/drafts', { key })).status).toBe(404);
});

test('without Redis, drafts answer 503; a lost answer may have saved the patch', async () => {
  const [here, there] = ada.browsers;
  const [{ redis }] = world.instances;
  redis.faults = { fill: 'unreachable' };
  const refused = await save(here, { a: 1 });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect((await get(there)).status).toBe(404);
  redis.faults = { fill: 'answer-lost' };
  expect((await save(here, { a: 1 })).status).toBe(503);
  redis.faults = {};
  expect(await (await save(here, { a: 1 })).json()).toEqual({ a: 1 });
  expect(await (await get(there)).json()).toEqual({ a: 1 });
});
