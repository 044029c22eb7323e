/** How users change. They are not deleted: those who leave are disabled, and their work keeps its author. */
import { endInvitation, endKeysOfUser, holdGrants, requireGrant, requireOwnerLeft } from '../../identity/index.ts';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { type Caller, notFound, rightsOf, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { userTags } from '../tags.ts';
import type { User, UserChanges } from './schema.ts';
import { toUser, type UserRow, userColumns } from './user.ts';

/** The right that changing another user's account asks for. */
export const MANAGE_USERS = 'users:manage';

/**
 * Changes a user's name or role, disables or enables them. Another role or being disabled ends all their sessions, and
 * the API keys they made that hold more rights than they have left.
 * @throws {SessionError} `SESSION_UNAVAILABLE` if their sessions could not be ended: nothing has changed.
 * @throws {ProblemError} 404 if there is no such user, 403 `BEYOND_YOUR_RIGHTS` if the account has or would get rights
 *   that the caller lacks, 409 `LAST_OWNER`.
 */
export function updateUser(
  tenant: TenantScope,
  scope: Scope,
  id: string,
  changes: UserChanges,
  caller: Caller,
): Promise<User> {
  const takesRights = changes.role !== undefined || changes.disabled === true;
  return tenant.commit(
    async (tx) => {
      const grants = await holdGrants(tx.db, tenant.tenant, caller, MANAGE_USERS, scope.system.now());
      const before = await lockUser(tx, id);
      requireGrant(grants, rightsOf(before.role));
      if (changes.role !== undefined) requireGrant(grants, rightsOf(changes.role), 'role');
      return change(tx, tenant, scope, before, changes);
    },
    // Without the mark a revoked key might still be let in.
    takesRights ? { whenDown: 'strict' } : {},
  );
}

/**
 * Changes the name of the user who asks. It needs no right.
 * @throws {ProblemError} 404 if the account is gone.
 */
export function renameUser(tenant: TenantScope, scope: Scope, id: string, name: string): Promise<User> {
  return tenant.commit(async (tx) => change(tx, tenant, scope, await lockUser(tx, id), { name }));
}

async function lockUser({ db, tenant }: Transaction, id: string): Promise<UserRow> {
  if (!(await lockRow(db, 'users', tenant, id))) throw notFound('user');
  return db.user.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tenant, id } }, select: userColumns });
}

/** Writes changes that are allowed, and what follows from them. */
async function change(
  tx: Transaction,
  tenant: TenantScope,
  scope: Scope,
  before: UserRow,
  { disabled, ...changes }: UserChanges,
): Promise<User> {
  const { id } = before;
  const states = {
    before: { role: before.role, disabled: before.disabledAt !== null },
    after: { role: changes.role ?? before.role, disabled: disabled ?? before.disabledAt !== null },
  };
  await requireOwnerLeft(tx.db, tenant.tenant, id, states.before, states.after);
  // Disabling again does not move the date.
  const disabledAt = disabled ? (before.disabledAt ?? new Date(scope.system.now())) : null;
  const row = await tx.db.user.update({
    where: { tenantId_id: { tenantId: tenant.tenant, id } },
    data: { ...changes, ...(disabled === undefined ? {} : { disabledAt }) },
    select: userColumns,
  });
  if (row.disabledAt) await endInvitation(tx.db, tenant.tenant, id);
  if (row.role !== before.role || row.disabledAt) {
    const keys = await endKeysOfUser(tx, id, row.disabledAt ? [] : rightsOf(row.role));
    if (keys.length > 0) scope.log.warn('auth.keys_ended', { tenant: tenant.tenant, keys, madeByUser: id });
    // A sign-in waits for this row. All sessions are over before this is acknowledged, or this is not done; and they
    // are ended last, so that a write that is refused ends none.
    tx.beforeCommit(() => tenant.sessions.revokeAll(id));
  }
  if (row.name !== before.name) tx.invalidate(userTags.names);
  await record(tx, tenant, scope, {
    verb: verbOf(before.disabledAt, row.disabledAt),
    entityType: 'user',
    entityId: id,
    data: { name: row.name, fields: [...Object.keys(changes), ...(disabled === undefined ? [] : ['disabled'])] },
    tags: userTags.of(row),
  });
  return toUser(row);
}

function verbOf(before: Date | null, after: Date | null): string {
  if ((before === null) === (after === null)) return 'updated';
  return after === null ? 'enabled' : 'disabled';
}
