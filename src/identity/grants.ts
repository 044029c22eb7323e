/**
 * The rule of every route that gives or takes rights: callers can give or take only rights that they have, and the last
 * active owner of a tenant cannot be removed. In one tenant, such writes run one after another. A write reads the
 * caller's rights again under the lock, so rights that the caller lost a moment ago do not count.
 */
import type { Transaction, TransactionClient } from '../platform/db/index.ts';
import {
  allows,
  type Caller,
  grantableRights,
  isRestricted,
  missingRights,
  ProblemError,
  type Right,
  rightsOf,
} from '../platform/http/index.ts';
import type { Role } from './roles.ts';

/** The rights that a caller may give and take, under the lock of {@link holdGrants}. */
export interface Grants {
  readonly rights: readonly string[];
  /** When the caller's API key expires; `null` if the key never expires, or if the caller is a user. */
  readonly expiresAt: Date | null;
}

/** The command line has every right, because it has direct access to the database. */
export const OPERATOR_GRANTS: Grants = {
  get rights() {
    return grantableRights();
  },
  expiresAt: null,
};

/**
 * Locks the tenant until the transaction ends, so that only one write at a time gives or takes rights.
 * @returns `false` if the tenant does not exist.
 */
export async function lockGrants(db: TransactionClient, tenant: string): Promise<boolean> {
  // This lock does not block new rows that refer to the tenant, because such a row locks only the key of the tenant.
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 AS found FROM tenants WHERE id = ${tenant} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

/**
 * Takes the lock and reads the caller's current rights.
 * @param access the right that the route requires.
 * @throws {ProblemError} 403 `NOT_ALLOWED` if the caller has lost the right since the gate checked it.
 */
export async function holdGrants({ db, tenant, system }: Transaction, caller: Caller, access: Right): Promise<Grants> {
  await lockGrants(db, tenant);
  const grants = await (caller.userId === null
    ? grantsOfKey(db, tenant, caller.id, system.now())
    : grantsOfUser(db, tenant, caller.userId));
  if (!grants || !allows(grants.rights, access)) {
    throw new ProblemError(403, 'NOT_ALLOWED', `This needs the right ${access}, which you no longer have`);
  }
  return grants;
}

/**
 * Refuses to give or take rights that the caller does not have.
 * @param field the request field with these rights.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, with the missing rights.
 */
export function requireGrant({ rights }: Grants, asked: readonly string[], field?: string): void {
  const missing = missingRights(rights, asked);
  if (missing.length === 0) return;
  throw beyond(`You cannot give or take rights that you do not have: ${missing.join(', ')}`, field);
}

/**
 * Refuses to give or take a role with rights that the caller does not have. An exception are the restricted rights of
 * *other* users: a caller with `*`, such as an owner, appoints people who may do more than the caller.
 * @param userId the user who gets or loses the role; `null` for a user who is invited.
 * @param field the request field with the role.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`, with the missing rights.
 */
export function requireAppointment(
  grants: Grants,
  role: Role,
  { userId, caller }: { userId: string | null; caller: Caller },
  field?: string,
): void {
  const appoints = grants.rights.includes('*') && (userId === null || userId !== caller.userId);
  requireGrant(grants, appoints ? rightsOf(role).filter((right) => !isRestricted(right)) : rightsOf(role), field);
}

/**
 * Refuses a key that would outlive the key that creates it.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS`
 */
export function requireWithin({ expiresAt }: Grants, asked: Date | null): void {
  if (expiresAt === null || (asked !== null && asked <= expiresAt)) return;
  throw beyond(`Your own key expires at ${expiresAt.toISOString()}; the new key cannot expire later`, 'expiresAt');
}

/** The fields of an account that the rule checks. */
export interface AccountState {
  role: Role;
  disabled: boolean;
}

/**
 * Refuses a change that leaves a tenant without an active owner. The caller must hold the lock of {@link holdGrants}.
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
