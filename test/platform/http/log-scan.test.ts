/**
 * The records of this run for the scan at its end (`test/support/local-cloud.ts`): the log lines of its apps and the
 * secrets in their requests and answers. Without these records the scan could not find a secret.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readLogRecord } from '../../support/log-directory.ts';
import { scanLog } from '../../support/log-scan.ts';
import { createWorld, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('lines, answers and secrets of a sign-in are recorded; no line has a secret, and a planted one is found', async () => {
  const { browser, person } = await world.signedIn();
  const cookie = browser.cookies.get('__Host-session') ?? '';
  const json = { email: person.email, password: person.password, as: 'tokens' };
  const tokens = (await (await world.browser().request('/auth/sign-in', { json })).json()) as Record<string, string>;
  const refused = await world.browser().request('/auth/sign-in', { json: { ...json, password: 'a wrong password' } });
  const { requestId } = (await refused.json()) as { requestId: string };

  const { lines, secrets } = readLogRecord(inject('logDirectory'));
  const ours = lines.filter(({ source }) => source.endsWith('in platform/http/log-scan.test.ts'));
  expect(ours.map(({ line }) => line)).toEqual(expect.arrayContaining(world.lines));
  expect(ours.filter(({ line }) => line.includes(requestId)).map(({ source }) => source.split(' in ')[0])).toEqual(
    expect.arrayContaining(['an app', 'an answer of an app']),
  );
  const known = new Set(secrets.map(({ secret }) => secret));
  const proofs = [cookie, cookie.split('.').at(-1), tokens['accessToken'], tokens['refreshToken'], person.password];
  for (const secret of [...proofs, 'a wrong password', world.tenant.keys.all.split('_').at(-1)]) {
    expect(known.has(secret ?? ''), secret).toBe(true);
  }
  expect(scanLog(ours, secrets)).toEqual([]);

  for (const secret of proofs) {
    const planted = { source: 'here', line: `signed in with ${secret}` };
    expect(scanLog([...ours, planted], secrets).length).toBeGreaterThan(0);
  }
});
