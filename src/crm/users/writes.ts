/**
 * The writes to users. Users are never deleted: a user who leaves is disabled, so that past work keeps its author.
 */
import {
  endInvitation,
  endKeysOfUser,
  holdGrants,
  requireAppointment,
  requireOwnerLeft,
} from '../../identity/index.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { type Caller, rightsOf, type TenantScope } from '../../platform/http/index.ts';
import { entity, type RowKey } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { userTags } from '../tags.ts';
import type { OwnChanges, User, UserChanges } from './schema.ts';
import { toUser, type UserRow, userColumns } from './user.ts';

/** The right required to change another user's account. */
export const MANAGE_USERS = 'users:manage';

const users = entity({
  kind: 'user',
  table: 'users',
  load: (db, where): Promise<UserRow> => db.user.findUniqueOrThrow({ where, select: userColumns }),
  show: toUser,
  tags: (_tx, states) => states.flatMap(userTags.of),
  label: ({ name }) => ({ name }),
  record: recordActivity,
});

/**
 * Changes a user's name, time zone or role, or disables or enables the user. A new role or a disabled account ends all sessions of
 * the user. It also revokes API keys that the user created, if a key has more rights than the user still has. The change
 * adds an entry to the audit trail.
 * @throws {SessionError} `SESSION_UNAVAILABLE` if the sessions could not be ended; then nothing has changed.
 * @throws {ProblemError} 404 if the user does not exist; 403 `BEYOND_YOUR_RIGHTS` if the account has, or would get,
 * rights that the caller lacks; 409 `LAST_OWNER`.
 */
export function updateUser(tenant: TenantScope, id: string, changes: UserChanges, caller: Caller): Promise<User> {
  const takesRights = changes.role !== undefined || changes.disabled === true;
  return tenant.commit(
    async (tx) => {
      const grants = await holdGrants(tx, caller, MANAGE_USERS);
      const user = await change(tx, tenant, id, changes, (before) => {
        requireAppointment(grants, before.role, { userId: id, caller });
        if (changes.role !== undefined) requireAppointment(grants, changes.role, { userId: id, caller }, 'role');
      });
      // A name is left out: entries are never deleted, and may not carry data that a person may ask to delete.
      const { name, ...data } = changes;
      await tx.audit({
        action: 'user.updated',
        entity: { type: 'user', id },
        data: { fields: Object.keys(changes), ...data },
      });
      return user;
    },
    // If Redis does not accept the marks, this write is refused: otherwise the cached record of a revoked key would
    // still be accepted.
    takesRights ? { whenDown: 'strict' } : {},
  );
}

/**
 * Changes the caller's own name or time zone. The caller needs no right.
 * @throws {ProblemError} 404 if the account does not exist any more.
 */
export function updateSelf(tenant: TenantScope, id: string, changes: OwnChanges): Promise<User> {
  return tenant.commit((tx) => change(tx, tenant, id, changes));
}

/** Writes changes and their consequences, if `permit` does not throw. */
async function change(
  tx: Transaction,
  tenant: TenantScope,
  id: string,
  changes: UserChanges,
  permit: (before: UserRow) => void = () => {},
): Promise<User> {
  const activity = {
    fields: Object.keys(changes),
    verb: (before: UserRow, row: UserRow) => verbOf(before.disabledAt, row.disabledAt),
  };
  const { before, row } = await users.change(tx, id, activity, (before, where) => {
    permit(before);
    return update(tx, tenant, before, where, changes);
  });
  if (row.name !== before.name) tx.invalidate(userTags.names);
  return toUser(row);
}

async function update(
  tx: Transaction,
  tenant: TenantScope,
  before: UserRow,
  where: RowKey,
  { disabled, ...changes }: UserChanges,
): Promise<UserRow> {
  const { id } = before;
  const states = {
    before: { role: before.role, disabled: before.disabledAt !== null },
    after: { role: changes.role ?? before.role, disabled: disabled ?? before.disabledAt !== null },
  };
  await requireOwnerLeft(tx.db, tx.tenant, id, states.before, states.after);
  // If the user is disabled already, the date of the first disabling stays.
  const disabledAt = disabled ? (before.disabledAt ?? new Date(tx.system.now())) : null;
  const data = { ...changes, ...(disabled === undefined ? {} : { disabledAt }) };
  const row = await tx.db.user.update({ where, data, select: userColumns });
  if (row.disabledAt) await endInvitation(tx.db, tx.tenant, id);
  if (row.role !== before.role || row.disabledAt) {
    const keys = await endKeysOfUser(tx, id, row.disabledAt ? [] : rightsOf(row.role));
    if (keys.length > 0) tx.log.warn('auth.keys_ended', { tenant: tx.tenant, keys, madeByUser: id });
    // A sign-in waits for the lock of this row, and the change commits only after all sessions have ended. The sessions
    // are ended as the last step, so that a refused write ends no session.
    tx.beforeCommit(() => tenant.sessions.revokeAll(id));
  }
  return row;
}

function verbOf(before: Date | null, after: Date | null): string {
  if ((before === null) === (after === null)) return 'updated';
  return after === null ? 'enabled' : 'disabled';
}
