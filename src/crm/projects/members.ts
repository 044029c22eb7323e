/**
 * Writes to the members of a project. Each write locks the project. So a change of the project sees all members, and
 * can invalidate their lists of projects.
 */
import { notFound, type TenantScope } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { isRequired } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { each, projectTags } from '../tags.ts';
import { type ProjectRow, toProjectMember } from './project.ts';
import type { Membership, ProjectMember } from './schema.ts';
import { projects } from './writes.ts';

/** The key of a membership: a project and a user. */
interface MemberKey {
  /** The id of the project. */
  id: string;
  userId: string;
}

/** Names a membership in conditions of callers. */
export const memberRow = ({ id, userId }: MemberKey) => ({ kind: 'member', id: `${id}/${userId}` });

/**
 * Adds a member to a project, or changes the member's role.
 * @throws {ProblemError} 404 if the project or the user does not exist; 412 if the caller requires another state.
 */
export function setMember(
  tenant: TenantScope,
  { id, userId }: MemberKey,
  { role }: Membership,
): Promise<ProjectMember> {
  return tenant.commit(async (tx) => {
    const project = await projects.lock(tx, id);
    const key = { tenantId: tx.tenant, projectId: id, userId };
    const where = { tenantId_projectId_userId: key };
    const user = await tx.db.user.findUnique({
      where: { tenantId_id: { tenantId: tx.tenant, id: userId } },
      select: { id: true, name: true },
    });
    if (!user) throw notFound('user');
    const select = { role: true, createdAt: true } as const;
    const before = await tx.db.projectMember.findUnique({ where, select });
    if (isRequired(tx.precondition, memberRow({ id, userId }))) {
      tx.precondition.check(before && toProjectMember({ ...before, user }));
    }
    const createdAt = new Date(tx.system.now());
    const row = before
      ? await tx.db.projectMember.update({ where, data: { role }, select })
      : await tx.db.projectMember.create({ data: { ...key, role, createdAt }, select });
    tx.invalidate(...tagsOf(project, userId));
    await recordActivity(tx, {
      verb: before ? 'member-changed' : 'member-added',
      entityType: 'project',
      entityId: id,
      data: { name: project.name, userId, role },
    });
    return toProjectMember({ ...row, user });
  });
}

/**
 * Removes a member from a project.
 * @throws {ProblemError} 404 if the project does not exist or the user is not a member; 412 if the caller requires
 * another state.
 */
export function removeMember(tenant: TenantScope, { id, userId }: MemberKey): Promise<void> {
  return tenant.commit(async (tx) => {
    const project = await projects.lock(tx, id);
    const key = { tenantId: tx.tenant, projectId: id, userId };
    if (isRequired(tx.precondition, memberRow({ id, userId }))) {
      const include = { user: { select: { id: true, name: true } } } as const;
      const before = await tx.db.projectMember.findUnique({ where: { tenantId_projectId_userId: key }, include });
      if (!before) throw notFound('member');
      tx.precondition.check(toProjectMember(before));
    }
    const { count } = await tx.db.projectMember.deleteMany({ where: key });
    if (count === 0) throw notFound('member');
    tx.invalidate(...tagsOf(project, userId));
    await recordActivity(tx, {
      verb: 'member-removed',
      entityType: 'project',
      entityId: id,
      data: { name: project.name, userId },
    });
  });
}

/**
 * Returns the tags of a change to the team. The row of the project does not change, so pages of projects stay cached.
 * The tag of the company's projects is included, because the company's page shows the new activity.
 */
function tagsOf({ id, companyId }: ProjectRow, userId: string): Tag[] {
  return [projectTags.team(id), projectTags.ofUser(userId), ...each(projectTags.ofCompany, companyId)];
}
