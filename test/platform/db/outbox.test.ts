/**
 * The drain: it handles due rows, oldest first, in any number of overlapping runs, without losing a row; a row that
 * cannot be handled waits longer each time and does not block others.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SECOND_LOOK_MS, WRITERS_TIME_MS } from '../../../src/platform/outbox/outbox.ts';
import { tag } from '../../../src/platform/redis/index.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let tenant: OwnTenant;
let one: Instance;
let two: Instance;
beforeAll(async () => {
  database = await openMigratedDatabase();
  tenant = await createTenant(database.connectionString);
});
beforeEach(async () => {
  await sql(database.connectionString, 'DELETE FROM outbox');
  [one, two] = await Promise.all([open(), open()]);
  return async () => {
    await Promise.all([one.close(), two.close()]);
  };
});
afterAll(() => database.close());

const open = () => createInstance({ tenant, database: database.connectionString });

/** The requests of an instance's drains, without those of the scheduled function for jobs. */
const settles = ({ redis }: Instance) => redis.asked.filter((steps) => steps.includes('settle'));

interface Row {
  id: string;
  kind: string;
  attempts: number;
  due_at: string;
  last_error: string | null;
}
const columns = 'SELECT id, kind, attempts, due_at::text, locked_until, last_error FROM outbox';
/** The open rows of the outbox. */
const rows = () => sql<Row>(database.connectionString, `${columns} WHERE kind NOT LIKE '%-again' ORDER BY id`);
/** Settled invalidations that wait for a second look. */
const kept = () => sql<Row>(database.connectionString, `${columns} WHERE kind = 'invalidate-again' ORDER BY id`);

/** Adds rows that are due at the instances' time. */
async function addEntries(count: number, { kind = 'invalidate', from = 0 } = {}): Promise<void> {
  const payload = (index: number) => ({ writer: `w${index}`, tags: [tag('owed', String(index))] });
  const values = Array.from({ length: count }, (_, index) => ({
    id: `out_${kind}_${String(from + index).padStart(5, '0')}`,
    payload: payload(from + index),
  }));
  await sql(
    database.connectionString,
    `INSERT INTO outbox (id, tenant_id, kind, payload, due_at)
     SELECT row->>'id', $1, $2, row->'payload', $3 FROM jsonb_array_elements($4::jsonb) AS row`,
    [tenant.id, kind, new Date(Date.now() - 1_000).toISOString().replace('Z', ''), JSON.stringify(values)],
  );
}

describe('scheduled()', () => {
  test('costs one Redis request for a batch, and none for an empty outbox', async () => {
    await one.platform.scheduled();
    expect(settles(one)).toEqual([]);
    await addEntries(30);
    await one.platform.scheduled();
    expect(settles(one).map((steps) => steps.length)).toEqual([30]);
    expect(await rows()).toEqual([]);
  });

  test('handles a backlog of several batches in one tick', async () => {
    await addEntries(250);
    await one.platform.scheduled();
    expect(await rows()).toEqual([]);
    expect(settles(one).flat()).toEqual(Array.from({ length: 250 }, () => 'settle'));
  });

  test('leaves rows to their writer until its time is over', async () => {
    await one.request('/deals');
    one.redis.faults.settle = '503';
    await one.request('/deals', { method: 'POST', json: { title: 'Owed', value: 1 } });
    await two.platform.scheduled();
    // The invalidation, and the event of three feeds.
    expect((await rows()).map(({ attempts }) => attempts)).toEqual([0, 0]);
    two.clock.ahead += WRITERS_TIME_MS;
    await two.platform.scheduled();
    expect(await rows()).toEqual([]);
  });

  test('events wait for the invalidations of their write, also when the drain fails to settle these', async () => {
    await one.request('/deals');
    one.redis.faults.settle = '503';
    await one.request('/deals', { method: 'POST', json: { title: 'Owed', value: 1 } });
    two.clock.ahead += WRITERS_TIME_MS;
    two.redis.faults.settle = '503';
    await two.platform.scheduled();
    expect((await rows()).map(({ kind }) => kind).toSorted()).toEqual(['feed', 'invalidate']);
    two.redis.faults = {};
    two.clock.ahead += 3_000;
    await two.platform.scheduled();
    expect(await rows()).toEqual([]);
  });

  test('overlapping drains have no failures, lose no row and handle each row once', async () => {
    await addEntries(180);
    await Promise.all([one, two, one, two, one].map(({ platform }) => platform.scheduled()));
    expect(await rows()).toEqual([]);
    expect([...settles(one), ...settles(two)].flat()).toHaveLength(180);
  });

  test('a row that cannot be handled waits longer each time; the others are handled', async () => {
    await addEntries(3);
    await addEntries(1, { kind: 'nonsense' });
    await addEntries(2, { from: 3 });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const at = Date.now() + one.clock.ahead;
      await one.platform.scheduled();
      const [row, ...others] = await rows();
      expect(others).toEqual([]);
      expect(row).toMatchObject({ attempts: attempt, locked_until: null, last_error: 'UNKNOWN' });
      waits.push(Math.round((Date.parse(`${row?.due_at}Z`) - at) / 1000));
      await one.platform.scheduled();
      expect((await rows())[0]?.attempts).toBe(attempt);
      one.clock.ahead += 61_000;
    }
    expect(waits.map((wait) => Math.min(wait, 60))).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('while Redis is down no row is lost; when Redis is back all rows are handled', async () => {
    await addEntries(120);
    one.redis.faults.settle = 'unreachable';
    await one.platform.scheduled();
    const waiting = await rows();
    expect(waiting).toHaveLength(120);
    const tried = waiting.filter(({ attempts }) => attempts > 0);
    expect(tried).toHaveLength(100);
    expect(new Set(tried.map((row) => row.last_error))).toEqual(new Set(['REDIS_UNAVAILABLE']));
    one.redis.faults = {};
    one.clock.ahead += 3_000;
    await one.platform.scheduled();
    expect(await rows()).toEqual([]);
  });

  test('a drain that dies leaves its rows to the next one after their lock has ended', async () => {
    await addEntries(5);
    one.redis.faults.settle = 'die';
    const settled = one.redis.ran('settle');
    void one.platform.scheduled();
    await settled;
    await two.platform.scheduled();
    expect(await rows()).toHaveLength(5);
    two.clock.ahead += 30_001;
    await two.platform.scheduled();
    expect(await rows()).toEqual([]);
  });
});

describe('the second look at settled invalidations', () => {
  const change = async (title: string) => {
    const response = await one.request('/deals', { method: 'POST', json: { title, value: 1 } });
    expect(response.status).toBe(201);
  };
  const outcome = async () => (await one.request('/deals')).headers.get('x-cache');

  test('comes after a failover’s lag, costs one command for a batch, and deletes the rows', async () => {
    for (const title of ['One', 'Two', 'Three']) await change(title);
    expect(await rows()).toEqual([]);
    expect(await kept()).toHaveLength(3);
    await two.platform.scheduled();
    expect(settles(two)).toEqual([]);
    two.clock.ahead += SECOND_LOOK_MS;
    await two.platform.scheduled();
    expect(settles(two)).toEqual([['settle']]);
    expect(await kept()).toEqual([]);
  });

  test('changes no version that is still as its write left it', async () => {
    await change('Once');
    await outcome();
    expect(await outcome()).toBe('HIT');
    two.clock.ahead += SECOND_LOOK_MS;
    await two.platform.scheduled();
    expect(await kept()).toEqual([]);
    expect(await outcome()).toBe('HIT');
  });

  test('also handles rows settled by the drain, and rows of earlier releases without a version', async () => {
    await addEntries(2);
    await two.platform.scheduled();
    expect([await rows(), (await kept()).length]).toEqual([[], 2]);
    two.clock.ahead += SECOND_LOOK_MS + 1_000;
    await two.platform.scheduled();
    expect(await kept()).toEqual([]);
    expect(settles(two).map((steps) => steps.length)).toEqual([2, 1]);
  });

  test('is repeated if Redis does not answer', async () => {
    await change('Once');
    two.clock.ahead += SECOND_LOOK_MS;
    two.redis.faults.settle = 'unreachable';
    await two.platform.scheduled();
    expect(await kept()).toMatchObject([{ attempts: 1, last_error: 'REDIS_UNAVAILABLE' }]);
    two.redis.faults = {};
    two.clock.ahead += 3_000;
    await two.platform.scheduled();
    expect(await kept()).toEqual([]);
  });
});
