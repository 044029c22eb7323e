/**
 * Writes that change more than their own row: references to a deleted row, lists that a row moves between, and two
 * writers at once. The interleavings of two writers need a Postgres with several backends (`DATABASE_URL`); on the
 * embedded one the same tests run with one transaction after the other.
 */
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createInstance, createTruth, type Instance, write } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

type Row = Record<string, unknown> & { id: string };

let tenant: OwnTenant;
let one: Instance;
let two: Instance;
let truth: Instance;
const open: Instance[] = [];
const concurrent = Boolean(process.env['DATABASE_URL']);

beforeEach(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [one, two, truth] = await Promise.all([
    createInstance({ tenant }),
    createInstance({ tenant }),
    createTruth({ tenant }),
  ]);
  open.push(one, two, truth);
});
afterAll(() => Promise.all(open.map((instance) => instance.close())));

const add = (path: string, fields: Record<string, unknown>) => write<Row>(one, 'POST', path, fields);
const company = (name: string) => add('/companies', { name });
const deal = (fields: Record<string, unknown>) => add('/deals', { title: 'Deal', value: 1, ...fields });

const isSuccess = (status: unknown) => status === 200 || status === 204;

async function outcomes(...paths: string[]): Promise<(string | null)[]> {
  return Promise.all(paths.map(async (path) => (await two.request(path)).headers.get('x-cache')));
}

/** Fills the cache with these reads. */
async function warm(...paths: string[]): Promise<void> {
  await outcomes(...paths);
  expect(new Set(await outcomes(...paths))).toEqual(new Set(['HIT']));
}

async function expectTruth(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const expected = await (await truth.request(path)).json();
    for (const instance of [one, two, one]) {
      expect(await (await instance.request(path)).json(), path).toEqual(expected);
    }
  }
}

describe('deleting', () => {
  test('a contact clears the reference in its deals, in every cached read of them', async () => {
    const home = await company('Home');
    const contact = await add('/contacts', { name: 'Ada', companyId: home.id });
    const [first, second] = [
      await deal({ contactId: contact.id, companyId: home.id }),
      await deal({ contactId: contact.id }),
    ];
    const paths = [`/deals/${first.id}`, `/deals/${second.id}`, `/deals?companyId=${home.id}`, '/deals'];
    await warm(...paths, `/contacts?companyId=${home.id}`);
    await write(one, 'DELETE', `/contacts/${contact.id}`);
    await expectTruth(...paths, `/contacts?companyId=${home.id}`);
    for (const { id } of [first, second]) {
      expect(await (await two.request(`/deals/${id}`)).json()).toMatchObject({ contactId: null });
    }
  });

  test('a company clears the reference in its contacts, in every cached read of them', async () => {
    const home = await company('Home');
    const contact = await add('/contacts', { name: 'Ada', companyId: home.id });
    const paths = [`/contacts/${contact.id}`, `/contacts?companyId=${home.id}`, '/contacts', '/companies'];
    await warm(...paths);
    await write(one, 'DELETE', `/companies/${home.id}`);
    await expectTruth(...paths);
    expect(await (await two.request(`/contacts/${contact.id}`)).json()).toMatchObject({ companyId: null });
  });

  test('a company with deals is a conflict with the reason, and costs no mark', async () => {
    const home = await company('Home');
    await deal({ companyId: home.id });
    await warm(`/companies/${home.id}`);
    one.redis.asked.length = 0;
    const response = await one.request(`/companies/${home.id}`, { method: 'DELETE' });
    expect(response.status).toBe(409);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      code: 'IN_USE',
      errors: [{ field: 'companyId', message: 'is still referred to' }],
    });
    expect(one.redis.asked).toEqual([['lookup', 'limit', 'limit']]);
    expect(await outcomes(`/companies/${home.id}`)).toEqual(['HIT']);
  });
});

describe('moving', () => {
  test('a deal from one company to another invalidates the lists of these two companies only', async () => {
    const [a, b, c] = [await company('A'), await company('B'), await company('C')];
    const moving = await deal({ companyId: a.id });
    await deal({ companyId: c.id });
    const [ofA, ofB, ofC] = [a, b, c].map(({ id }) => `/deals?companyId=${id}`) as [string, string, string];
    await warm(ofA, ofB, ofC);
    await write(one, 'PATCH', `/deals/${moving.id}`, { companyId: b.id });
    expect(await outcomes(ofA, ofB, ofC)).toEqual(['MISS', 'MISS', 'HIT']);
    await expectTruth(ofA, ofB, ofC);
    await warm(ofA, ofB, ofC);
    await write(one, 'PATCH', `/deals/${moving.id}`, { companyId: null });
    expect(await outcomes(ofA, ofB, ofC)).toEqual(['HIT', 'MISS', 'HIT']);
    await expectTruth(ofA, ofB, ofC, '/deals');
  });

  test('a contact from one company to another invalidates the lists of these two companies only', async () => {
    const [a, b, c] = [await company('A'), await company('B'), await company('C')];
    const moving = await add('/contacts', { name: 'Ada', companyId: a.id });
    const [ofA, ofB, ofC] = [a, b, c].map(({ id }) => `/contacts?companyId=${id}`) as [string, string, string];
    await warm(ofA, ofB, ofC);
    await write(one, 'PATCH', `/contacts/${moving.id}`, { companyId: b.id });
    expect(await outcomes(ofA, ofB, ofC)).toEqual(['MISS', 'MISS', 'HIT']);
    await expectTruth(ofA, ofB, ofC);
  });

  test.each([
    ['added', (id: string) => deal({ companyId: id })],
    [
      'changed',
      async (id: string) => write(one, 'PATCH', `/deals/${(await deal({ companyId: id })).id}`, { value: 2 }),
    ],
    ['deleted', async (id: string) => write(one, 'DELETE', `/deals/${(await deal({ companyId: id })).id}`)],
  ])('a deal %s in one company leaves another company’s cached list alone', async (_how, change) => {
    const [a, b] = [await company('A'), await company('B')];
    const [ofA, ofB] = [`/deals?companyId=${a.id}`, `/deals?companyId=${b.id}`];
    await warm(ofA, ofB);
    await change(a.id);
    expect(await outcomes(ofA, ofB)).toEqual(['MISS', 'HIT']);
  });
});

/**
 * Two writers of one row. The first is held between its statements and its COMMIT; the second runs until it blocks (at
 * a lock, or on one backend at its BEGIN); then the first ends, a reader caches the current state, the second ends.
 */
describe('two writers', () => {
  async function race(first: () => Promise<Response>, second: () => Promise<Response>, paths: string[]): Promise<void> {
    const go = { first: Promise.withResolvers<void>(), second: Promise.withResolvers<void>() };
    one.redis.faults.mark = { before: go.first.promise };
    const held = one.redis.reached('mark');
    const firstDone = first();
    await held;

    two.redis.faults.mark = { before: go.second.promise };
    const secondHeld = two.redis.reached('mark');
    two.postgres.statements.length = 0;
    const secondDone = second();
    const stuck = concurrent ? /FOR UPDATE|^(UPDATE|DELETE)/ : /^BEGIN/;
    await expect.poll(() => two.postgres.statements.some((sql) => stuck.test(sql))).toBe(true);

    go.first.resolve();
    // On one backend even the end of the first write (its outbox row) waits for the second one's transaction.
    if (concurrent) expect((await firstDone).status).toBeLessThan(300);
    await secondHeld;
    const reader = await createInstance({ tenant });
    open.push(reader);
    const reading = Promise.all(paths.map((path) => reader.request(path)));
    if (concurrent) await reading;
    go.second.resolve();
    expect([(await firstDone).status, (await secondDone).status]).toEqual([200, expect.toSatisfy(isSuccess)]);
    await reading;
    one.redis.faults = {};
    two.redis.faults = {};
    await expectTruth(...paths);
  }

  test('move one deal, A→B and A→C: no old list keeps the deal', async () => {
    const [a, b, c] = [await company('A'), await company('B'), await company('C')];
    const moving = await deal({ companyId: a.id });
    const move = (instance: Instance, companyId: string) =>
      instance.request(`/deals/${moving.id}`, { method: 'PATCH', json: { companyId } });
    const paths = [a, b, c].map(({ id }) => `/deals?companyId=${id}`);
    await warm(...paths);
    await race(
      () => move(one, b.id),
      () => move(two, c.id),
      paths,
    );
    const lists = await Promise.all(
      paths.map(async (path) => (await two.request(path)).json() as Promise<{ items: Row[] }>),
    );
    expect(lists.map(({ items }) => items.length)).toEqual([0, 0, 1]);
  });

  test('move one contact, A→B and A→C', async () => {
    const [a, b, c] = [await company('A'), await company('B'), await company('C')];
    const moving = await add('/contacts', { name: 'Ada', companyId: a.id });
    const move = (instance: Instance, companyId: string) =>
      instance.request(`/contacts/${moving.id}`, { method: 'PATCH', json: { companyId } });
    const paths = [a, b, c].map(({ id }) => `/contacts?companyId=${id}`);
    await warm(...paths);
    await race(
      () => move(one, b.id),
      () => move(two, c.id),
      paths,
    );
  });

  test('move a deal to another company, delete its contact: the list of the new company shows no contact', async () => {
    const [a, b] = [await company('A'), await company('B')];
    const contact = await add('/contacts', { name: 'Ada' });
    const moving = await deal({ companyId: a.id, contactId: contact.id });
    const paths = [`/deals?companyId=${a.id}`, `/deals?companyId=${b.id}`, `/deals/${moving.id}`];
    await warm(...paths);
    await race(
      () => one.request(`/deals/${moving.id}`, { method: 'PATCH', json: { companyId: b.id } }),
      () => two.request(`/contacts/${contact.id}`, { method: 'DELETE' }),
      paths,
    );
  });

  test('move a contact into a company, delete the company: no read shows the contact there', async () => {
    const [home, other] = [await company('Home'), await company('Other')];
    const contact = await add('/contacts', { name: 'Ada', companyId: other.id });
    const paths = [`/contacts/${contact.id}`, `/contacts?companyId=${home.id}`, `/contacts?companyId=${other.id}`];
    await warm(...paths);
    await race(
      () => one.request(`/contacts/${contact.id}`, { method: 'PATCH', json: { companyId: home.id } }),
      () => two.request(`/companies/${home.id}`, { method: 'DELETE' }),
      paths,
    );
  });
});
