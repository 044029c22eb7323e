/** The writes to users. Users are never deleted: a user who leaves is disabled, so that past work keeps its author. */
import { endInvitation, endKeysOfUser, holdGrants, requireGrant, requireOwnerLeft } from '../../identity/index.ts';
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { type Caller, notFound, rightsOf, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { userTags } from '../tags.ts';
import type { User, UserChanges } from './schema.ts';
import { toUser, type UserRow, userColumns } from './user.ts';

/** The right required to change another user's account. */
export const MANAGE_USERS = 'users:manage';

/**
 * Changes a user's name or role, disables or enables the user. A new role or disabling ends all of the user's sessions,
 * and those API keys created by the user that have more rights than the user has left.
 * @throws {SessionError} `SESSION_UNAVAILABLE` if the sessions could not be ended: nothing has changed.
 * @throws {ProblemError} 404 if the user does not exist, 403 `BEYOND_YOUR_RIGHTS` if the account has or would get
 *   rights that the caller lacks, 409 `LAST_OWNER`.
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
 * Changes the caller's own name. Needs no right.
 * @throws {ProblemError} 404 if the account is gone.
 */
export function renameUser(tenant: TenantScope, scope: Scope, id: string, name: string): Promise<User> {
  return tenant.commit(async (tx) => change(tx, tenant, scope, await lockUser(tx, id), { name }));
}

async function lockUser({ db, tenant }: Transaction, id: string): Promise<UserRow> {
  if (!(await lockRow(db, 'users', tenant, id))) throw notFound('user');
  return db.user.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tenant, id } }, select: userColumns });
}

/** Writes permitted changes and their consequences. */
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
    // A sign-in waits for this row. The change commits only after all sessions have ended. Sessions are ended last, so
    // that a refused write ends no session.
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
