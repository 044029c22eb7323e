/**
 * Locks one row until the transaction ends. A write that must invalidate the rows it refers to (or that refer to it)
 * first locks and then reads: otherwise a concurrent write could change the references in between, and the newly
 * referenced rows would not be invalidated.
 */
import type { TransactionClient } from './client.ts';

/** Locks a row against changes and against new references. Resolves with `false` if the row does not exist. */
export async function lockRow(db: TransactionClient, table: string, tenant: string, id: string): Promise<boolean> {
  const rows = await db.$queryRawUnsafe<unknown[]>(
    `SELECT 1 AS found FROM ${named(table)} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    tenant,
    id,
  );
  return rows.length > 0;
}

/** Locks the rows that refer to a row by a column, so that the next read of them stays true. */
export async function lockReferringRows(
  db: TransactionClient,
  table: string,
  column: string,
  tenant: string,
  id: string,
): Promise<void> {
  await db.$queryRawUnsafe(
    `SELECT 1 AS found FROM ${named(table)} WHERE tenant_id = $1 AND ${named(column)} = $2 ORDER BY id FOR UPDATE`,
    tenant,
    id,
  );
}

/** Names are written in the program, never by a caller of the API; this makes sure of it. */
function named(name: string): string {
  if (!/^[a-z][a-z_]*$/.test(name)) throw new TypeError('A table or column to lock is named by a-z and _');
  return name;
}
