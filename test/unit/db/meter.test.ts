import { mockAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { beforeEach, describe, expect, it } from 'vitest';
import { meterAdapter, type QueryMeter } from '../../../src/platform/db/meter.ts';

let meter: QueryMeter;
let clock: number;
let adapter: SqlDriverAdapter;

/** A driver adapter on which each statement takes 5 ms, and those with "fail" in them fail. */
beforeEach(async () => {
  meter = { queries: 0, ms: 0 };
  clock = 1000;
  const take = async (sql: string) => {
    clock += 5;
    if (sql.includes('fail')) throw new Error('failed');
  };
  const queryable = {
    queryRaw: async ({ sql }: { sql: string }) => {
      await take(sql);
      return { columnNames: [], columnTypes: [], rows: [] };
    },
    executeRaw: async ({ sql }: { sql: string }) => {
      await take(sql);
      return 1;
    },
  };
  const factory = mockAdapterFactory('postgres');
  const options = { usePhantomQuery: false };
  const none = async () => {};
  factory.connect = async () => ({
    ...(await mockAdapterFactory('postgres')
      .connect()
      .catch(() => ({}) as SqlDriverAdapter)),
    ...queryable,
    provider: 'postgres',
    adapterName: 'test',
    executeScript: take,
    startTransaction: async () => ({
      ...queryable,
      provider: 'postgres',
      adapterName: 'test',
      options,
      commit: none,
      rollback: none,
    }),
    dispose: none,
  });
  adapter = await meterAdapter(
    factory,
    () => meter,
    () => clock,
  ).connect();
});

const query = (sql: string) => ({ sql, args: [], argTypes: [] });

describe('a metered adapter', () => {
  it('counts statements and their time', async () => {
    await adapter.queryRaw(query('SELECT 1'));
    await adapter.executeRaw(query('UPDATE deals SET title = 1'));
    await adapter.executeScript('SELECT 1; SELECT 2');
    expect(meter).toEqual({ queries: 3, ms: 15 });
  });

  it('counts statements in a transaction, but not those that control it', async () => {
    const transaction = await adapter.startTransaction();
    for (const sql of [
      'BEGIN',
      'SAVEPOINT a',
      'ROLLBACK TO SAVEPOINT a',
      'RELEASE SAVEPOINT a',
      'COMMIT',
      'ROLLBACK',
    ]) {
      await transaction.executeRaw(query(sql));
    }
    expect(meter).toEqual({ queries: 0, ms: 0 });
    await transaction.queryRaw(query('SELECT committed FROM begin_times'));
    expect(meter).toEqual({ queries: 1, ms: 5 });
  });

  it('counts a statement that failed', async () => {
    await expect(adapter.queryRaw(query('SELECT fail'))).rejects.toThrow('failed');
    expect(meter).toEqual({ queries: 1, ms: 5 });
  });

  it('counts on the meter that is current at the time', async () => {
    const first = meter;
    await adapter.queryRaw(query('SELECT 1'));
    meter = { queries: 0, ms: 0 };
    await adapter.queryRaw(query('SELECT 1'));
    expect([first.queries, meter.queries]).toEqual([1, 1]);
  });
});
