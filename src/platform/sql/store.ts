/**
 * The database of the rooms that write: transactions and statements of PostgreSQL, over any driver. Each room has its
 * own statements; `platform.sql` has their tables. `pg-store.ts` and `prisma-store.ts` implement this interface.
 */

/** A parameter of a statement. Moments are text in ISO 8601, and structures are JSON as text. */
export type SqlValue = string | number | null | readonly string[];

/** How long a transaction may take. */
export interface TransactionLimits {
  /** Milliseconds from BEGIN to a rollback of the transaction. Default: the driver's limit. */
  timeoutMs?: number;
}

/** A database. `Tx` is the client with which an application writes inside a transaction. */
export interface SqlStore<Tx = unknown> {
  /**
   * Runs `work` in a new transaction: COMMIT if `work` resolves, ROLLBACK if it rejects.
   * @throws the error of `work`, or of the database.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, limits?: TransactionLimits): Promise<Result>;
  /**
   * Sends one statement, on the connection of `tx` or, without `tx`, on any connection. Rows have their columns by
   * name; a `jsonb` column is parsed.
   * @param text with `$1`, `$2`, … for the values.
   */
  query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Tx): Promise<Row[]>;
}
