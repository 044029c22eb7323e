/** The check that a user whom a row names is one of the tenant. */
import type { Transaction } from '../../platform/db/index.ts';
import { ProblemError, type Right } from '../../platform/http/index.ts';
import { rolesWith } from './roles-with.ts';

/** The demands on a user whom a row names. */
export interface UserDemands {
  /** The account must not be disabled. */
  isActive?: boolean;
  /** The role of the user must have this right. */
  right?: Right;
  /** The field of the request that names the user; by default `userId`. */
  field?: string;
}

/**
 * Requires that a user of the tenant exists and meets the demands. 1 statement.
 * @throws {ProblemError} 409 `NO_SUCH_REFERENCE` that names the field.
 */
export async function requireUser(
  { db, tenant }: Transaction,
  id: string,
  { isActive = false, right, field = 'userId' }: UserDemands = {},
): Promise<void> {
  const able = right === undefined ? {} : { role: { in: rolesWith(right) } };
  const where = { tenantId: tenant, id, ...(isActive ? { disabledAt: null } : {}), ...able };
  if ((await db.user.count({ where })) > 0) return;
  const message = right === undefined ? 'does not exist' : `is no user with the right ${right}`;
  throw new ProblemError(409, 'NO_SUCH_REFERENCE', `The request refers to a user, but ${field} ${message}`, {
    fields: [{ field, message }],
  });
}
