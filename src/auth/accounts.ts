/**
 * The people who may sign in. An address is theirs once in each tenant, so an address may belong to several accounts;
 * who does not name the tenant is looked for in those where they were seen last.
 */
import type { PrismaClient, TransactionClient } from '../db/index.ts';
import type { Role } from '../http/index.ts';

/** Somebody as signing in sees them. */
export interface Account {
  tenantId: string;
  id: string;
  email: string;
  name: string;
  role: Role;
  passwordHash: string | null;
  verifiedAt: Date | null;
}

/** Each account that is looked at may cost the derivation of a key. */
const MOST_ACCOUNTS = 3;

const columns = {
  tenantId: true,
  id: true,
  email: true,
  name: true,
  role: true,
  passwordHash: true,
  verifiedAt: true,
} as const;

/** The accounts of an address that are not disabled, last seen first. `email` is in lower case. */
export function findAccounts(client: PrismaClient, email: string, tenantId: string | undefined): Promise<Account[]> {
  return client.user.findMany({
    where: { email, disabledAt: null, ...(tenantId === undefined ? {} : { tenantId }) },
    orderBy: [{ lastActiveAt: { sort: 'desc', nulls: 'last' } }, { tenantId: 'asc' }],
    take: MOST_ACCOUNTS,
    select: columns,
  });
}

/** Whether an address has an account in any tenant that is not disabled, proven or not. `email` is in lower case. */
export async function hasAccount(client: PrismaClient, email: string): Promise<boolean> {
  return (await client.user.findFirst({ where: { email, disabledAt: null }, select: { id: true } })) !== null;
}

/** One account, or `null` if there is none or it is disabled. */
export function findAccount(client: PrismaClient, tenantId: string, id: string): Promise<Account | null> {
  return client.user.findUnique({
    where: { tenantId_id: { tenantId, id }, disabledAt: null },
    select: columns,
  });
}

/**
 * Locks an account until the transaction ends, if it is still what was checked: not disabled, with that role and that
 * password. Whoever disables or changes it waits for this transaction, and then ends the session it has made.
 * The time of the last visit is written along; `updated_at` stays, because nothing that is shown has changed.
 */
export async function holdAccount(
  db: TransactionClient,
  { tenantId, id, role, passwordHash }: Account,
  now: number,
): Promise<boolean> {
  const held = await db.$executeRaw`
    UPDATE users SET last_active_at = ${new Date(now)}, verified_at = coalesce(verified_at, ${new Date(now)})
    WHERE tenant_id = ${tenantId} AND id = ${id} AND disabled_at IS NULL
      AND role::text = ${role} AND password_hash IS NOT DISTINCT FROM ${passwordHash}`;
  return held === 1;
}
