/**
 * Locks one row until the transaction ends. A write that must invalidate the rows it refers to (or that refer to it)
 * first locks and then reads: otherwise a concurrent write could change the references in between, and the newly
 * referenced rows would not be invalidated.
 */
import type { TransactionClient } from './commit.ts';

/** Tables whose rows are locked by tenant and id. */
export type LockableTable = 'companies' | 'contacts' | 'deals' | 'projects' | 'tasks' | 'users';

/** Locks a row against changes and against new references. Resolves with `false` if the row does not exist. */
export async function lockRow(
  db: TransactionClient,
  table: LockableTable,
  tenant: string,
  id: string,
): Promise<boolean> {
  // The table's name comes from the type above, never from outside.
  const rows = await db.$queryRawUnsafe<unknown[]>(
    `SELECT 1 AS found FROM ${table} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    tenant,
    id,
  );
  return rows.length > 0;
}

/** Locks the rows that refer to a row by a column, so that the next read of them stays true. */
export async function lockReferringRows(
  db: TransactionClient,
  table: LockableTable,
  column: 'company_id' | 'contact_id' | 'deal_id' | 'project_id',
  tenant: string,
  id: string,
): Promise<void> {
  await db.$queryRawUnsafe(
    `SELECT 1 AS found FROM ${table} WHERE tenant_id = $1 AND ${column} = $2 ORDER BY id FOR UPDATE`,
    tenant,
    id,
  );
}
