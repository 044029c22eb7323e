/** A database for tests that knows only the statements on the outbox, and hands each to the test. */
import type { SqlStore, SqlValue } from '../../src/platform/sql/index.ts';

/** A row of the outbox, as far as the tests read it. */
export interface OutboxRow {
  id: string;
  kind: string;
  payload: unknown;
}

/** The answers of the database. A client inside of a transaction collects the rows that its COMMIT makes visible. */
export interface OutboxAnswers {
  /** Runs the work of a transaction, with a list for its rows. */
  transaction: SqlStore<OutboxRow[]>['transaction'];
  insert?(rows: readonly OutboxRow[], tx: OutboxRow[]): Promise<void> | void;
  take?(): Promise<readonly OutboxRow[]> | readonly OutboxRow[];
  /** An invalidation stays for a second look. */
  keep?(ids: readonly string[], kind: string): Promise<unknown> | unknown;
  delete?(ids: readonly string[]): Promise<unknown> | unknown;
}

/** A store of one tenant. */
export function outboxStore(tenant: string, answers: OutboxAnswers): SqlStore<OutboxRow[]> {
  async function answer(text: string, values: readonly SqlValue[], tx?: OutboxRow[]): Promise<object[]> {
    const [first, second] = values;
    if (/^\s*INSERT INTO outbox/.test(text)) {
      const rows = JSON.parse(String(first)) as OutboxRow[];
      await answers.insert?.(rows, tx ?? []);
      tx?.push(...rows);
      return [];
    }
    if (/^\s*UPDATE outbox SET locked_until/.test(text)) {
      return ((await answers.take?.()) ?? []).map((row) => ({ ...row, tenant, attempts: 1 }));
    }
    if (/^\s*UPDATE outbox SET kind/.test(text)) {
      await answers.keep?.(first as readonly string[], String(second));
      return [];
    }
    // An entry whose handler failed waits in the table as it is.
    if (/^\s*UPDATE outbox SET due_at/.test(text)) return [];
    if (/^\s*DELETE FROM outbox/.test(text)) {
      await answers.delete?.(first as readonly string[]);
      return [];
    }
    throw new Error(`This database does not know the statement ${text}`);
  }
  return {
    transaction: answers.transaction,
    query: <Row extends object>(text: string, values: readonly SqlValue[], tx?: OutboxRow[]) =>
      answer(text, values, tx) as Promise<Row[]>,
  };
}
