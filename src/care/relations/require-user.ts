/** The check that a user whom a row names is one of the tenant. */
import type { Transaction } from '../../platform/db/index.ts';
import { ProblemError } from '../../platform/http/index.ts';

/**
 * Requires that a user of the tenant exists; with `isActive`, that the account is not disabled either. 1 statement.
 * @throws {ProblemError} 409 `NO_SUCH_REFERENCE` that names the field, by default `userId`.
 */
export async function requireUser(
  { db, tenant }: Transaction,
  id: string,
  { isActive = false, field = 'userId' }: { isActive?: boolean; field?: string } = {},
): Promise<void> {
  const where = { tenantId: tenant, id, ...(isActive ? { disabledAt: null } : {}) };
  if ((await db.user.count({ where })) > 0) return;
  throw new ProblemError(409, 'NO_SUCH_REFERENCE', 'The request refers to a user who does not exist', {
    fields: [{ field, message: 'does not exist' }],
  });
}
