/**
 * The people who may sign in. An address has at most one account in each tenant, so it may have several accounts; if
 * the tenant is not named, the account that was used last is taken.
 *
 * Any stranger can sign an address up. So an account whose address is not proven is taken only if its tenant is named;
 * the one exception is a sole invitation, see {@link chooseAccount}.
 */
import type { PrismaClient, TransactionClient } from '../platform/db/index.ts';
import type { Role } from '../platform/http/index.ts';

/** An account as signing in sees it. */
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

const PROVEN = { verifiedAt: { not: null } } as const;
/** An invitation sets no password; a sign-up always does. */
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
 * The accounts of an address that a password may open: not disabled, last used first. Without a tenant only those whose
 * address is proven. `email` is in lower case.
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
 * The account that a mailed code is for: in the tenant that is named; else the proven one that was used last; else the
 * invitation of the address, if there is exactly one. Sign-ups that were never proven are not looked at unless their
 * tenant is named, and of several invitations none is chosen: a stranger may have made any of them.
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

/** Whether an address has an account in any tenant that is not disabled, proven or not. `email` is in lower case. */
export async function hasAccount(client: PrismaClient, email: string): Promise<boolean> {
  return (await client.user.findFirst({ where: { email, disabledAt: null }, select: { id: true } })) !== null;
}

/** Slugs of the tenants that have an account of an address, not disabled, the newest first; ten at most. */
export async function tenantsOf(client: PrismaClient, email: string): Promise<string[]> {
  const found = await client.user.findMany({
    where: { email, disabledAt: null },
    orderBy: { createdAt: 'desc' },
    take: 10,
    select: { tenantId: true },
  });
  return found.map(({ tenantId }) => tenantId);
}

/** One account; `null` if it does not exist or is disabled. */
export function findAccount(client: PrismaClient, tenantId: string, id: string): Promise<Account | null> {
  return client.user.findUnique({
    where: { tenantId_id: { tenantId, id }, disabledAt: null },
    select: columns,
  });
}

/** A lock on an account's row, until the transaction ends. */
export interface HeldAccount {
  /** Whether the address is proven by this, for the first time. */
  first: boolean;
  /** Whether the password of the account ended with that. */
  passwordEnded: boolean;
}

/** How the caller has shown that the account is theirs. */
export interface Proof {
  /** Whether the caller has read a mail to the address. A password alone proves no address. */
  readsMail: boolean;
  /** Whether this browser signed the account up, and so set its password. */
  ownSignUp: boolean;
}

/**
 * Locks an account until the transaction ends, if it is still what was checked: not disabled, with that role and that
 * password; `null` if it is not. A request that disables or changes it waits for this transaction, and then ends the
 * session it has made.
 *
 * The first proof of the address ends a password that was set before, unless this browser set it: the reader of the
 * mail did not choose it, and the person who did could get in with it. The time of the last visit is written along;
 * `updated_at` stays, because nothing that is shown has changed.
 */
export async function holdAccount(
  db: TransactionClient,
  { tenantId, id, role, passwordHash }: Account,
  { readsMail, ownSignUp }: Proof,
  now: number,
): Promise<HeldAccount | null> {
  const at = new Date(now);
  // The row as it is under the lock decides what is first, not as it was read before.
  const [held] = await db.$queryRaw<HeldAccount[]>`
    WITH held AS (
      SELECT tenant_id, id, verified_at, password_hash FROM users
      WHERE tenant_id = ${tenantId} AND id = ${id} AND disabled_at IS NULL
        AND role::text = ${role} AND password_hash IS NOT DISTINCT FROM ${passwordHash}
        AND (${readsMail} OR verified_at IS NOT NULL)
      FOR UPDATE
    )
    UPDATE users SET last_active_at = ${at}, verified_at = coalesce(held.verified_at, ${at}),
      password_hash = CASE WHEN held.verified_at IS NULL AND NOT ${ownSignUp} THEN NULL ELSE held.password_hash END
    FROM held WHERE users.tenant_id = held.tenant_id AND users.id = held.id
    RETURNING held.verified_at IS NULL AS first,
      held.password_hash IS NOT NULL AND users.password_hash IS NULL AS "passwordEnded"`;
  return held ?? null;
}
