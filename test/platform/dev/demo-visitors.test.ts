/** The users of `npm run demo:load` in the demo data: each signs in with a password alone, and sees rows. */
import { expect, inject, test } from 'vitest';
import { createTally } from '../../../dev/load/tally.ts';
import { demoVisitors, signIn } from '../../../dev/load/visitors.ts';
import { createTestApp } from '../../support/app.ts';
import { startRest, TOKEN } from '../../support/rest.ts';

const APP_URL = 'http://app.test';

test('the visitors of both demo tenants sign in and see companies, contacts and deals', async () => {
  // The limits of sign-in count in a Redis of this test's own: other tests sign in as these users too.
  const redis = await startRest();
  const app = createTestApp({
    cloud: { ...inject('cloud'), redisRest: { url: redis.rest.url, token: TOKEN } },
    environment: { APP_URL },
  });
  try {
    const tally = createTally(() => 0);
    const send = async (path: string, init: RequestInit) => app.app.fetch(new Request(new URL(path, APP_URL), init));
    for (const credentials of demoVisitors) {
      const { rows } = await signIn({ send, origin: APP_URL, tally }, credentials);
      expect([rows.companies, rows.contacts, rows.deals].map(({ length }) => length > 0)).toEqual([true, true, true]);
    }
    expect(demoVisitors.map(({ email }) => email)).toEqual(['member@acme.example', 'member@globex.example']);
  } finally {
    await app.close();
    await redis.close();
  }
});
