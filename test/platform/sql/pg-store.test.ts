/** A store over `pg`: what a transaction keeps, which of its connections are used again, and what it costs. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { pgStore, type SqlStore, toDatabaseError } from '../../../src/platform/sql/index.ts';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.ts';

let postgres: FaultyPostgres;
let pool: pg.Pool;
let now = 0;
let store: SqlStore<pg.PoolClient>;
let id = '';

beforeAll(async () => {
  postgres = await startFaultyPostgres(inject('cloud').postgres.url);
  pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  // The pool reports an idle connection that was cut.
  pool.on('error', () => undefined);
  store = pgStore(pool, { now: () => now });
});
beforeEach(() => {
  id = randomUUID();
  postgres.statements.length = 0;
  postgres.commitFault = undefined;
});
afterAll(async () => {
  await pool.end();
  await postgres.close();
});

const INSERT = `INSERT INTO applied_writes (id, applied_at) VALUES ($1, $2::timestamp)`;
const insert = (tx?: pg.PoolClient) => store.query(INSERT, [id, '2026-11-20T09:30:00.000Z'], tx);
const written = async () => (await store.query('SELECT id FROM applied_writes WHERE id = $1', [id])).length;

test('a transaction that resolves is committed, and one that rejects is rolled back', async () => {
  await expect(
    store.transaction(async (tx) => {
      await insert(tx);
      throw new RangeError('no');
    }),
  ).rejects.toThrow(RangeError);
  expect(await written()).toBe(0);
  expect(await store.transaction(async (tx) => (await insert(tx)).length)).toBe(0);
  expect(await written()).toBe(1);
});

test('a transaction with a time limit sends BEGIN with its limits as 1 message, the statements of the work, and COMMIT', async () => {
  await store.transaction((tx) => insert(tx), { timeoutMs: 10_000 });
  expect(postgres.statements).toEqual([
    'BEGIN; SET LOCAL statement_timeout = 10000; SET LOCAL idle_in_transaction_session_timeout = 10000',
    INSERT,
    'COMMIT',
  ]);
});

test('no COMMIT is sent after the time limit', async () => {
  const late = store.transaction(
    async (tx) => {
      await insert(tx);
      now += 101;
    },
    { timeoutMs: 100 },
  );
  await expect(late).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  expect(postgres.statements).not.toContain('COMMIT');
  expect(await written()).toBe(0);
});

test('a work that goes on after a failed statement is not taken for committed', async () => {
  const going = store.transaction(async (tx) => {
    await insert(tx);
    await store.query('SELECT 1 / 0', [], tx).catch(() => undefined);
  });
  await expect(going).rejects.toMatchObject({ code: 'DB_QUERY' });
  expect(await written()).toBe(0);
});

test.each(['cut-before', 'cut-after'] as const)('a connection that is %s COMMIT is not used again', async (fault) => {
  postgres.commitFault = fault;
  const cut = await store.transaction((tx) => insert(tx)).catch((error: unknown) => error);
  expect(toDatabaseError(cut)).toMatchObject({ code: 'DB_UNAVAILABLE' });
  expect(await written()).toBe(fault === 'cut-after' ? 1 : 0);
});

test('an error of PostgreSQL is told apart without its values', async () => {
  await insert();
  const error = toDatabaseError(await insert().catch((error: unknown) => error));
  expect(error).toMatchObject({ code: 'DB_UNIQUE', fields: ['id'], sqlState: '23505' });
  expect(`${error?.message} ${error?.stack}`).not.toContain(id);
});
