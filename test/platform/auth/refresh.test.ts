/** Refresh tokens over HTTP. `test/platform/sessions` tests the guarantees of the scripts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function tokens(): Promise<Record<'accessToken' | 'refreshToken', string>> {
  const person = await world.person();
  const json = { email: person.email, password: person.password, as: 'tokens' };
  return (await (await world.browser().request('/auth/sign-in', { json })).json()) as never;
}
const refresh = (refreshToken: string) => world.browser().request('/auth/refresh', { json: { refreshToken } });
const isIn = async (accessToken: string) => (await world.request('/auth/session', { key: accessToken })).status === 200;

test('each token is exchanged once; sent again within the grace period, it gives the same successor', async () => {
  const first = await tokens();
  const answers = await Promise.all([refresh(first.refreshToken), refresh(first.refreshToken)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const [one, two] = (await Promise.all(answers.map((each) => each.json()))) as Record<string, string>[];
  expect(one?.['refreshToken']).toBe(two?.['refreshToken']);
  expect(one?.['refreshToken']).not.toBe(first.refreshToken);
  expect(await isIn(one?.['accessToken'] ?? '')).toBe(true);
});

test('a token replaced before the grace period ends the family', async () => {
  const first = await tokens();
  const second = (await (await refresh(first.refreshToken)).json()) as typeof first;
  await refresh(second.refreshToken);
  world.clock.ahead += 60_000;
  expect(await problemOf(await refresh(first.refreshToken))).toEqual({ status: 401, code: 'REFRESH_REFUSED' });
  expect(await isIn(second.accessToken)).toBe(false);
  expect(world.lines.join('\n')).toContain('auth.refresh_reused');
});

test('an access token expires after five minutes', async () => {
  const { accessToken } = await tokens();
  world.clock.ahead += 310_000;
  expect(await isIn(accessToken)).toBe(false);
});

test('revoking a token ends its access tokens immediately; revoking an unknown text is no error', async () => {
  const { accessToken, refreshToken } = await tokens();
  const revoked = await world.browser().request('/auth/revoke', { json: { refreshToken } });
  expect(revoked.status).toBe(204);
  expect(await isIn(accessToken)).toBe(false);
  expect((await world.browser().request('/auth/revoke', { json: { refreshToken: 'nothing' } })).status).toBe(204);
});

test('every text that is not a refresh token is refused alike', async () => {
  const { refreshToken, accessToken } = await tokens();
  for (const bad of ['x', accessToken, `${refreshToken}x`, refreshToken.replace('r1.', 'r2.'), 'r1....']) {
    expect(await problemOf(await refresh(bad))).toEqual({ status: 401, code: 'REFRESH_REFUSED' });
  }
});
