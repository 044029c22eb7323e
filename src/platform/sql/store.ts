/**
 * The database behind the rooms that write: transactions and statements of PostgreSQL, over any driver. The rooms bring
 * their own statements; `platform.sql` has the tables those name. `pg-store.ts` and `prisma-store.ts` implement this.
 */

/** A parameter of a statement. Moments are text in ISO 8601, and structures are JSON as text. */
export type SqlValue = string | number | null | readonly string[];

/** How long a transaction may take. */
export interface TransactionLimits {
  /** Milliseconds from BEGIN; then the transaction is rolled back. Default: the driver's. */
  timeoutMs?: number;
}

/** A database. `Tx` is the client with which an application writes inside of a transaction. */
export interface SqlStore<Tx = unknown> {
  /**
   * Runs work in a transaction of its own: COMMIT if it resolves, ROLLBACK if it rejects.
   * @throws the error of the work, or of the database.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, limits?: TransactionLimits): Promise<Result>;
  /**
   * Sends one statement: on the transaction's connection, or without `tx` on any. Rows have their columns by name; a
   * `jsonb` column is parsed.
   * @param text with `$1`, `$2`, … for the values.
   */
  query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Tx): Promise<Row[]>;
}
