/** A setting can close sign-up. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { readEnvironment } from '../../../src/app/env.ts';
import { sql } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ SIGN_UP: 'closed' });
});
afterAll(() => world.close());

test('SIGN_UP=closed refuses a sign-up with its own code before any row or count; users still sign in', async () => {
  const tenant = `s-${randomBytes(5).toString('hex')}`;
  const json = {
    company: 'Kelp',
    tenant,
    name: 'Ada',
    email: `ada@${tenant}.example`,
    password: 'a long enough phrase',
  };
  const asked = world.redis.asked.length;
  const response = await world.browser().request('/auth/sign-up', { json });
  expect(await problemOf(response)).toEqual({ status: 403, code: 'SIGN_UP_CLOSED' });
  expect(world.redis.asked.length).toBe(asked);
  expect(await sql(world.database, 'SELECT id FROM tenants WHERE id = $1', [tenant])).toEqual([]);
  expect(await world.mails(json.email)).toEqual([]);
  await world.signedIn();
});

test('SIGN_UP is open by default, and accepts only `open` and `closed`', () => {
  const { postgres, ...cloud } = inject('cloud');
  const variables = { ...appVariables({ ...cloud }, 'http://app.test'), DATABASE_URL: postgres.url };
  expect(readEnvironment(variables).SIGN_UP).toBe('open');
  expect(readEnvironment({ ...variables, SIGN_UP: '' }).SIGN_UP).toBe('open');
  expect(() => readEnvironment({ ...variables, SIGN_UP: 'no' })).toThrow(/SIGN_UP/);
});
