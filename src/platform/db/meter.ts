/**
 * Counts the SQL statements of one scope at Prisma's driver adapter, where they are sent. One call of Prisma may send
 * several statements (one for each relation of an `include`), so only the adapter knows the true count.
 */
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';

export interface QueryMeter {
  /**
   * The number of SQL statements sent, failed statements included. Statements that only control a transaction (BEGIN,
   * COMMIT, ROLLBACK, savepoints) are not counted.
   */
  queries: number;
  /** Milliseconds waited for these statements. If statements run in parallel, the time of each is added in full. */
  ms: number;
  /** Receives each statement after its end. The text has no values. */
  onStatement?(sql: string, ms: number): void;
}

const transactionControl = /^\s*(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET TRANSACTION)\b/i;

/**
 * Makes a driver adapter report its statements to a meter.
 *
 * The adapter calls `meter` for each statement, so that a client used by many scopes can count on the meter of the
 * current scope. If `meter` returns `undefined`, the statement is not counted. `now` is in milliseconds. `onConnect`
 * receives each connected adapter.
 */
export function meterAdapter<Factory extends SqlDriverAdapterFactory>(
  factory: Factory,
  meter: () => QueryMeter | undefined,
  now: () => number,
  onConnect?: (adapter: SqlDriverAdapter) => void,
): Factory {
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    onConnect?.(adapter);
    return meterConnection(adapter, meter, now);
  };
  return factory;
}

function meterConnection(
  adapter: SqlDriverAdapter,
  meter: () => QueryMeter | undefined,
  now: () => number,
): SqlDriverAdapter {
  const { startTransaction, executeScript } = adapter;
  meterStatements(adapter, meter, now);
  adapter.executeScript = (script) => measure(meter(), now, script, () => executeScript.call(adapter, script));
  // startTransaction() sends BEGIN before the transaction is metered.
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
  queryable.queryRaw = (query) => measure(counted(query.sql), now, query.sql, () => queryRaw.call(queryable, query));
  queryable.executeRaw = (query) =>
    measure(counted(query.sql), now, query.sql, () => executeRaw.call(queryable, query));
  return queryable;
}

/** Runs `send`, and reports its statement to the meter. */
export async function measure<T>(
  meter: QueryMeter | undefined,
  now: () => number,
  sql: string,
  send: () => Promise<T>,
): Promise<T> {
  if (meter === undefined) return send();
  const start = now();
  meter.queries++;
  try {
    return await send();
  } finally {
    const ms = now() - start;
    meter.ms += ms;
    meter.onStatement?.(sql, ms);
  }
}
