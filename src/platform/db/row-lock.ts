/**
 * Locks rows until the transaction ends. A write often invalidates not only its own row, but also rows that refer to
 * this row, or rows to which this row refers. Such a write must lock first and read afterwards. Otherwise a concurrent
 * write could change a reference in between, and the newly referenced row would not be invalidated.
 *
 * The names of tables and columns become part of the statement, so they must be constants of the code.
 */
import type { TransactionClient } from './client.ts';

/**
 * Locks the row of a tenant against changes and against new references.
 * @param table has the columns `tenant_id` and `id`.
 * @returns `false` if the row does not exist.
 * @throws {TypeError} if the name of the table is not a plain identifier.
 */
export async function lockRow(db: TransactionClient, table: string, tenant: string, id: string): Promise<boolean> {
  const rows = await db.$queryRawUnsafe<unknown[]>(
    `SELECT 1 AS found FROM ${identifier(table)} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    tenant,
    id,
  );
  return rows.length > 0;
}

/**
 * Locks the rows that refer to a row by a column. Until the transaction ends, these references cannot change.
 * @throws {TypeError} if a name is not a plain identifier.
 */
export async function lockReferringRows(
  db: TransactionClient,
  table: string,
  column: string,
  tenant: string,
  id: string,
): Promise<void> {
  await db.$queryRawUnsafe(
    `SELECT 1 AS found FROM ${identifier(table)} WHERE tenant_id = $1 AND ${identifier(column)} = $2 ORDER BY id FOR UPDATE`,
    tenant,
    id,
  );
}

/** Returns the name if it needs no quotes in SQL; otherwise throws. */
function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError('The name of a table or column must be a plain identifier');
  return name;
}
