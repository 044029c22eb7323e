/**
 * Many clients on the one backend of the embedded Postgres: their transactions, statements and errors stay apart, and a
 * client that disconnects in the middle leaves no open transaction or statement.
 */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/start.ts';

let postgres: EmbeddedPostgres;
let pool: pg.Pool;
beforeAll(async () => {
  postgres = await startPostgres({ waitLimitMs: 5_000 });
  pool = newPool();
  await pool.query('CREATE TABLE item (id int PRIMARY KEY, name text)');
});
beforeEach(() => pool.query('TRUNCATE item'));
afterAll(async () => {
  await pool.end();
  await postgres.close();
});

function newPool(): pg.Pool {
  return new pg.Pool({ connectionString: postgres.url, max: 8 });
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url });
  // A connection that this suite cuts on purpose also reports an error here.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function ids(): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM item ORDER BY id');
  return rows.map(({ id }) => id);
}

describe('interactive transactions', () => {
  test('of two connections run one after the other, each seeing only its own', async () => {
    const [a, b] = [await connect(), await connect()];
    const order: string[] = [];
    await a.query('BEGIN');
    await a.query('INSERT INTO item VALUES (1, $1)', ['a']);
    const ofB = (async () => {
      await b.query('BEGIN');
      order.push('b began');
      const { rows } = await b.query('SELECT id FROM item');
      await b.query('INSERT INTO item VALUES (2, $1)', ['b']);
      await b.query('ROLLBACK');
      return rows;
    })();
    // B has asked first, but must still wait until A is done.
    await a.query('INSERT INTO item VALUES (3, $1)', ['a']);
    order.push('a commits');
    await a.query('COMMIT');
    expect(await ofB).toEqual([{ id: 1 }, { id: 3 }]);
    expect(order).toEqual(['a commits', 'b began']);
    expect(await ids()).toEqual([1, 3]);
    await Promise.all([a.end(), b.end()]);
  });

  test('a client connects while another connection has an open transaction', async () => {
    const a = await connect();
    await a.query('BEGIN');
    const b = await connect();
    await a.query('COMMIT');
    expect((await b.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await Promise.all([a.end(), b.end()]);
  });

  test('a rollback of one does not undo the work of another', async () => {
    const transfers = Array.from({ length: 20 }, async (_, i) => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query('INSERT INTO item VALUES ($1, $2)', [i, 'x']);
      await client.query(i % 2 === 0 ? 'COMMIT' : 'ROLLBACK');
      client.release();
    });
    await Promise.all(transfers);
    expect(await ids()).toEqual(Array.from({ length: 10 }, (_, i) => i * 2));
  });

  test('a failed transaction stays failed for its connection only', async () => {
    const client = await connect();
    await client.query('BEGIN');
    await expect(client.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
    const elsewhere = pool.query('SELECT 1 AS one');
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    expect((await elsewhere).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  test('a client that disconnects in the middle leaves no open transaction', async () => {
    const client = await connect();
    await client.query('BEGIN');
    await client.query("INSERT INTO item VALUES (1, 'lost')");
    const waiting = ids();
    cut(client);
    expect(await waiting).toEqual([]);
    await pool.query("INSERT INTO item VALUES (2, 'kept')");
    expect(await ids()).toEqual([2]);
  });
});

describe('statements', () => {
  test('many parameterised queries at once each get their own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { rows } = await pool.query<{ n: number; t: string }>(
          `SELECT $1::int AS n, '${'y'.repeat(i)}' || $2 AS t`,
          [i, 'x'],
        );
        return rows[0];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, i) => ({ n: i, t: `${'y'.repeat(i)}x` })));
  });

  test('two connections may prepare different statements under one name', async () => {
    const [a, b] = [await connect(), await connect()];
    const ofA = { name: 'same', text: 'SELECT $1::int + 1 AS n' };
    const ofB = { name: 'same', text: 'SELECT $1::int * 10 AS n' };
    for (const n of [1, 2]) {
      const [fromA, fromB] = await Promise.all([a.query({ ...ofA, values: [n] }), b.query({ ...ofB, values: [n] })]);
      expect([fromA.rows, fromB.rows]).toEqual([[{ n: n + 1 }], [{ n: n * 10 }]]);
    }
    await Promise.all([a.end(), b.end()]);
  });

  test('of a connection are removed together with it', async () => {
    const client = await connect();
    await client.query({ name: 'leaving', text: 'SELECT 1', values: [] });
    const prepared = 'SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name LIKE $1';
    expect((await pool.query(prepared, ['%leaving'])).rows).toEqual([{ n: 1 }]);
    await client.end();
    await expect.poll(async () => (await pool.query(prepared, ['%leaving'])).rows).toEqual([{ n: 0 }]);
  });

  test('an error does not disturb the next query of the same connection', async () => {
    const client = await connect();
    await expect(client.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    expect((await client.query('SELECT $1::int AS n', ['7'])).rows).toEqual([{ n: 7 }]);
    await client.end();
  });

  test('a large value passes in both directions', async () => {
    const large = 'ü'.repeat(300_000);
    const { rows } = await pool.query<{ v: string }>('SELECT $1::text AS v', [large]);
    expect(rows[0]?.v === large).toBe(true);
  });
});

test('a query that waits too long for the transaction of another fails with lock_not_available', async () => {
  const impatient = await startPostgres({ waitLimitMs: 50 });
  const clients = [1, 2].map(() => new pg.Client({ connectionString: impatient.url }));
  const [holder, waiter] = clients as [pg.Client, pg.Client];
  await Promise.all(clients.map((client) => client.connect()));
  await holder.query('BEGIN');
  await expect(waiter.query('SELECT $1::int', [1])).rejects.toMatchObject({ code: '55P03' });
  await holder.query('COMMIT');
  // The client that timed out must not get its turn later and block the others.
  expect((await holder.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  expect((await waiter.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
  await Promise.all(clients.map((client) => client.end()));
  await impatient.close();
});

test('bytes that are not the Postgres protocol close only the connection they came on', async () => {
  await expect(fetch(postgres.url.replace(/^.*@/, 'http://'))).rejects.toThrow();
  expect((await pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
});

test('a taken port is an error with its code', async () => {
  await expect(startPostgres({ port: postgres.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

/** Cuts the connection without a message, like the kill of a process. */
function cut(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
