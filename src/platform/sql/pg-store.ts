/** A {@link SqlStore} over node-postgres (`pg`), or a driver with the same interface. This file imports no driver. */
import { DatabaseError } from './errors.ts';
import type { SqlStore, SqlValue } from './store.ts';

/** The part of a client of `pg` that this file uses. */
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
  /**
   * The store does not call this overload. It is declared because TypeScript can infer `Connection` from a pool of `pg`
   * only if both overloads are declared.
   */
  connect(callback: (error: Error | undefined, client: Connection | undefined, done: () => void) => void): void;
}

/** Settings of {@link pgStore}. */
export interface PgStoreOptions {
  /** A clock in milliseconds from any start, for the time limit of a transaction. */
  now?: () => number;
}

/**
 * Makes a store over a pool. A transaction writes with a client of the pool: `tx.db.query('INSERT …', [...])`. On the
 * server, the time limit of a transaction applies to each statement and to each pause between two statements. When the
 * time limit has passed, the store sends no COMMIT.
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
      // A lost connection also emits the event `error`. Without a listener, this event would end the process.
      connection.on('error', ignore);
      try {
        await connection.query(timeoutMs === undefined ? 'BEGIN' : beginWithin(timeoutMs));
        const result = await work(connection);
        if (timeoutMs !== undefined && now() - began > timeoutMs) {
          throw new DatabaseError('DB_UNAVAILABLE', 'The transaction took longer than its time limit.');
        }
        const { command } = await connection.query('COMMIT');
        // If a statement failed and `work` continued, PostgreSQL answers COMMIT with ROLLBACK and without an error.
        if (command === 'ROLLBACK')
          throw new DatabaseError('DB_QUERY', 'A statement failed, so nothing was committed.');
        usable = true;
        return result;
      } catch (error) {
        // If the connection cannot roll back, the connection is closed, and PostgreSQL then rolls back.
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

/** Ignores the event: the statement that waits for the connection rejects with the same error. */
function ignore(): void {}

/** Returns BEGIN and the time limits as one message to the server. `SET LOCAL` ends with the transaction. */
function beginWithin(timeoutMs: number): string {
  const limit = Math.ceil(timeoutMs);
  return `BEGIN; SET LOCAL statement_timeout = ${limit}; SET LOCAL idle_in_transaction_session_timeout = ${limit}`;
}
