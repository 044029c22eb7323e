/** The writes to projects. Each write invalidates the cached values of the rows it changes. */
import { lockRow, type TransactionClient } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { dayColumn } from '../calendar.ts';
import { companiesOfTasks, lockTasksOfProject } from '../references.ts';
import { projectTags, taskTags } from '../tags.ts';
import { toProject } from './project.ts';
import type { NewProject, Project, ProjectChanges } from './schema.ts';

/** Adds a project. Its owner becomes a member with the role lead. */
export function createProject(tenant: TenantScope, scope: Scope, project: NewProject): Promise<Project> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    const createdAt = new Date(scope.system.now());
    const id = scope.system.rowId('project');
    const row = await tx.db.project.create({ data: { ...project, ...dates(project), id, tenantId, createdAt } });
    if (row.ownerId !== null) {
      const lead = { tenantId, projectId: id, userId: row.ownerId, role: 'lead', createdAt } as const;
      await tx.db.projectMember.create({ data: lead, select: { userId: true } });
      tx.invalidate(projectTags.team(id));
    }
    const about = { entityType: 'project', entityId: id, data: { name: row.name } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'created', tags: projectTags.of(row, []) });
    return toProject(row);
  });
}

/**
 * Changes a project.
 * @throws {ProblemError} 404 if the project does not exist.
 */
export function updateProject(
  tenant: TenantScope,
  scope: Scope,
  id: string,
  changes: ProjectChanges,
): Promise<Project> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId, id } };
    if (!(await lockRow(tx.db, 'projects', tenantId, id))) throw notFound('project');
    const before = await tx.db.project.findUniqueOrThrow({ where });
    const row = await tx.db.project.update({ where, data: { ...changes, ...dates(changes) } });
    const members = await membersOf(tx.db, tenantId, id);
    await record(tx, tenant, scope, {
      verb: row.status === before.status ? 'updated' : row.status,
      entityType: 'project',
      entityId: id,
      data: { name: row.name, fields: Object.keys(changes) },
      tags: [...projectTags.of(before, members), ...projectTags.of(row, members)],
    });
    return toProject(row);
  });
}

/**
 * Deletes a project, its tasks and its team.
 * @throws {ProblemError} 404 if the project does not exist.
 */
export function deleteProject(tenant: TenantScope, scope: Scope, id: string): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'projects', tenantId, id))) throw notFound('project');
    const members = await membersOf(tx.db, tenantId, id);
    const tasks = await lockTasksOfProject(tx.db, tenantId, id);
    const companyIds = await companiesOfTasks(tx.db, tenantId, tasks);
    const row = await tx.db.project.delete({ where: { tenantId_id: { tenantId, id } } });
    for (const task of tasks) tx.invalidate(...taskTags.of(task, companyIds));
    const about = { entityType: 'project', entityId: id, data: { name: row.name } } as const;
    const tags = [...projectTags.of(row, members), projectTags.team(id)];
    await record(tx, tenant, scope, { ...about, verb: 'deleted', tags });
  });
}

/** The members of a project whose row is locked. */
function membersOf(db: TransactionClient, tenantId: string, projectId: string) {
  return db.projectMember.findMany({ where: { tenantId, projectId }, select: { userId: true } });
}

function dates({ startDate, dueDate }: Pick<ProjectChanges, 'startDate' | 'dueDate'>) {
  return { startDate: dayColumn(startDate), dueDate: dayColumn(dueDate) };
}
