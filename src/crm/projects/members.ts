/**
 * The members of a project. Both writes lock the project, so that a change of the project knows whose lists show it.
 */
import { lockRow, type Transaction } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { record } from '../activities/record.ts';
import { each, projectTags } from '../tags.ts';
import { toProjectMember } from './project.ts';
import type { Membership, ProjectMember } from './schema.ts';

/**
 * Adds a member to a project, or changes the member's role.
 * @throws {ProblemError} 404 if the project or the user does not exist.
 */
export function setMember(
  tenant: TenantScope,
  scope: Scope,
  { id, userId }: { id: string; userId: string },
  { role }: Membership,
): Promise<ProjectMember> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    const project = await lockProject(tx, tenantId, id);
    const key = { tenantId, projectId: id, userId };
    const where = { tenantId_projectId_userId: key };
    const user = await tx.db.user.findUnique({
      where: { tenantId_id: { tenantId, id: userId } },
      select: { id: true, name: true },
    });
    if (!user) throw notFound('user');
    const before = await tx.db.projectMember.findUnique({ where, select: { role: true } });
    const select = { role: true, createdAt: true } as const;
    const row = before
      ? await tx.db.projectMember.update({ where, data: { role }, select })
      : await tx.db.projectMember.create({
          data: { ...key, role, createdAt: new Date(scope.system.now()) },
          select,
        });
    await record(tx, tenant, scope, {
      verb: before ? 'member-changed' : 'member-added',
      entityType: 'project',
      entityId: id,
      data: { name: project.name, userId, role },
      tags: tagsOf(project, userId),
    });
    return toProjectMember({ ...row, user });
  });
}

/**
 * Removes a member from a project.
 * @throws {ProblemError} 404 if the project does not exist or the user is not a member.
 */
export function removeMember(
  tenant: TenantScope,
  scope: Scope,
  { id, userId }: { id: string; userId: string },
): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    const project = await lockProject(tx, tenantId, id);
    const { count } = await tx.db.projectMember.deleteMany({ where: { tenantId, projectId: id, userId } });
    if (count === 0) throw notFound('member');
    await record(tx, tenant, scope, {
      verb: 'member-removed',
      entityType: 'project',
      entityId: id,
      data: { name: project.name, userId },
      tags: tagsOf(project, userId),
    });
  });
}

interface ProjectOfMember {
  id: string;
  name: string;
  companyId: string | null;
}

async function lockProject(tx: Transaction, tenantId: string, id: string): Promise<ProjectOfMember> {
  if (!(await lockRow(tx.db, 'projects', tenantId, id))) throw notFound('project');
  return tx.db.project.findUniqueOrThrow({
    where: { tenantId_id: { tenantId, id } },
    select: { id: true, name: true, companyId: true },
  });
}

/** The project's row is unchanged, so pages of projects stay cached. The company's page shows the new activity. */
function tagsOf(project: ProjectOfMember, userId: string): Tag[] {
  return [projectTags.team(project.id), projectTags.ofUser(userId), ...each(projectTags.ofCompany, project.companyId)];
}
