/** How users change. They are not deleted: those who leave are disabled, and their work keeps its author. */
import { endInvitation } from '../../auth/index.ts';
import { lockRow } from '../../db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../http/index.ts';
import { record } from '../activities/record.ts';
import { userTags } from '../tags.ts';
import type { User, UserChanges } from './schema.ts';
import { toUser, userColumns } from './user.ts';

/**
 * Changes a user's name or role, disables or enables them. Another role or being disabled ends all their sessions.
 * @throws {SessionError} `SESSION_UNAVAILABLE` if their sessions could not be ended: nothing has changed.
 * @throws {ProblemError} 404 if there is no such user.
 */
export function updateUser(
  tenant: TenantScope,
  scope: Scope,
  id: string,
  { disabled, ...changes }: UserChanges,
): Promise<User> {
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    if (!(await lockRow(tx.db, 'users', tenant.tenant, id))) throw notFound('user');
    const before = await tx.db.user.findUniqueOrThrow({ where, select: userColumns });
    // Disabling again does not move the date.
    const disabledAt = disabled ? (before.disabledAt ?? new Date(scope.system.now())) : null;
    const row = await tx.db.user.update({
      where,
      data: { ...changes, ...(disabled === undefined ? {} : { disabledAt }) },
      select: userColumns,
    });
    if (row.disabledAt) await endInvitation(tx.db, tenant.tenant, id);
    // Whoever signs in waits for this row. What they had is over before this is acknowledged, or this is not done.
    if (row.role !== before.role || row.disabledAt) await tenant.sessions.revokeAll(id);
    if (row.name !== before.name) tx.invalidate(userTags.names);
    await record(tx, tenant, scope, {
      verb: verbOf(before.disabledAt, row.disabledAt),
      entityType: 'user',
      entityId: id,
      data: { name: row.name, fields: [...Object.keys(changes), ...(disabled === undefined ? [] : ['disabled'])] },
      tags: userTags.of(row),
    });
    return toUser(row);
  });
}

function verbOf(before: Date | null, after: Date | null): string {
  if ((before === null) === (after === null)) return 'updated';
  return after === null ? 'enabled' : 'disabled';
}
