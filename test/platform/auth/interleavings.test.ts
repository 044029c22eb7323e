/**
 * The guarantees of sessions and refresh tokens over HTTP: requests of several instances stop before Redis and before
 * their answers, and go on in every order. Signing out, revoking and disabling end access from the acknowledgement on,
 * also for tokens refreshed or rotated meanwhile; and no other user is signed out.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { newClientAddress } from '../../support/client-address.ts';
import { counted, everyOrder, type Stop, stoppingFetch } from '../../support/interleave.ts';
import { createBrowser } from '../../support/people.ts';
import { createWorld, type World } from './world.ts';

// Queries in progress count as work under way. They return a promise, or call the callback in the last argument.
for (const [prototype, name] of [
  [pg.Client.prototype, 'query'],
  [pg.Pool.prototype, 'connect'],
] as const) {
  const real: (...args: unknown[]) => unknown = Reflect.get(prototype, name);
  Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
    const callback = args.at(-1);
    if (typeof callback !== 'function') {
      const answer = real.apply(this, args);
      return answer instanceof Promise ? counted(() => answer) : answer;
    }
    const called = Promise.withResolvers<void>();
    void counted(() => called.promise);
    return real.apply(this, [
      ...args.slice(0, -1),
      (...result: unknown[]) => {
        called.resolve();
        callback(...result);
      },
    ]);
  });
}

let world: World;
beforeAll(async () => {
  world = await createWorld();
  // A script that Redis does not know yet is sent twice, which would add steps to every order.
  for (const end of Object.values(endings)) {
    const who = await signedInUser();
    expect(await refreshes(who.tokens)).toBe(true);
    expect((await end(who, world.app.request)).status).toBeLessThan(300);
  }
});
afterAll(() => world.close());

/** Only requests about sessions and tokens stop; limits and cached reads pass. */
const stops = (body: string) => /hf:[^:"]+:s:/.test(body);

/** Instances whose requests stop, created once: they have no state between runs. */
function instances(names: readonly string[]) {
  let stop: Stop = async () => undefined;
  const made = names.map((name) => {
    const app = createTestApp({
      fetch: (url, init) => stoppingFetch((label) => stop(label), name, { stops })(url, init),
    });
    return { app, send: (path: string, init: RequestInit) => app.app.request(path, init) };
  });
  return {
    sends: made.map(({ send }) => send),
    use(next: Stop) {
      stop = next;
    },
    close: () => Promise.all(made.map(({ app }) => app.close())),
  };
}

type Send = Parameters<typeof createBrowser>[0];

const refreshWith = (send: Send, refreshToken: string, ip: string) =>
  createBrowser(send, { 'x-test-client-ip': ip }).request('/auth/refresh', { json: { refreshToken } });

/** A user with a signed-in browser and a signed-in program. */
async function signedInUser() {
  const { browser, person } = await world.signedIn();
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const signedIn = await world.browser().request('/auth/sign-in', { json });
  const tokens = (await signedIn.json()) as Record<'accessToken' | 'refreshToken', string>;
  return { browser, person, tokens };
}

type SignedInUser = Awaited<ReturnType<typeof signedInUser>>;
type Tokens = SignedInUser['tokens'];

const isIn = async (accessToken: string) => (await world.request('/auth/session', { key: accessToken })).status === 200;
const refreshes = async ({ refreshToken }: Tokens) =>
  (await refreshWith(world.app.request, refreshToken, newClientAddress())).status === 200;

/** Ways to end a user's tokens, each over the public API. */
const endings = {
  'revoking the token': ({ tokens }: SignedInUser, send: Send) =>
    createBrowser(send, { 'x-test-client-ip': newClientAddress() }).request('/auth/revoke', {
      json: { refreshToken: tokens.refreshToken },
    }),
  'signing the program out': async ({ tokens }: SignedInUser, send: Send) =>
    send('/auth/sign-out', { method: 'POST', headers: { authorization: `Bearer ${tokens.accessToken}` } }),
  'ending all other sessions': ({ browser }: SignedInUser, send: Send) => {
    const other = createBrowser(send);
    for (const [name, value] of browser.cookies) other.cookies.set(name, value);
    return other.request('/auth/sessions', { method: 'DELETE' });
  },
  'disabling the user': async ({ person }: SignedInUser, send: Send) =>
    send(`/users/${person.id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${world.tenant.keys.all}`, 'content-type': 'application/json' },
      body: '{"disabled":true}',
    }),
};

describe('two refreshes of one token', () => {
  test('in every order give the same successor, and the user stays signed in', async () => {
    const { sends, use, close } = instances(['one', 'two']);
    const orders = await everyOrder(async (stop) => {
      const who = await signedInUser();
      use(stop);
      const answers = await Promise.all(
        sends.map((send) => refreshWith(send, who.tokens.refreshToken, newClientAddress())),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const given = (await Promise.all(answers.map((each) => each.json()))) as Tokens[];
      expect(new Set(given.map(({ refreshToken }) => refreshToken)).size).toBe(1);
      for (const { accessToken } of given) expect(await isIn(accessToken)).toBe(true);
      expect(given[0] && (await refreshes(given[0]))).toBe(true);
    });
    expect(orders).toBe(6);
    await close();
  });
});

describe.each([
  ['two refreshes of one token', 2, ['revoking the token']],
  ['a refresh', 1, ['signing the program out', 'ending all other sessions', 'disabling the user']],
] as const)('%s', (_, count, ways) => {
  test.each(ways)('and %s: in every order all tokens have ended at the acknowledgement', async (way) => {
    const { sends, use, close } = instances(['end', 'one', 'two'].slice(0, count + 1));
    const [ending, ...refreshing] = sends;
    if (!ending) throw new Error('There is one');
    const orders = await everyOrder(async (stop) => {
      use(async () => undefined);
      const who = await signedInUser();
      // Opens the database connection and caches the key.
      await ending(`/users/${who.person.id}`, { headers: { authorization: `Bearer ${world.tenant.keys.all}` } });
      use(stop);
      const given: Tokens[] = [who.tokens];
      const refresh = async (send: typeof ending) => {
        const answer = await refreshWith(send, who.tokens.refreshToken, newClientAddress());
        expect([200, 401]).toContain(answer.status);
        if (answer.status === 200) given.push((await answer.json()) as Tokens);
      };
      const end = async () => {
        const answer = await endings[way](who, ending);
        expect(answer.status, await answer.text()).toBeLessThan(300);
        // From the acknowledgement on, even while the other requests are under way.
        for (const { accessToken } of [...given]) expect(await isIn(accessToken)).toBe(false);
      };
      await Promise.all([...refreshing.map(refresh), end()]);
      for (const tokens of given) {
        expect(await isIn(tokens.accessToken)).toBe(false);
        expect(await refreshes(tokens)).toBe(false);
      }
    });
    expect(orders).toBeGreaterThanOrEqual(6);
    await close();
  });
});

describe('a session rotated by one request', () => {
  test('and signed out by another: in every order no cookie ever issued is valid', async () => {
    const { sends, use, close } = instances(['rotate', 'sign out']);
    const [rotating, leaving] = sends;
    if (!rotating || !leaving) throw new Error('There are two');
    const seen = new Set<string>();
    await everyOrder(async (stop) => {
      const { browser } = await world.signedIn();
      use(stop);
      const cookies = [browser.cookieHeader()];
      const tab = (send: typeof rotating) => {
        const opened = createBrowser(send);
        for (const [name, value] of browser.cookies) opened.cookies.set(name, value);
        return opened;
      };
      const [one, other] = [tab(rotating), tab(leaving)];
      const [rotated, left] = await Promise.all([
        one.request('/auth/sessions', { method: 'DELETE' }),
        other.request('/auth/sign-out', { method: 'POST' }),
      ]);
      expect([204, 401, 409]).toContain(rotated.status);
      expect([204, 401]).toContain(left.status);
      seen.add(`${rotated.status} ${left.status}`);
      cookies.push(one.cookieHeader());
      const good = await Promise.all(
        cookies.map(
          async (cookie) => (await world.app.request('/auth/session', { headers: { cookie } })).status === 200,
        ),
      );
      // A sign-out with a replaced cookie was refused with 401, and has signed no user out.
      expect(good).toEqual([false, left.status === 401]);
    });
    expect([...seen].sort()).toEqual(['204 204', '204 401', '401 204', '409 204']);
    await close();
  });
});
