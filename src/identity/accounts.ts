/**
 * The accounts of users. An address has at most one account in each tenant, so it may have accounts in several tenants.
 * If the request names no tenant, the account that was used last is chosen.
 *
 * Any stranger can sign up with any address. So an account whose address is not proven is chosen only if the request
 * names its tenant. The only exception is a sole invitation; see {@link chooseAccount}.
 */
import type { PrismaClient, TransactionClient } from '../platform/db/index.ts';
import type { Role } from './roles.ts';

/** The fields of an account that sign-in needs. */
export interface Account {
  tenantId: string;
  id: string;
  email: string;
  name: string;
  role: Role;
  passwordHash: string | null;
  verifiedAt: Date | null;
}

/** The maximum number of accounts whose password is checked, because each check may cost one key derivation. */
const MOST_ACCOUNTS = 3;

const PROVEN = { verifiedAt: { not: null } } as const;
/** The condition for an invited account. An invitation sets no password; a sign-up always sets a password. */
const INVITED = { verifiedAt: null, passwordHash: null } as const;

const columns = {
  tenantId: true,
  id: true,
  email: true,
  name: true,
  role: true,
  passwordHash: true,
  verifiedAt: true,
} as const;

/**
 * Finds the enabled accounts of an address whose passwords will be checked, the last used account first. Without a
 * tenant, only accounts with a proven address are found. `email` is in lower case.
 */
export function findAccounts(client: PrismaClient, email: string, tenantId: string | undefined): Promise<Account[]> {
  return client.user.findMany({
    where: { email, disabledAt: null, ...(tenantId === undefined ? PROVEN : { tenantId }) },
    orderBy: [{ lastActiveAt: { sort: 'desc', nulls: 'last' } }, { tenantId: 'asc' }],
    take: MOST_ACCOUNTS,
    select: columns,
  });
}

/**
 * Chooses the account for a mailed code. The account in the named tenant comes first, then the proven account that was
 * used last, and then an invited account if there is exactly one invitation. A sign-up with an unproven address is
 * ignored unless the request names its tenant. If there are several invitations, no account is chosen, because any of
 * them may come from a stranger.
 */
export async function chooseAccount(
  client: PrismaClient,
  email: string,
  tenantId: string | undefined,
): Promise<Account | null> {
  const [account] = await findAccounts(client, email, tenantId);
  if (account || tenantId !== undefined) return account ?? null;
  const invitations = await client.user.findMany({
    where: { email, disabledAt: null, ...INVITED },
    take: 2,
    select: columns,
  });
  return invitations.length === 1 ? (invitations[0] ?? null) : null;
}

/** Returns whether an address has an enabled account in any tenant, proven or not. `email` is in lower case. */
export async function hasAccount(client: PrismaClient, email: string): Promise<boolean> {
  return (await client.user.findFirst({ where: { email, disabledAt: null }, select: { id: true } })) !== null;
}

/** Lists the slugs of the tenants in which an address has an enabled account, newest first, at most ten. */
export async function tenantsOf(client: PrismaClient, email: string): Promise<string[]> {
  const found = await client.user.findMany({
    where: { email, disabledAt: null },
    orderBy: { createdAt: 'desc' },
    take: 10,
    select: { tenantId: true },
  });
  return found.map(({ tenantId }) => tenantId);
}

/** Finds an account. Returns `null` if the account does not exist or is disabled. */
export function findAccount(client: PrismaClient, tenantId: string, id: string): Promise<Account | null> {
  return client.user.findUnique({
    where: { tenantId_id: { tenantId, id }, disabledAt: null },
    select: columns,
  });
}

/** An account whose row is locked until the transaction ends. */
export interface HeldAccount {
  /** `true` if this is the first proof of the address. */
  first: boolean;
  /** `true` if the first proof removed the account's password. */
  passwordEnded: boolean;
  /** `true` if the account has a second factor, so that one proof is not enough. */
  hasFactor: boolean;
}

/** The caller's proof that the account is theirs. */
export interface Proof {
  /** `true` if the caller has read a mail to the address. A password alone does not prove the address. */
  readsMail: boolean;
  /** `true` if this browser made the sign-up, and so set the password. */
  ownSignUp: boolean;
}

/**
 * Locks an account until the transaction ends. Returns `null` if the account has changed since the check: the account
 * was disabled, or has another role or password. A request that disables or changes the account waits for this
 * transaction, and then ends the session that this transaction created.
 *
 * The first proof of the address removes an older password, unless this browser set the password. Otherwise a stranger
 * who signed up with the address could sign in to the account. The time of the last visit is written too. `updated_at`
 * does not change, because no visible field has changed.
 */
export async function holdAccount(
  db: TransactionClient,
  { tenantId, id, role, passwordHash }: Account,
  { readsMail, ownSignUp }: Proof,
  now: number,
): Promise<HeldAccount | null> {
  const at = new Date(now);
  // Whether this is the first proof is decided by the locked row, not by the row that was read earlier.
  const [held] = await db.$queryRaw<HeldAccount[]>`
    WITH held AS (
      SELECT tenant_id, id, verified_at, password_hash, factor_at FROM users
      WHERE tenant_id = ${tenantId} AND id = ${id} AND disabled_at IS NULL
        AND role::text = ${role} AND password_hash IS NOT DISTINCT FROM ${passwordHash}
        AND (${readsMail} OR verified_at IS NOT NULL)
      FOR UPDATE
    )
    UPDATE users SET last_active_at = ${at}, verified_at = coalesce(held.verified_at, ${at}),
      password_hash = CASE WHEN held.verified_at IS NULL AND NOT ${ownSignUp} THEN NULL ELSE held.password_hash END
    FROM held WHERE users.tenant_id = held.tenant_id AND users.id = held.id
    RETURNING held.verified_at IS NULL AS first,
      held.password_hash IS NOT NULL AND users.password_hash IS NULL AS "passwordEnded",
      held.factor_at IS NOT NULL AS "hasFactor"`;
  return held ?? null;
}
