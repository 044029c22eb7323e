/** A {@link SqlStore} over a Prisma client for PostgreSQL, with any schema. This file does not import Prisma. */
import type { SqlStore, SqlValue } from './store.ts';

/** The part of a Prisma client that this file uses for statements, both in a transaction and outside of one. */
export interface PrismaQueryable {
  $queryRawUnsafe<Rows>(text: string, ...values: unknown[]): PromiseLike<Rows>;
}

/** The part of a Prisma client that this file uses. */
export interface PrismaTransactor<Tx extends PrismaQueryable> extends PrismaQueryable {
  $transaction<Result>(
    work: (tx: Tx) => Promise<Result>,
    options?: { timeout?: number; maxWait?: number },
  ): Promise<Result>;
}

/**
 * Makes a store over a Prisma client. A transaction writes with Prisma's own client: `tx.db.invoice.create({ … })`.
 * @param client returns the client; it is called for each statement and each transaction.
 * @example
 * ```ts
 * const store = prismaStore(async () => prisma);
 * ```
 */
export function prismaStore<Tx extends PrismaQueryable>(client: () => Promise<PrismaTransactor<Tx>>): SqlStore<Tx> {
  return {
    async transaction(work, { timeoutMs } = {}) {
      const options = timeoutMs === undefined ? undefined : { timeout: timeoutMs, maxWait: timeoutMs };
      return (await client()).$transaction(work, options);
    },
    async query<Row extends object>(text: string, values: readonly SqlValue[], tx?: Tx) {
      return (tx ?? (await client())).$queryRawUnsafe<Row[]>(text, ...values);
    },
  };
}
