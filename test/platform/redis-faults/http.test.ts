/** Answers to callers while Redis refuses; and the drain, which repeats a revocation that Redis has forgotten. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasRedisServer } from '../../support/redis-server.ts';
import { sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { CLOSED, describeFaults, faultyRedis, STATES } from './world.ts';

const redis = faultyRedis();
let world: World;

/** A database of this file's own: a drain handles the due entries of the whole database. */
let database: TestDatabase;

beforeAll(async () => {
  if (!hasRedisServer) return;
  database = await openMigratedDatabase();
});
beforeEach(async () => {
  if (!hasRedisServer) return;
  const { url, token } = redis.rest();
  world = await createWorld({
    DATABASE_URL: database.connectionString,
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
  });
});
afterEach(() => world?.close());
afterAll(() => database?.close());

describeFaults('the API', () => {
  test.each(STATES)('%s: signed-in users can still read, and open limits let requests pass', async (state) => {
    const { browser } = await world.signedIn();
    await redis.make(state);
    expect((await browser.request('/auth/session')).status).toBe(200);
    expect((await browser.request('/auth/sessions')).status).toBe(200);
    expect((await browser.request('/deals')).status).toBe(200);
  });

  test.each(STATES)('%s: signing in and asking for a code are refused with 503', async (state) => {
    const person = await world.person();
    await redis.make(state);
    const { email, password } = person;
    const signIn = await world.browser().request('/auth/sign-in', { json: { email, password } });
    expect([signIn.status, signIn.headers.has('retry-after')]).toEqual([503, true]);
    const code = await world.browser().request('/auth/code', { json: { email } });
    expect([code.status, code.headers.has('retry-after')]).toEqual([503, true]);
  });

  test('full: a user who signs out is signed out, 204 and then 401', async () => {
    const { browser } = await world.signedIn();
    const cookie = browser.cookieHeader();
    await redis.make('full');
    expect((await browser.request('/auth/sign-out', { method: 'POST' })).status).toBe(204);
    expect((await world.request('/auth/session', { key: null, headers: { cookie } })).status).toBe(401);
  });

  test.each(CLOSED)('%s: signing out is refused with 503 SESSION_REFUSED', async (state) => {
    const { browser } = await world.signedIn();
    await redis.make(state);
    const refused = await browser.request('/auth/sign-out', { method: 'POST' });
    expect(refused.headers.has('retry-after')).toBe(true);
    expect(await problemOf(refused)).toEqual({ status: 503, code: 'SESSION_REFUSED' });
    expect((await browser.request('/auth/session')).status).toBe(200);
  });

  test('a failover that forgets a sign-out: the session is valid again until the next drain', async () => {
    const { browser } = await world.signedIn();
    const cookie = browser.cookieHeader();
    const again = () => world.request('/auth/session', { key: null, headers: { cookie } });
    await redis.forget(() => browser.request('/auth/sign-out', { method: 'POST' }));
    expect((await again()).status).toBe(200);
    const outboxRows = () =>
      sql(world.database, `SELECT id FROM outbox WHERE kind = 'revocation' AND tenant_id = $1`, [world.tenant.id]);
    expect(await outboxRows()).toHaveLength(1);
    world.clock.ahead = 31_000;
    await world.platform.scheduled();
    expect((await again()).status).toBe(401);
    expect(await outboxRows()).toEqual([]);
    expect(world.lines.join()).toContain('session.revocation_forgotten');
  });
});
