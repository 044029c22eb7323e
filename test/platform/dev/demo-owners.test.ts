/** The users of `npm run demo:load` sign in to the demo data, with the app of the demo. */
import { expect, inject, test } from 'vitest';
import { createTally } from '../../../dev/load/tally.ts';
import { demoOwners, signIn } from '../../../dev/load/visitors.ts';
import { createTestApp } from '../../support/app.ts';
import { startRest, TOKEN } from '../../support/rest.ts';

const APP_URL = 'http://app.test';

test('the owners of both demo tenants sign in twice in a step of the app, and see companies, contacts and deals', async () => {
  // The limits of sign-in count in a Redis of this test's own: other tests sign in as these users too.
  const redis = await startRest();
  // All sign-ins are in one step of 30 s.
  const clock = { now: Math.floor(Date.now() / 30_000) * 30_000 };
  const app = createTestApp({
    cloud: { ...inject('cloud'), redisRest: { url: redis.rest.url, token: TOKEN } },
    environment: { APP_URL },
    system: { now: () => clock.now },
  });
  const send = async (path: string, init: RequestInit) => app.app.fetch(new Request(new URL(path, APP_URL), init));
  const tally = createTally(() => 0);
  const services = { send, origin: APP_URL, tally, now: () => clock.now };
  try {
    for (const owner of demoOwners) {
      for (const again of [false, true]) {
        const { rows } = await signIn(services, owner);
        const empty = Object.entries(rows).filter(([, ids]) => ids.length === 0);
        expect(empty, `${owner.email}, ${again ? 'second' : 'first'} time`).toEqual([]);
        clock.now += 1;
      }
      // Both codes are spent now.
      await expect(signIn(services, owner)).rejects.toThrow(`${owner.email} cannot sign in: the answer is 403`);
    }
    expect(demoOwners.map(({ email }) => email)).toEqual(['owner@acme.example', 'owner@globex.example']);
  } finally {
    await app.close();
    await redis.close();
  }
});
