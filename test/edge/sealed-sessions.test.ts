/**
 * Sessions of a role with sensitive records on workerd, Lambda and Node: sealed in Redis, ended by each bound, stored by
 * no cache. The time passes in Redis: the stored last use moves into the past.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hostNames, startHosts } from '../support/hosts.ts';
import { addPerson } from '../support/people.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

const MINUTE = 60_000;

async function redis(...command: string[]): Promise<string | null> {
  const { url, adminToken } = inject('cloud').redisRest;
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) });
  return ((await response.json()) as { result: string | null }).result;
}

describe.each(hostNames)('%s', (name) => {
  // A person for each sign-in: sign-ins of one account are limited.
  async function signIn() {
    const { email, password } = await addPerson(inject('cloud').postgres.url, 'acme', { role: 'clinician' });
    const json = { email, password, tenant: 'acme' };
    const { status, headers } = await hosts[name].send({ path: '/auth/sign-in', method: 'POST', key: null, json });
    expect(status).toBe(200);
    const cookie = /^[^;]+/.exec(headers.get('set-cookie') ?? '')?.[0] ?? '';
    const [, , bucket = '', sid = ''] = cookie.split('.');
    return { cookie, hash: `hf:acme:s:${bucket}`, sid };
  }
  const look = (cookie: string, path = '/auth/session') => hosts[name].send({ path, key: null, headers: { cookie } });

  test('a session ends after 15 minutes without use, and Redis does not have its role', async () => {
    const { cookie, hash, sid } = await signIn();
    expect(await redis('HGET', hash, sid)).not.toMatch(/clinician|pwd/);
    await redis('HSET', hash, `${sid}~`, String(Date.now() - 14 * MINUTE));
    expect((await look(cookie)).status).toBe(200);
    // Another session: the answer above is followed by the note of its use.
    const unused = await signIn();
    await redis('HSET', unused.hash, `${unused.sid}~`, String(Date.now() - 15 * MINUTE));
    expect((await look(unused.cookie)).status).toBe(401);
  });

  test('a record with a later end is no session', async () => {
    const { cookie, hash, sid } = await signIn();
    const record = (await redis('HGET', hash, sid)) ?? '';
    const end = Number(/^\d+ \d+ (\d+)/.exec(record)?.[1]);
    await redis('HSET', hash, sid, record.replace(String(end), String(end + 1)));
    expect((await look(cookie)).status).toBe(401);
    await redis('HSET', hash, sid, record);
    expect((await look(cookie)).status).toBe(200);
  });

  test('no cache stores an answer, and signing out clears the browser', async () => {
    const { cookie } = await signIn();
    for (const path of ['/deals/pipeline', '/auth/sessions']) {
      const answer = await look(cookie, path);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    }
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const out = await hosts[name].send({ path: '/auth/sign-out', method: 'POST', key: null, headers });
    expect(out.status).toBe(204);
    expect(out.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    expect((await look(cookie)).status).toBe(401);
  });
});
