/** Converts a row to the API's user. */
import type { PrismaClient } from '../../platform/db/index.ts';
import type { User } from './schema.ts';

/**
 * The columns of a user that the API returns. The CRM reads no other columns, so the password hash stays in the
 * database. The time of the last activity is left out, because every visit changes it and would invalidate the cached
 * user.
 */
export const userColumns = {
  id: true,
  email: true,
  name: true,
  role: true,
  timeZone: true,
  disabledAt: true,
  createdAt: true,
  updatedAt: true,
} as const;

/** A row of {@link userColumns}. */
export interface UserRow extends Omit<User, 'disabledAt' | 'createdAt' | 'updatedAt'> {
  disabledAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Converts a row to the form that is returned and cached. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    timeZone: row.timeZone,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Returns whether the user exists. */
export async function userExists(client: PrismaClient, tenantId: string, id: string): Promise<boolean> {
  const where = { tenantId_id: { tenantId, id } };
  return (await client.user.findUnique({ where, select: { id: true } })) !== null;
}
