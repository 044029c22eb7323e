/** Audited reads: the entry is in the log before the value is shown, in the gate's own request. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { drainReads, readLogAlert } from '../../../src/platform/audit/index.ts';
import { oldestReads, parseRead, readLogKey } from '../../../src/platform/read-log/index.ts';
import { costOf } from '../../support/app.ts';
import { addKey, sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => drain());

async function within<Value>(work: (scope: ReturnType<World['platform']['scope']>) => Promise<Value>): Promise<Value> {
  const scope = world.platform.scope();
  try {
    return await work(scope);
  } finally {
    await scope.end();
  }
}
const drain = () => within((scope) => drainReads(scope, world.tenant.id));
const logged = () =>
  within(async ({ redis }) => (await oldestReads(redis, world.tenant.id, 100)).map(({ text }) => parseRead(text)));

interface Row {
  action: string;
  outcome: string;
  actor_type: string;
  actor_id: string | null;
  entity_id: string | null;
  request_id: string;
  data: { code?: string };
}
const entries = (entityId: string) =>
  sql<Row>(
    world.database,
    `SELECT action, outcome, actor_type, actor_id, entity_id, request_id, data FROM audit_entries
     WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id`,
    [world.tenant.id, entityId],
  );

/** Signs a user in with tokens. */
async function tokensOf(person: { email: string; password: string }): Promise<string> {
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const response = await world.browser().request('/auth/sign-in', { json });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

describe('the entry of a shown record', () => {
  test('a session costs 1 request and 4 commands, and the drain makes 1 entry of the user', async () => {
    const { browser, person } = await world.signedIn();
    await browser.request(`/users/${person.id}`);
    await drain();
    const before = (await entries(person.id)).length;
    const answer = await browser.request(`/users/${person.id}`);
    expect([answer.status, answer.headers.get('x-cache')]).toEqual([200, 'HIT']);
    // The script, the entry and its tag, two limits.
    expect(costOf(answer)).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
    expect(await logged()).toMatchObject([{ action: 'user.read', outcome: 'ok', entity: { id: person.id } }]);
    expect([await drain(), await drain()]).toEqual([1, 0]);
    const after = (await entries(person.id)).slice(before);
    expect(after).toMatchObject([{ action: 'user.read', outcome: 'ok', actor_type: 'user', actor_id: person.id }]);
  });

  test('an access token and an API key cost 1 request too, and name their caller', async () => {
    const person = await world.person();
    const accessToken = await tokensOf(person);
    const key = world.tenant.keys.readOnly;
    const keyId = key.split('_').at(-2);
    for (const [credential, commands, actor] of [
      [accessToken, 4, { actor_type: 'user', actor_id: person.id }],
      [key, 4, { actor_type: 'machine', actor_id: keyId }],
    ] as const) {
      await world.request(`/users/${person.id}`, { key: credential });
      await drain();
      const before = (await entries(person.id)).length;
      const answer = await world.request(`/users/${person.id}`, { key: credential });
      expect(costOf(answer)).toEqual({ redis: `1 request, ${commands} commands`, db: '0 queries' });
      await drain();
      expect((await entries(person.id)).slice(before)).toMatchObject([{ ...actor, outcome: 'ok' }]);
    }
  });

  test('an API key whose record is not cached costs 1 more request for the entry, and has exactly 1', async () => {
    const person = await world.person();
    const key = await addKey(world.database, world.tenant.id, { rights: ['crm:read'] });
    expect((await world.request(`/users/${person.id}`, { key })).status).toBe(200);
    await drain();
    expect(await entries(person.id)).toMatchObject([{ actor_type: 'machine', outcome: 'ok' }]);
  });

  test('a user in full is logged too', async () => {
    const { browser, person } = await world.signedIn();
    expect((await browser.request(`/users/${person.id}/full`)).status).toBe(200);
    expect(await logged()).toMatchObject([{ action: 'user.read', entity: { id: person.id } }]);
  });
});

describe('nothing is logged', () => {
  test('for a wrong secret of a session, a token or an API key, or a session that has ended', async () => {
    const { browser, person } = await world.signedIn();
    const path = `/users/${person.id}`;
    const cookie = browser.cookieHeader();
    const key = world.tenant.keys.all;
    const accessToken = await tokensOf(person);
    // The record of the key is cached.
    await world.request('/deals', { key });
    expect((await browser.request('/auth/sign-out', { method: 'POST' })).status).toBe(204);
    const flipped = (text: string) => text.slice(0, -6) + [...text.slice(-6)].reverse().join('');
    const statuses = [
      await world.app.request(path, { headers: { cookie: cookie.replace(/.{4}$/, 'AAAA') } }),
      await world.app.request(path, { headers: { cookie } }),
      await world.request(path, { key: flipped(key) }),
      await world.request(path, { key: world.tenant.keys.revoked }),
      await world.request(path, { key: world.tenant.keys.expired }),
      await world.request(path, { key: `${accessToken.slice(0, -5)}AAAAA` }),
    ].map(({ status }) => status);
    expect(statuses).toEqual(Array(6).fill(401));
    expect(await logged()).toEqual([]);
  });
});

describe('a refusal', () => {
  test('has the entry with its outcome in place of the first one: no such user, and no right', async () => {
    const { browser } = await world.signedIn();
    expect((await browser.request('/users/user_none')).status).toBe(404);
    const key = await addKey(world.database, world.tenant.id, { rights: ['jobs:admin'] });
    await world.request('/deals', { key });
    expect((await world.request('/users/user_none', { key })).status).toBe(403);
    await drain();
    expect(await entries('user_none')).toMatchObject([
      { outcome: 'refused', actor_type: 'user', data: { operation: 'GET /users/:id', code: 'NOT_FOUND' } },
      { outcome: 'refused', actor_type: 'machine', data: { operation: 'GET /users/:id', code: 'NOT_ALLOWED' } },
    ]);
  });

  test('whose first entry the drain has taken has a second one of the same request', async () => {
    const { browser } = await world.signedIn();
    const held = Promise.withResolvers<void>();
    const reached = world.redis.reached('acquire');
    world.redis.faults.acquire = { before: held.promise };
    const asked = browser.request('/users/user_late');
    await reached;
    expect(await drain()).toBe(1);
    delete world.redis.faults.acquire;
    held.resolve();
    const requestId = (await asked).headers.get('x-request-id');
    await drain();
    expect(await entries('user_late')).toMatchObject([
      { outcome: 'ok', request_id: requestId },
      { outcome: 'refused', request_id: requestId },
    ]);
  });
});

describe('without an entry no record is shown', () => {
  test('if Redis does not answer, or its answer is lost: 503 with Retry-After, for each kind of caller', async () => {
    const { browser, person } = await world.signedIn();
    const path = `/users/${person.id}`;
    const key = world.tenant.keys.readOnly;
    // The record of the user and the record of the key are cached.
    await browser.request(path);
    await world.request(path, { key });
    for (const fault of ['unreachable', '503', 'answer-lost'] as const) {
      for (const ask of [() => browser.request(path), () => world.request(path, { key })]) {
        world.redis.faults.log = fault;
        const answer = await ask();
        delete world.redis.faults.log;
        expect(answer.headers.get('retry-after'), fault).toBe('2');
        expect(answer.headers.get('etag'), fault).toBeNull();
        const text = await answer.text();
        expect(JSON.parse(text), fault).toMatchObject({ status: 503, code: 'READ_NOT_LOGGED' });
        expect(text).not.toContain(person.email);
      }
    }
  });

  test('if the log is at 80 % of its bound: 503 with its own code, also for a record in the cache', async () => {
    const small = await createWorld({ AUDIT_READS_BOUND: '10' });
    const { browser, person } = await small.signedIn();
    const path = `/users/${person.id}`;
    const statuses: number[] = [];
    for (let read = 0; read < 8; read += 1) statuses.push((await browser.request(path)).status);
    expect(statuses).toEqual(Array(8).fill(200));
    const refused = await browser.request(path);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await problemOf(refused)).toEqual({ status: 503, code: 'READ_LOG_FULL' });
    const scope = small.platform.scope();
    expect(await scope.redis.xlen(readLogKey(small.tenant.id))).toBe(8);
    const context = {
      scope,
      at: 0,
      signal: new AbortController().signal,
      shared: <V>(_: string, load: () => Promise<V>) => load(),
    };
    const { value = 0 } = (await readLogAlert.measure(context)) ?? {};
    expect(value).toBeGreaterThanOrEqual(0.8);
    expect(readLogAlert.limit).toBeLessThan(0.8);
    await drainReads(scope, small.tenant.id);
    expect((await browser.request(path)).status).toBe(200);
    await drainReads(scope, small.tenant.id);
    await scope.end();
    await small.close();
  });
});

describe('strict', () => {
  let strict: World;
  beforeAll(async () => {
    strict = await createWorld({ AUDIT_READS: 'strict' });
  });
  afterAll(() => strict.close());
  const rows = (id: string) =>
    sql<Row>(
      strict.database,
      `SELECT outcome, actor_id, data FROM audit_entries WHERE tenant_id = $1 AND entity_id = $2 ORDER BY id`,
      [strict.tenant.id, id],
    );

  test('the database has the entry with the answer: 1 statement more, and nothing in the log', async () => {
    const { browser, person } = await strict.signedIn();
    await browser.request(`/users/${person.id}`);
    const answer = await browser.request(`/users/${person.id}`);
    expect(answer.headers.get('x-cache')).toBe('HIT');
    expect(costOf(answer)).toEqual({ redis: '1 request, 4 commands', db: '1 query' });
    expect(await rows(person.id)).toMatchObject(Array(2).fill({ outcome: 'ok', actor_id: person.id }));
    const scope = strict.platform.scope();
    expect(await scope.redis.exists(readLogKey(strict.tenant.id))).toBe(0);
    await scope.end();
  });

  test('a refusal has one entry with its outcome', async () => {
    const { browser, person } = await strict.signedIn();
    expect((await browser.request('/users/user_none')).status).toBe(404);
    expect(await rows('user_none')).toMatchObject([
      { outcome: 'refused', actor_id: person.id, data: { code: 'NOT_FOUND' } },
    ]);
  });
});
