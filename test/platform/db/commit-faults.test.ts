/**
 * A write with a fault at each of its steps, on one of two instances that share one Redis and one Postgres. The rule
 * after every single fault: no reader on either instance gets a value older than an acknowledged write, the outbox has
 * the open invalidations, and reads are hits again once the drain has handled them.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WRITERS_TIME_MS } from '../../../src/platform/outbox/outbox.ts';
import type { Fault, Step } from '../../support/faulty-redis.ts';
import { createInstance, createTruth, type Instance, write } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from './database.ts';

// Each test makes many requests, and the machine may be slow.

let database: TestDatabase;
let tenant: OwnTenant;
let one: Instance;
let two: Instance;
let truth: Instance;
let dealId: string;
let paths: string[];
const instances: Instance[] = [];

async function start(environment: Record<string, string> = {}): Promise<Instance> {
  const instance = await createInstance({ tenant, database: database.connectionString, environment });
  instances.push(instance);
  return instance;
}

beforeAll(async () => {
  // A drain handles the rows of all tenants, so this suite has a database of its own.
  database = await openMigratedDatabase();
});
beforeEach(async () => {
  tenant = await createTenant(database.connectionString);
  truth = await createTruth({ tenant, database: database.connectionString });
  instances.push(truth);
  [one, two] = await Promise.all([start(), start()]);
  const company = await write(one, 'POST', '/companies', { name: 'Kelp' });
  dealId = (await write(one, 'POST', '/deals', { title: 'Reef', value: 1, companyId: company.id })).id;
  paths = [`/deals/${dealId}`, `/deals?companyId=${company.id}`, '/deals', '/deals/pipeline'];
  await expectTruth();
  await expectHits();
});
afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.close()));
});
afterAll(() => database.close());

/** Checks repeated reads on both instances against the database, and returns their outcomes. */
async function expectTruth(): Promise<Set<string | null>> {
  const outcomes = new Set<string | null>();
  for (const path of paths) {
    const answer = await truth.request(path);
    const expected = { status: answer.status, body: await answer.json() };
    for (const instance of [one, two, one, two]) {
      const response = await instance.request(path);
      const body = (await response.json()) as Record<string, unknown>;
      if (response.status !== 200) body['requestId'] = (expected.body as Record<string, unknown>)['requestId'];
      expect({ path, status: response.status, body }).toEqual({ path, ...expected });
      outcomes.add(response.headers.get('x-cache'));
    }
  }
  return outcomes;
}

async function expectHits(): Promise<void> {
  await expectTruth();
  expect(await expectTruth()).toEqual(new Set(['HIT']));
}

const outboxRows = () =>
  sql<{ attempts: number }>(
    database.connectionString,
    "SELECT * FROM outbox WHERE tenant_id = $1 AND kind = 'invalidate'",
    [tenant.id],
  );
const storedValue = async () =>
  (
    await sql<{ value: string }>(
      database.connectionString,
      'SELECT round(value, 2) AS value FROM deals WHERE id = $1',
      [dealId],
    )
  )[0]?.value;
const change = (instance: Instance, value: number) =>
  instance.request(`/deals/${dealId}`, { method: 'PATCH', json: { value } });

/** Lets the writers' time pass and runs the scheduled function on the instance without faults. */
async function drain(): Promise<void> {
  two.clock.ahead += WRITERS_TIME_MS;
  await two.platform.scheduled();
  expect(await outboxRows()).toEqual([]);
}

/** Begins a write that never ends. */
function begin(instance: Instance, value: number): void {
  void change(instance, value).catch(() => undefined);
}

describe('costs', () => {
  test('a write costs the key’s lookup, mark and settle for any number of tags, and its event', async () => {
    const contact = await write(one, 'POST', '/contacts', { name: 'Alga' });
    for (let index = 0; index < 12; index += 1) {
      await write(one, 'POST', '/deals', { title: 'Tagged', value: 1, contactId: contact.id });
    }
    one.redis.asked.length = 0;
    await write(one, 'DELETE', `/contacts/${contact.id}`);
    expect(one.redis.asked).toEqual([['lookup', 'limit', 'limit'], ['mark'], ['settle'], ['publish']]);
    expect(await outboxRows()).toEqual([]);
    await expectTruth();
  });

  test.each([
    ['validation', () => `/deals/${dealId}`, { value: -1 }, 400],
    ['no such row', () => '/deals/deal_none', { value: 1 }, 404],
    ['a reference to nothing', () => `/deals/${dealId}`, { companyId: 'comp_none' }, 409],
  ])('a write that fails with %s costs no mark, and invalidates nothing', async (_name, path, json, status) => {
    one.redis.asked.length = 0;
    expect((await one.request(path(), { method: 'PATCH', json })).status).toBe(status);
    expect(one.redis.asked).toEqual([['lookup', 'limit', 'limit']]);
    expect(await expectTruth()).toEqual(new Set(['HIT']));
  });
});

const faults = ['unreachable', '503', 'answer-lost', 'hang'] as const satisfies Fault[];

/** A transport that fails at one step. Only a hang needs a time limit, a long one: it must stay the only fault. */
async function failing(step: Step, fault: Fault, environment: Record<string, string> = {}): Promise<Instance> {
  one = await start({ REDIS_TIMEOUT_MS: fault === 'hang' ? '700' : '30000', ...environment });
  await expectTruth();
  one.redis.faults[step] = fault;
  return one;
}

describe.each(faults)('one request of a write: %s', (fault) => {
  test('mark: the write succeeds, is acknowledged and visible', async () => {
    await failing('mark', fault);
    expect((await change(one, 2)).status).toBe(200);
    await expectTruth();
    one.redis.faults = {};
    await drain();
    await expectHits();
  });

  test('mark, in strict mode: 503, without a write or an outbox entry', async () => {
    await failing('mark', fault, { WRITES_WHEN_REDIS_IS_DOWN: 'strict' });
    const response = await change(one, 2);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'COMMIT_REFUSED', status: 503 });
    expect(response.headers.get('retry-after')).toBe('1');
    expect([await storedValue(), await outboxRows()]).toEqual(['1.00', []]);
    one.redis.faults = {};
    // No marker stays, whether the mark arrived or not.
    await expectHits();
  });

  test('settle: the write is acknowledged and visible, and the drain makes reads hits again', async () => {
    await failing('settle', fault);
    expect((await change(one, 2)).status).toBe(200);
    expect(await outboxRows()).toHaveLength(1);
    const outcomes = await expectTruth();
    if (fault !== 'answer-lost') expect(outcomes).toEqual(new Set(['BYPASS']));
    one.redis.faults = {};
    await drain();
    await expectHits();
  });

  test('mark and settle (two faults, or an outage): written, with an outbox entry; right after the drain', async () => {
    await failing('mark', fault);
    one.redis.faults.settle = fault;
    expect((await change(one, 2)).status).toBe(200);
    expect(await outboxRows()).toHaveLength(1);
    one.redis.faults = {};
    await drain();
    await expectHits();
    expect(await storedValue()).toBe('2.00');
  });
});

describe('COMMIT fails', () => {
  test('before it ran: 503, no write, and no reader gets the unwritten value', async () => {
    one.postgres.commitFault = 'cut-before';
    const response = await change(one, 2);
    expect([response.status, await storedValue(), await outboxRows()]).toEqual([503, '1.00', []]);
    // The instance cannot tell this from the next case, so the mark stays until its own deadline.
    expect(await expectTruth()).toEqual(new Set(['BYPASS']));
  });

  test('after it ran, its answer lost: 503, but written, visible, and with an outbox entry', async () => {
    one.postgres.commitFault = 'cut-after';
    const response = await change(one, 2);
    expect([response.status, await storedValue()]).toEqual([503, '2.00']);
    expect(await outboxRows()).toHaveLength(1);
    expect(await expectTruth()).toEqual(new Set(['BYPASS']));
    await drain();
    await expectHits();
  });
});

describe('the process dies', () => {
  test('after the mark: no write, and reads are right', async () => {
    one.redis.faults.mark = 'die';
    const marked = one.redis.ran('mark');
    begin(one, 2);
    await marked;
    one.postgres.cut();
    one = await start();
    expect([await storedValue(), await outboxRows()]).toEqual(['1.00', []]);
    expect(await expectTruth()).toEqual(new Set(['BYPASS']));
    // The next write of the same rows succeeds, and the mark of the dead process stays on them.
    expect((await change(two, 3)).status).toBe(200);
    await expectTruth();
    expect(await storedValue()).toBe('3.00');
  });

  test('after COMMIT: the write is visible and has an outbox entry', async () => {
    one.redis.faults.settle = { before: new Promise(() => {}) };
    const committed = one.redis.reached('settle');
    begin(one, 2);
    await committed;
    one.postgres.cut();
    one = await start();
    expect(await storedValue()).toBe('2.00');
    expect(await outboxRows()).toHaveLength(1);
    expect(await expectTruth()).toEqual(new Set(['BYPASS']));
    await drain();
    await expectHits();
  });

  test('after the settle, before its outbox row is kept as settled: handling the row twice is harmless', async () => {
    one.redis.faults.settle = 'die';
    const settled = one.redis.ran('settle');
    begin(one, 2);
    await settled;
    one.postgres.cut();
    one = await start();
    expect(await outboxRows()).toHaveLength(1);
    await expectHits();
    await drain();
    await expectHits();
  });

  test('a drain during the write of a living writer is harmless', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    one.redis.faults.settle = { before: promise };
    const committed = one.redis.reached('settle');
    const acknowledged = change(one, 2);
    await committed;
    await drain();
    await expectHits();
    resolve();
    expect((await acknowledged).status).toBe(200);
    await expectHits();
  });
});

test('writes with one fault each and readers on both instances: every read has all acknowledged writes', async () => {
  const single: [Step, Fault][] = (['mark', 'settle'] as const).flatMap((step) =>
    (['unreachable', '503', 'answer-lost'] as const).map((fault): [Step, Fault] => [step, fault]),
  );
  let acknowledged = 1;
  let writing = true;
  let reads = 0;

  async function readOn(instance: Instance, path: string, valueIn: (body: unknown) => number): Promise<void> {
    while (writing) {
      const floor = acknowledged;
      const response = await instance.request(path);
      const found = valueIn(await response.json());
      expect(found, `${path} ${response.headers.get('x-cache')}`).toBeGreaterThanOrEqual(floor);
      reads += 1;
    }
  }
  const ofDeal = (body: unknown) => Number((body as { value: string }).value);
  const ofList = (body: unknown) => Number((body as { items: { value: string }[] }).items[0]?.value);
  const readers = [one, two].flatMap((instance) => [
    readOn(instance, paths[0] ?? '', ofDeal),
    readOn(instance, paths[1] ?? '', ofList),
  ]);

  const writer = await start();
  async function writeOn(): Promise<void> {
    for (let value = 2; value <= 37; value += 1) {
      const [step, fault] = single[value % single.length] ?? ['mark', '503'];
      writer.redis.faults = value % 3 === 0 ? {} : { [step]: fault };
      expect((await change(writer, value)).status).toBe(200);
      acknowledged = value;
      if (value % 6 === 0) await drain();
    }
  }
  await Promise.all([
    ...readers,
    writeOn().finally(() => {
      writing = false;
    }),
  ]);
  expect(reads).toBeGreaterThan(30);
  writer.redis.faults = {};
  await drain();
  await expectHits();
});
