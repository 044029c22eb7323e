/**
 * Counts the SQL statements of one scope where they leave for the database: at Prisma's driver adapter. One call of
 * Prisma may send several statements (an `include` is one per relation), so only here is the count the truth.
 */
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';

export interface QueryMeter {
  /**
   * SQL statements sent, those that failed included. Statements that only control a transaction (BEGIN, COMMIT,
   * ROLLBACK, savepoints) are not counted.
   */
  queries: number;
  /** Milliseconds waited for those statements, each in full: statements in parallel add up. */
  ms: number;
}

const transactionControl = /^\s*(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET TRANSACTION)\b/i;

/**
 * Makes a driver adapter report its statements to a meter.
 *
 * `meter` is asked at each statement, so that a client used by many scopes can name the one at work; statements
 * sent while it answers `undefined` are not counted. `now` is in milliseconds.
 */
export function meterAdapter<Factory extends SqlDriverAdapterFactory>(
  factory: Factory,
  meter: () => QueryMeter | undefined,
  now: () => number,
): Factory {
  const connect = factory.connect.bind(factory);
  factory.connect = async () => meterConnection(await connect(), meter, now);
  return factory;
}

function meterConnection(
  adapter: SqlDriverAdapter,
  meter: () => QueryMeter | undefined,
  now: () => number,
): SqlDriverAdapter {
  const { startTransaction, executeScript } = adapter;
  meterStatements(adapter, meter, now);
  adapter.executeScript = (script) => measure(meter(), now, () => executeScript.call(adapter, script));
  // BEGIN is sent in here, before the transaction is metered.
  adapter.startTransaction = async (isolationLevel) =>
    meterStatements(await startTransaction.call(adapter, isolationLevel), meter, now);
  return adapter;
}

function meterStatements<Queryable extends SqlQueryable>(
  queryable: Queryable,
  meter: () => QueryMeter | undefined,
  now: () => number,
): Queryable {
  const { queryRaw, executeRaw } = queryable;
  const counted = (sql: string) => (transactionControl.test(sql) ? undefined : meter());
  queryable.queryRaw = (query) => measure(counted(query.sql), now, () => queryRaw.call(queryable, query));
  queryable.executeRaw = (query) => measure(counted(query.sql), now, () => executeRaw.call(queryable, query));
  return queryable;
}

async function measure<T>(meter: QueryMeter | undefined, now: () => number, send: () => Promise<T>): Promise<T> {
  if (meter === undefined) return send();
  const start = now();
  meter.queries++;
  try {
    return await send();
  } finally {
    meter.ms += now() - start;
  }
}
