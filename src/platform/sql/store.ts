/**
 * The database of the rooms that write: transactions and statements of PostgreSQL, over any driver. Each room has its
 * own statements; `platform.sql` has their tables. `pg-store.ts` and `prisma-store.ts` implement this interface.
 */

/** A parameter of a statement. Moments are text in ISO 8601, and structures are JSON as text. */
export type SqlValue = string | number | null | readonly string[];

/** How long a transaction may take. */
export interface TransactionLimits {
  /** Milliseconds from BEGIN until the transaction is rolled back. Default: the driver's limit. */
  timeoutMs?: number;
}

/** A database. `Tx` is the client with which an application writes inside a transaction. */
export interface SqlStore<Tx = unknown> {
  /**
   * Runs `work` in a new transaction. If `work` resolves, COMMIT; if `work` rejects, ROLLBACK.
   * @throws the error of `work`, or of the database.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, limits?: TransactionLimits): Promise<Result>;
  /**
   * Sends one statement on the connection of `tx`; without `tx`, on any connection. A returned row has its columns by
   * name; a `jsonb` column is parsed.
   * @param text with `$1`, `$2`, … for the values.
   */
  query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Tx): Promise<Row[]>;
  /**
   * Sends one statement on any connection, without its rows: a store that can do so sends it past the library of the
   * application, for a fraction of the CPU. Default: {@link query}.
   */
  execute?(text: string, values: readonly SqlValue[]): Promise<void>;
}
