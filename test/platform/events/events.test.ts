/** Events in SQL: versions without a hole, one conflict instead of a lost append, and an order that no event joins late. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  append,
  appendAll,
  EVENT,
  EVENT_AGAIN,
  EventError,
  type EventReader,
  readEvents,
  replay,
  stream,
} from '../../../src/platform/events/index.ts';
import { START } from '../../../src/platform/events/read.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const orders = stream('test-orders', {
  events: {
    placed: { schema: z.object({ total: z.number() }) },
    moved: {
      schema: z.object({ to: z.string(), by: z.string() }),
      version: 3,
      upcast: (data, version) => ({
        by: 'unknown',
        ...(version === 1 ? { to: (data as { stage: string }).stage } : (data as object)),
      }),
    },
  },
});

let database: TestDatabase;
let pool: pg.Pool;
let tenant: string;
let owed: { kind: string; payload: object; dueAt: number | undefined }[];
let made = 0;
const store = () => pgStore(pool);
const reader = (): EventReader => ({ tenant, query: (text, values) => store().query(text, values) });
beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = new pg.Pool({ connectionString: database.connectionString, max: 4 });
  pool.on('error', () => {});
});
beforeEach(() => {
  made += 1;
  tenant = `events-${made}`;
  owed = [];
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

/** A write on a connection of the pool. */
function write<Result>(work: (tx: Parameters<typeof append>[0]) => Promise<Result>): Promise<Result> {
  return store().transaction((db) =>
    work({
      tenant,
      actorId: 'user_1',
      system: realSystem,
      query: (text, values) => store().query(text, values, db),
      addToOutbox: (kind, payload, dueAt) => owed.push({ kind, payload, dueAt }),
    }),
  );
}
const place = (key: string, total: number, expectation?: number) =>
  write((tx) =>
    append(
      tx,
      orders,
      key,
      { type: 'placed', data: { total } },
      expectation === undefined ? {} : { expect: expectation },
    ),
  );

/** Waits until the transactions of other suites on the same server, which hold readers back, are over. */
const othersAreOver = () =>
  expect
    .poll(async () => {
      const [row] = await reader().query<{ open: number }>(
        `SELECT count(*)::int AS open FROM events
         WHERE tenant_id = $1 AND xid >= pg_snapshot_xmin(pg_current_snapshot()) AND xid < '9000000'::xid8`,
        [tenant],
      );
      return row?.open;
    })
    .toBe(0);

describe('appendAll', () => {
  const placed = (key: string, total: number) => ({ key, type: 'placed' as const, data: { total } });

  test('gives each key its next version, for 1 statement, with two entries of the outbox for each event', async () => {
    await place('b', 1);
    owed = [];
    let statements = 0;
    await write((tx) => {
      const query: typeof tx.query = (text, values) => {
        statements += 1;
        return tx.query(text, values);
      };
      return appendAll({ ...tx, query }, orders, [placed('a', 2), placed('b', 3), placed('c', 4)]);
    });
    expect(statements).toBe(1);
    const all = await Promise.all(['a', 'b', 'c'].map((key) => readEvents(reader(), orders, key)));
    expect(all.map((events) => events.at(-1))).toMatchObject([
      { key: 'a', version: 1, data: { total: 2 }, meta: { actorId: 'user_1' } },
      { key: 'b', version: 2, data: { total: 3 } },
      { key: 'c', version: 1, data: { total: 4 } },
    ]);
    expect(owed.map(({ kind }) => kind).sort()).toEqual(
      [EVENT, EVENT, EVENT, EVENT_AGAIN, EVENT_AGAIN, EVENT_AGAIN].sort(),
    );
  });

  test('gives several events of a key versions without a hole, also beside other writes', async () => {
    await Promise.all([
      write((tx) => appendAll(tx, orders, [placed('a', 1), placed('a', 2), placed('b', 3)])),
      ...[4, 5, 6].map((total) => place('a', total)),
    ]);
    const events = await readEvents(reader(), orders, 'a');
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect(events.map(({ data }) => (data as { total: number }).total).sort()).toEqual([1, 2, 4, 5, 6]);
  });

  test('finds the last version of each key by the primary key, though the table has no statistics of the tenant', async () => {
    // Long keys make the primary key the higher tree, so that its costs seem to be higher.
    const long = 'long'.repeat(100);
    await reader().query(
      `INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at)
       SELECT $1::text, $2::text, $3::text || n, 1, 'event-' || n, 'placed', 1, '{"total":1}', '{}', now()
       FROM generate_series(1, 3000) AS n`,
      [tenant, orders.name, long],
    );
    const indexes: unknown[] = [];
    await write(async (tx) => {
      const query: typeof tx.query = async (text, values) => {
        const [row] = await tx.query<object>(`EXPLAIN (FORMAT JSON) ${text}`, values);
        JSON.stringify(row, (name, value) => {
          if (name === 'Index Name') indexes.push(value);
          return value;
        });
        return tx.query(text, values);
      };
      await appendAll({ ...tx, query }, orders, [placed(`${long}7`, 2), placed('new', 3)]);
      await append({ ...tx, query }, orders, `${long}8`, { type: 'placed', data: { total: 4 } });
    });
    expect(indexes).toEqual(['events_tenant_id_version_key', 'events_tenant_id_version_key']);
    const all = await Promise.all([`${long}7`, 'new', `${long}8`].map((key) => readEvents(reader(), orders, key)));
    expect(all.map((events) => events.map(({ version }) => version))).toEqual([[1, 2], [1], [1, 2]]);
  });

  test('reads few pages for a key without events, however many keys the stream has before it', async () => {
    await reader().query(
      `INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at)
       SELECT $1::text, $2::text, repeat('a', 400) || n, 1, 'event-' || n, 'placed', 1, '{"total":1}', '{}', now()
       FROM generate_series(1, 3000) AS n`,
      [tenant, orders.name],
    );
    const pages: number[] = [];
    await write(async (tx) => {
      const query: typeof tx.query = async (text, values) => {
        await tx.query('SAVEPOINT before', []);
        const [row] = await tx.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
          values,
        );
        await tx.query('ROLLBACK TO before', []);
        const plan = row?.['QUERY PLAN'][0].Plan ?? {};
        pages.push((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0));
        return tx.query(text, values);
      };
      await appendAll({ ...tx, query }, orders, [placed('b', 1)]);
      await append({ ...tx, query }, orders, 'c', { type: 'placed', data: { total: 2 } });
    });
    expect(pages).toHaveLength(2);
    expect(Math.max(...pages)).toBeLessThan(60);
  });

  test('refuses all if one does not fit, and sends nothing without events', async () => {
    const wrong = { ...placed('b', 2), data: { total: 'x' as unknown as number } };
    await expect(write((tx) => appendAll(tx, orders, [placed('a', 1), wrong]))).rejects.toMatchObject({
      code: 'EVENT_INVALID',
    });
    expect(await readEvents(reader(), orders, 'a')).toEqual([]);
    await write((tx) => appendAll({ ...tx, query: () => Promise.reject(new Error('a statement')) }, orders, []));
  });
});

describe('append', () => {
  test('gives each key versions from 1 without a hole, and adds two entries to the outbox', async () => {
    expect(await place('a', 1)).toMatchObject({ version: 1 });
    expect(await place('b', 2)).toMatchObject({ version: 1 });
    expect(await place('a', 3)).toMatchObject({ version: 2 });
    const events = await readEvents(reader(), orders, 'a');
    expect(events).toMatchObject([
      { key: 'a', version: 1, type: 'placed', data: { total: 1 }, meta: { actorId: 'user_1' } },
      { key: 'a', version: 2, type: 'placed', data: { total: 3 } },
    ]);
    expect(owed.map(({ kind }) => kind)).toEqual([EVENT, EVENT_AGAIN, EVENT, EVENT_AGAIN, EVENT, EVENT_AGAIN]);
    expect(await readEvents(reader(), orders, 'a', { after: 1 })).toHaveLength(1);
    expect(await readEvents(reader(), orders, 'a', { to: 1 })).toHaveLength(1);
  });

  test('refuses a wrong expectation with EVENT_CONFLICT, and a right one passes', async () => {
    await place('a', 1, 0);
    await expect(place('a', 2, 0)).rejects.toMatchObject({ code: 'EVENT_CONFLICT' });
    await expect(place('a', 2, 5)).rejects.toMatchObject({ code: 'EVENT_CONFLICT' });
    expect(await place('a', 2, 1)).toMatchObject({ version: 2 });
    expect(owed).toHaveLength(4);
  });

  test('twenty concurrent appends to one key without an expectation are all kept', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, total) => place('a', total)));
    const events = await readEvents(reader(), orders, 'a');
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(new Set(events.map(({ data }) => ('total' in data ? data.total : null))).size).toBe(20);
  });

  test('of ten concurrent appends with the same expectation one is kept and nine are conflicts', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, total) => place('a', total, 0)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EVENT_CONFLICT' });
    }
    expect(await readEvents(reader(), orders, 'a')).toHaveLength(1);
  });

  test('a write that is rolled back leaves no event', async () => {
    const failing = write(async (tx) => {
      await append(tx, orders, 'a', { type: 'placed', data: { total: 1 } });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await readEvents(reader(), orders, 'a')).toEqual([]);
  });

  test('refuses data that does not fit, an unknown type and an event that is too large', async () => {
    const refused = (event: unknown) => write((tx) => append(tx, orders, 'a', event as never));
    for (const event of [
      { type: 'placed', data: { total: 'many' } },
      { type: 'toString', data: {} },
      { type: 'placed', data: { total: 1 }, meta: { long: 'x'.repeat(70_000) } },
    ]) {
      await expect(refused(event)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    }
  });
});

describe('upcasts', () => {
  async function insert(type: string, schemaVersion: number, data: object | null): Promise<void> {
    await reader().query(
      `INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at)
       SELECT $1, 'test-orders', 'a', (SELECT count(*) FROM events WHERE tenant_id = $1) + 1, 'e', $2, $3::int, $4::jsonb, '{}', now()`,
      [tenant, type, schemaVersion, JSON.stringify(data)],
    );
  }

  test('data of older versions is converted, by readEvents and by replay', async () => {
    await insert('moved', 1, { stage: 'won' });
    await insert('moved', 2, { to: 'lost' });
    await insert('moved', 3, { to: 'lead', by: 'me' });
    const data = [
      { to: 'won', by: 'unknown' },
      { to: 'lost', by: 'unknown' },
      { to: 'lead', by: 'me' },
    ];
    expect((await readEvents(reader(), orders, 'a')).map((event) => event.data)).toEqual(data);
    await othersAreOver();
    expect((await replay(reader(), orders)).events.map((event) => event.data)).toEqual(data);
  });

  test.each([
    ['an unknown type', 'vanished', 1, {}],
    ['a newer version', 'placed', 2, { total: 1 }],
    ['data that does not fit', 'placed', 1, { total: 'x' }],
    ['data at which upcast throws', 'moved', 1, null],
  ])('%s is EVENT_UNREADABLE', async (_what, type, version, data) => {
    await insert(type, version, data);
    await expect(readEvents(reader(), orders, 'a')).rejects.toMatchObject({ code: 'EVENT_UNREADABLE' });
  });
});

describe('replay', () => {
  test('reads each event once, in pages, in the order of their transactions', async () => {
    for (let total = 0; total < 25; total += 1) await place(`k${total % 7}`, total);
    await othersAreOver();
    const seen: unknown[] = [];
    for (let after = START, more = true; more; ) {
      const page = await replay(reader(), orders, { after, limit: 10 });
      seen.push(...page.events.map(({ data }) => ('total' in data ? data.total : null)));
      after = page.checkpoint;
      more = page.more;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, total) => total));
  });

  test('leaves out an event of a transaction that is not older than every running one', async () => {
    await place('a', 1);
    await reader().query(
      `INSERT INTO events (tenant_id, stream, key, version, id, type, schema_version, data, meta, at, xid)
       VALUES ($1, 'test-orders', 'b', 1, 'e', 'placed', 1, '{"total":2}', '{}', now(), '9000000'::xid8)`,
      [tenant],
    );
    await othersAreOver();
    expect((await replay(reader(), orders)).events.map(({ key }) => key)).toEqual(['a']);
    expect(await readEvents(reader(), orders, 'b')).toHaveLength(1);
  });

  // The embedded PostgreSQL runs one transaction at a time, so only a server can have two at once.
  test.runIf(process.env['DATABASE_URL'])(
    'never passes an event that commits later: of two transactions on two connections, the first one commits last',
    async () => {
      const written = Promise.withResolvers<void>();
      const mayCommit = Promise.withResolvers<void>();
      const slow = write(async (tx) => {
        await append(tx, orders, 'slow', { type: 'placed', data: { total: 1 } });
        written.resolve();
        await mayCommit.promise;
      });
      await written.promise;
      await place('fast', 2);
      const before = await replay(reader(), orders);
      expect(before).toEqual({ events: [], checkpoint: START, more: false });
      mayCommit.resolve();
      await slow;
      await othersAreOver();
      const after = await replay(reader(), orders, { after: before.checkpoint });
      expect(after.events.map(({ key }) => key)).toEqual(['slow', 'fast']);
    },
  );
});

test.each([
  ['name', () => stream('Bad Name', { events: { a: { schema: z.object({}) } } })],
  ['no events', () => stream('test-none', { events: {} })],
  ['upcast', () => stream('test-upcast', { events: { a: { schema: z.object({}), version: 2 } } })],
  ['entries', () => stream('test-few', { events: { a: { schema: z.object({}) } }, keep: { entries: 3 } })],
])('a declaration with a wrong %s is refused', (_what, declareIt) => {
  expect(declareIt).toThrow(EventError);
});
