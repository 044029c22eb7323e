/** The gate on every platform: a browser's session, two limits and the start page are one Redis request. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Host, hostNames, startHosts } from '../support/hosts.ts';
import { addPerson } from '../support/people.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

/** Signs a new user in and returns the cookie: sign-ins of one account are limited. */
async function signIn(host: Host): Promise<string> {
  const { email, password } = await addPerson(inject('cloud').postgres.url, 'acme');
  const json = { email, password };
  const response = await host.send({ path: '/auth/sign-in', method: 'POST', key: null, json });
  expect(response.status, JSON.stringify(response.body)).toBe(200);
  return /^[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
}

describe.each(hostNames)('%s', (name) => {
  test('a session created here is valid on every host and costs one request', async () => {
    const headers = { cookie: await signIn(hosts[name]) };
    await hosts[name].send({ path: '/dashboard', key: null, headers });
    for (const other of hostNames) {
      const { status, cache, cost } = await hosts[other].send({ path: '/dashboard', key: null, headers });
      expect({ other, status, cache, cost }).toEqual({
        other,
        status: 200,
        cache: 'HIT',
        cost: { redis: '1 request, 4 commands', db: '0 queries' },
      });
    }
  });

  test('a session ended here is refused on every host', async () => {
    const headers = { cookie: await signIn(hosts[name]), 'sec-fetch-site': 'same-origin' };
    const out = await hosts[name].send({ path: '/auth/sign-out', method: 'POST', key: null, headers });
    expect(out.status).toBe(204);
    for (const other of hostNames) {
      expect((await hosts[other].send({ path: '/dashboard', key: null, headers })).status).toBe(401);
    }
  });
});
