/** Asking for a code is the same work for known and unknown addresses, and the answer does not wait for a mail. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';
import { createWorld, type World } from './world.ts';

describe('for known and unknown addresses', () => {
  let postgres: FaultyPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startFaultyPostgres(inject('cloud').postgres.url);
    world = await createWorld({ DATABASE_URL: postgres.url });
    // The first request of a process does more work.
    await workOf('first@people.example');
  });
  afterAll(async () => {
    await world.close();
    await postgres.close();
  });

  /** All requests to other services until the answer and the work after it are done. */
  async function workOf(email: string, tenant?: string) {
    world.redis.asked.length = 0;
    postgres.statements.length = 0;
    world.sent.length = 0;
    const { status } = await world.browser().request('/auth/code', { json: { email, tenant } });
    expect(status).toBe(202);
    return { redis: [...world.redis.asked], sql: [...postgres.statements], sent: [...world.sent] };
  }

  test('the same requests go to Redis, PostgreSQL and QStash, and none to the mail provider', async () => {
    const people = await Promise.all([{}, { disabled: true }, { password: null, verified: false }].map(world.person));
    const work = [await workOf('nobody@people.example'), await workOf('nobody@people.example', world.tenant.id)];
    for (const { email } of people) work.push(await workOf(email), await workOf(email, world.tenant.id));
    for (const each of work) expect(each).toEqual(work[0]);
    // The limit, the code, the job’s record.
    expect(work[0]?.redis.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(work[0]?.sql.map((statement) => /\w+( INTO| FROM)?/.exec(statement)?.[0])).toEqual([
      'INSERT INTO',
      'DELETE FROM',
    ]);
    expect(work[0]?.sent).toEqual([expect.stringMatching(/\/v2\/batch$/)]);
    expect(await world.mails('nobody@people.example')).toEqual([]);
    const mailed = await Promise.all(people.map(({ email }) => world.mails(email)));
    expect(mailed.map(({ length }) => length)).toEqual([2, 0, 2]);
  });

  test('also when too many codes were asked for and links are mailed', async () => {
    const { email } = await world.person();
    const unknown = `nobody-${email}`;
    const plain = await workOf('nobody@people.example');
    for (const address of [email, unknown]) {
      for (let asker = 0; asker < 20; asker += 1) await workOf(address);
      // The first link of half an hour, and one that is not mailed.
      for (const each of [await workOf(address), await workOf(address)]) expect(each).toEqual(plain);
    }
    expect(await world.mails(email)).toHaveLength(21);
    expect(await world.mails(unknown)).toEqual([]);
  });
});

test('the tenant that holds jobs of unknown addresses cannot be signed up', async () => {
  const world = await createWorld();
  const json = {
    company: 'Nobody & Sons',
    tenant: 'nobody',
    name: 'Nemo',
    email: 'nemo@nobody.example',
    password: 'a long enough passphrase',
  };
  const response = await world.browser().request('/auth/sign-up', { json });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ field: 'tenant', message: 'is taken' }] });
  await world.close();
});
