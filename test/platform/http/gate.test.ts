/** The gate: identity, limits and the route's data in one request; a refused caller sees none of the data. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costOf } from '../../support/app.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('one request', () => {
  test('GET /dashboard with a session, two limits and a warm cache: 4 commands, no query', async () => {
    const { browser } = await world.signedIn();
    await browser.request('/dashboard');
    const response = await browser.request('/dashboard');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-cache')).toBe('HIT');
    // HMGET of the session; MGET of its epochs, two entries and their tags; two limits.
    expect(costOf(response)).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
  });

  test('GET /dashboard with an access token costs the same', async () => {
    const person = await world.person();
    const json = { email: person.email, password: person.password, as: 'tokens' };
    const signedIn = await world.browser().request('/auth/sign-in', { json });
    const { accessToken = '' } = (await signedIn.json()) as Record<string, string>;
    await world.request('/dashboard', { key: accessToken });
    const response = await world.request('/dashboard', { key: accessToken });
    expect(response.headers.get('x-cache')).toBe('HIT');
    expect(costOf(response)).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
  });

  test('the use of a session is recorded once a minute, after the answer', async () => {
    const { browser } = await world.signedIn();
    await browser.request('/dashboard');
    world.clock.ahead += 61_000;
    world.redis.asked.length = 0;
    const response = await browser.request('/dashboard');
    expect(costOf(response)).toEqual({ redis: '1 request, 4 commands', db: '0 queries' });
    expect(world.redis.asked.at(-1)).toEqual(['revoke']);
  });

  test('missing or malformed credentials cost no request', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer nothing' },
      { authorization: 'Basic dXNlcjpwYXNz' },
      { cookie: '__Host-session=v1.a.b.c.d' },
    ]) {
      const response = await world.app.request('/dashboard', { headers: headers as Record<string, string> });
      expect(response.status).toBe(401);
      expect(costOf(response)).toEqual({ redis: '0 requests, 0 commands', db: '0 queries' });
    }
  });
});

describe('a refused caller', () => {
  test('sees no fetched data, and costs no query', async () => {
    const { browser } = await world.signedIn();
    await browser.request('/dashboard');
    const cookie = browser.cookieHeader().replace(/.{4}$/, 'AAAA');
    const forged = await world.app.request('/dashboard', { headers: { cookie } });
    expect(await problemOf(forged)).toEqual({ status: 401, code: 'NOT_AUTHENTICATED' });
    expect(forged.headers.get('x-cache')).toBe('BYPASS');
    expect(forged.headers.get('etag')).toBeNull();
    expect(costOf(forged)['db']).toBe('0 queries');
  });

  test('causes no load with a cold cache', async () => {
    const { browser } = await world.signedIn();
    const cookie = browser.cookieHeader().replace(/.{4}$/, 'AAAA');
    const forged = await world.app.request('/deals?search=nobody-asked-this', { headers: { cookie } });
    expect([forged.status, costOf(forged)['db']]).toEqual([401, '0 queries']);
  });

  test('stays refused with a valid cookie next to a wrong Authorization header', async () => {
    const { browser } = await world.signedIn();
    const response = await browser.request('/deals', { headers: { authorization: 'Bearer nothing' } });
    expect(response.status).toBe(401);
  });

  test('is refused according to the rights of the role', async () => {
    for (const [role, reads, writes] of [
      ['owner', 200, 400],
      ['admin', 200, 400],
      ['member', 200, 400],
      ['clinician', 200, 403],
      ['auditor', 200, 403],
    ] as const) {
      const { browser } = await world.signedIn({ role });
      const seen = [await browser.request('/deals'), await browser.request('/deals', { json: {} })];
      expect(
        seen.map(({ status }) => status),
        role,
      ).toEqual([reads, writes]);
    }
  });
});

describe('limits', () => {
  /** A world in the first seconds of a window of a minute, so that no test sees a window end. */
  const createSmall = async (environment: Record<string, string>) => {
    const small = await createWorld(environment);
    small.clock.ahead += 61_000 - (Date.now() % 60_000);
    return small;
  };
  const few = { API_RATE_PER_CALLER: '3', API_RATE_PER_ADDRESS: '1000' };
  const statuses = async (count: number, attempt: () => Promise<Response>) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index += 1) seen.push((await attempt()).status);
    return seen;
  };

  test('a caller over the limit gets 429 with the time of a retry; other callers do not', async () => {
    const small = await createSmall(few);
    const key = small.tenant.keys.readOnly;
    expect(await statuses(4, () => small.request('/deals', { key }))).toEqual([200, 200, 200, 429]);
    const refused = await small.request('/deals', { key });
    expect(refused.headers.get('ratelimit-policy')).toBe('"api-caller";q=3;w=60');
    expect(refused.headers.get('ratelimit')).toMatch(/^"api-caller";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-cache')).toBe('BYPASS');
    // The instance remembers the refusal, without a request to Redis.
    expect(costOf(refused)).toEqual({ redis: '0 requests, 0 commands', db: '0 queries' });
    expect((await small.request('/deals', { key: small.tenant.keys.all })).status).toBe(200);
    small.clock.ahead += 120_000;
    expect((await small.request('/deals', { key })).status).toBe(200);
    await small.close();
  });

  test('a false claim to be a user does not consume that user’s quota', async () => {
    const small = await createSmall(few);
    const { browser } = await small.signedIn();
    const forged = { cookie: browser.cookieHeader().replace(/.{4}$/, 'AAAA') };
    expect(await statuses(6, async () => small.app.request('/deals', { headers: forged }))).toEqual(Array(6).fill(401));
    expect(await statuses(3, () => browser.request('/deals'))).toEqual([200, 200, 200]);
    await small.close();
  });

  test('invented keys reach the database at most as often as the limit of their address', async () => {
    const small = await createSmall({ API_RATE_PER_CALLER: '100', API_RATE_PER_ADDRESS: '3' });
    const madeUp = (index: number) => `hf_${small.tenant.id}_demo0000${1000 + index}_${'x'.repeat(40)}`;
    const seen: [number, string | undefined][] = [];
    for (let index = 0; index < 6; index += 1) {
      const response = await small.request('/deals', { key: madeUp(index) });
      seen.push([response.status, costOf(response)['db']]);
    }
    expect(seen.slice(0, 3)).toEqual(Array(3).fill([401, '1 query']));
    expect(seen.slice(3)).toEqual(Array(3).fill([429, '0 queries']));
    await small.close();
  });

  test('administrators pass, and their requests are counted', async () => {
    const small = await createSmall(few);
    for (const [role, last] of [
      ['admin', 200],
      ['member', 429],
    ] as const) {
      const { browser } = await small.signedIn({ role });
      expect((await statuses(5, () => browser.request('/deals'))).at(-1), role).toBe(last);
    }
    expect(small.platform.counters.pending().get('limits.requests|api-caller|bypassed')).toBe(2);
    await small.close();
  });

  test('reads continue without Redis', async () => {
    const small = await createSmall(few);
    small.redis.faults.limit = 'unreachable';
    small.redis.faults.lookup = 'unreachable';
    expect(await statuses(5, () => small.request('/deals', { key: small.tenant.keys.all }))).toEqual(
      Array(5).fill(200),
    );
    await small.close();
  });
});
