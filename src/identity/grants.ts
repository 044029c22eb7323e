/**
 * The rule of every route that gives or takes rights: a caller gives and takes no right that the caller does not have,
 * and the last active owner of a tenant keeps the account. Such writes of a tenant run one after another, and the
 * caller's rights are read again inside: rights that were taken a moment ago give nothing.
 */
import type { TransactionClient } from '../platform/db/index.ts';
import {
  allows,
  type Caller,
  missingRights,
  ProblemError,
  type Right,
  type Role,
  rightsOf,
} from '../platform/http/index.ts';

/** What a caller may give and take, under the lock of {@link holdGrants}. */
export interface Grants {
  readonly rights: readonly string[];
  /** When the caller's API key ends; `null` for never, and for people. */
  readonly expiresAt: Date | null;
}

/** The command line has the database itself, so no right is kept from it. */
export const OPERATOR_GRANTS: Grants = { rights: ['*'], expiresAt: null };

/**
 * Lets only one write at a time give or take rights in a tenant, until the transaction ends.
 * @returns `false` if there is no such tenant.
 */
export async function lockGrants(db: TransactionClient, tenant: string): Promise<boolean> {
  // Rows that refer to the tenant can still be added: they lock its key only.
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 AS found FROM tenants WHERE id = ${tenant} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

/**
 * Takes the lock, and reads what the caller has now.
 * @param access the right that the route asks for.
 * @throws {ProblemError} 403 `NOT_ALLOWED` if the caller has lost it since the gate.
 */
export async function holdGrants(
  db: TransactionClient,
  tenant: string,
  caller: Caller,
  access: Right,
  now: number,
): Promise<Grants> {
  await lockGrants(db, tenant);
  const grants = await (caller.userId === null
    ? grantsOfKey(db, tenant, caller.id, now)
    : grantsOfUser(db, tenant, caller.userId));
  if (!grants || !allows(grants.rights, access)) {
    throw new ProblemError(403, 'NOT_ALLOWED', `This needs the right ${access}, which you have no more`);
  }
  return grants;
}

/**
 * Refuses to give or take what the caller does not have.
 * @param field the field of the request that asks for it.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, with the rights that are missing.
 */
export function requireGrant({ rights }: Grants, asked: readonly string[], field?: string): void {
  const missing = missingRights(rights, asked);
  if (missing.length === 0) return;
  throw beyond(`You cannot give or take rights that you do not have: ${missing.join(', ')}`, field);
}

/**
 * Refuses a key that would outlive the key that makes it.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`
 */
export function requireWithin({ expiresAt }: Grants, asked: Date | null): void {
  if (expiresAt === null || (asked !== null && asked <= expiresAt)) return;
  throw beyond(`Your own key ends at ${expiresAt.toISOString()}; a key that it makes ends no later`, 'expiresAt');
}

/** What the rule looks at of an account. */
export interface AccountState {
  role: Role;
  disabled: boolean;
}

/**
 * Refuses to leave a tenant without an active owner. Under the lock of {@link holdGrants}.
 * @throws {ProblemError} 409 `LAST_OWNER`
 */
export async function requireOwnerLeft(
  db: TransactionClient,
  tenantId: string,
  id: string,
  before: AccountState,
  after: AccountState,
): Promise<void> {
  if (!isActiveOwner(before) || isActiveOwner(after)) return;
  const others = await db.user.count({ where: { tenantId, role: 'owner', disabledAt: null, id: { not: id } } });
  if (others > 0) return;
  throw new ProblemError(409, 'LAST_OWNER', 'This is the last active owner; make another owner first');
}

function isActiveOwner({ role, disabled }: AccountState): boolean {
  return role === 'owner' && !disabled;
}

function beyond(detail: string, field: string | undefined): ProblemError {
  const fields = field === undefined ? [] : [{ field, message: 'goes beyond your own rights' }];
  return new ProblemError(403, 'BEYOND_YOUR_RIGHTS', detail, { fields });
}

async function grantsOfUser(db: TransactionClient, tenantId: string, id: string): Promise<Grants | null> {
  const user = await db.user.findUnique({
    where: { tenantId_id: { tenantId, id }, disabledAt: null },
    select: { role: true },
  });
  return user && { rights: rightsOf(user.role), expiresAt: null };
}

async function grantsOfKey(db: TransactionClient, tenantId: string, id: string, now: number): Promise<Grants | null> {
  const key = await db.apiKey.findUnique({
    where: { tenantId_id: { tenantId, id }, revokedAt: null },
    select: { rights: true, expiresAt: true },
  });
  return key && (key.expiresAt === null || now < key.expiresAt.getTime()) ? key : null;
}
