/** From a row to what is answered. */
import type { PrismaClient } from '../../platform/db/index.ts';
import type { User } from './schema.ts';

/**
 * The columns of a user that are answered; no statement of the CRM asks for others. The hash of the password stays
 * where it is. The time of the last activity changes with every visit, and each change would end what is cached.
 */
export const userColumns = {
  id: true,
  email: true,
  name: true,
  role: true,
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

/** A row as it is answered and cached. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Whether there is such a user. */
export async function userExists(client: PrismaClient, tenantId: string, id: string): Promise<boolean> {
  const where = { tenantId_id: { tenantId, id } };
  return (await client.user.findUnique({ where, select: { id: true } })) !== null;
}
