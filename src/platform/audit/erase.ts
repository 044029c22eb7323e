/** The erasure of the data of one entry: the entry, its place and its seal stay, and their proof stays valid. */
import { notFound, ProblemError } from '../http/index.ts';
import type { Transaction } from '../outbox/index.ts';

/**
 * Removes the data and the salt of a sealed entry, and adds an entry about the erasure. 3 statements.
 * @param reason why the data had to go, such as a request of the person concerned.
 * @throws {ProblemError} 404 if the entry does not exist; 409 `NOT_SEALED` if the entry has no seal yet.
 */
export async function eraseEntryData(
  tx: Pick<Transaction, 'query' | 'audit' | 'tenant'>,
  id: string,
  reason: string,
): Promise<void> {
  const [entry] = await tx.query<{ sealed: boolean }>(FIND, [tx.tenant, id]);
  if (!entry) throw notFound('audit entry');
  if (!entry.sealed) throw new ProblemError(409, 'NOT_SEALED', 'The entry has no seal yet; try again in a minute');
  await tx.query(ERASE, [tx.tenant, id]);
  await tx.audit({ action: 'audit.erased', entity: { type: 'audit-entry', id }, data: { reason } });
}

const FIND = 'SELECT seal IS NOT NULL AS sealed FROM audit_entries WHERE tenant_id = $1 AND id = $2';
const ERASE = 'SELECT audit_erase($1, $2) AS erased';
