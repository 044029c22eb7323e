/** A {@link SqlStore} over node-postgres (`pg`), or over a driver with the same interface. It imports neither. */
import { DatabaseError } from './errors.ts';
import type { SqlStore, SqlValue } from './store.ts';

/** The part of a client of `pg` that is used. */
export interface PgQueryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; command: string }>;
}

/** A client that its pool has lent. `release(true)` closes its connection. */
export interface PgConnection extends PgQueryable {
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** The part of a pool of `pg` that is used. */
export interface PgPool<Connection extends PgConnection> extends PgQueryable {
  connect(): Promise<Connection>;
  /** Not used. A type is inferred from overloads only if all of them are named. */
  connect(callback: (error: Error | undefined, client: Connection | undefined, done: () => void) => void): void;
}

/** Settings of {@link pgStore}. */
export interface PgStoreOptions {
  /** Milliseconds from any start, for the time limit of a transaction. */
  now?: () => number;
}

/**
 * Makes a store over a pool. A transaction writes with a client of the pool: `tx.db.query('INSERT …', [...])`. Its time
 * limit holds for each statement and each pause between two on the server, and no COMMIT is sent after it.
 * @example
 * ```ts
 * const store = pgStore(new pg.Pool({ connectionString }));
 * ```
 */
export function pgStore<Connection extends PgConnection>(
  pool: PgPool<Connection>,
  { now = () => performance.now() }: PgStoreOptions = {},
): SqlStore<Connection> {
  return {
    async transaction(work, { timeoutMs } = {}) {
      const began = now();
      const connection = await pool.connect();
      let usable = false;
      // A lost connection is also an event, which without a listener would end the process.
      connection.on('error', ignore);
      try {
        await connection.query(timeoutMs === undefined ? 'BEGIN' : beginWithin(timeoutMs));
        const result = await work(connection);
        if (timeoutMs !== undefined && now() - began > timeoutMs) {
          throw new DatabaseError('DB_UNAVAILABLE', 'The transaction took longer than its time limit.');
        }
        const { command } = await connection.query('COMMIT');
        // PostgreSQL answers so, without an error, if a statement failed and the work went on.
        if (command === 'ROLLBACK')
          throw new DatabaseError('DB_QUERY', 'A statement failed, so nothing was committed.');
        usable = true;
        return result;
      } catch (error) {
        // A connection that cannot roll back is closed, which rolls back too.
        usable = await connection.query('ROLLBACK').then(
          () => true,
          () => false,
        );
        throw error;
      } finally {
        connection.off('error', ignore);
        connection.release(!usable);
      }
    },
    async query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Connection) {
      const { rows } = await (tx ?? pool).query(text, [...values]);
      return rows as Row[];
    },
  };
}

/** The statement that waits for the connection rejects with the same error. */
function ignore(): void {}

/** One message to the server. `SET LOCAL` ends with the transaction. */
function beginWithin(timeoutMs: number): string {
  const limit = Math.ceil(timeoutMs);
  return `BEGIN; SET LOCAL statement_timeout = ${limit}; SET LOCAL idle_in_transaction_session_timeout = ${limit}`;
}
