/** The writes to projects. */
import type { Transaction } from '../../platform/db/index.ts';
import type { TenantScope } from '../../platform/http/index.ts';
import { dayColumn, entity } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { companiesOfTasks, lockTasksOfProject } from '../references.ts';
import { each, projectTags, taskTags } from '../tags.ts';
import { type ProjectRow, toProject } from './project.ts';
import type { NewProject, Project, ProjectChanges } from './schema.ts';

export const projects = entity({
  kind: 'project',
  table: 'projects',
  load: (db, where): Promise<ProjectRow> => db.project.findUniqueOrThrow({ where }),
  show: toProject,
  async tags(tx, states, write) {
    // Only a change needs the members from the database: the only member of a new project is the owner, and
    // `deleteProject` adds the tags of the members.
    const members = write === 'change' && states[0] ? await membersOf(tx, states[0].id) : [];
    return states.flatMap((state) => projectTags.of(state, members));
  },
  label: ({ name }) => ({ name }),
  record: recordActivity,
});

/** Adds a project. Its owner becomes a member with the role lead. */
export function createProject(tenant: TenantScope, project: NewProject): Promise<Project> {
  return tenant.commit(async (tx) => {
    const row = await projects.add(tx, async (columns) => {
      const row = await tx.db.project.create({ data: { ...project, ...dates(project), ...columns } });
      if (row.ownerId === null) return row;
      const { tenantId, createdAt } = columns;
      const lead = { tenantId, projectId: row.id, userId: row.ownerId, role: 'lead', createdAt } as const;
      await tx.db.projectMember.create({ data: lead, select: { userId: true } });
      tx.invalidate(projectTags.team(row.id));
      return row;
    });
    return toProject(row);
  });
}

/**
 * Changes a project.
 * @throws {ProblemError} 404 if the project does not exist.
 */
export function updateProject(tenant: TenantScope, id: string, changes: ProjectChanges): Promise<Project> {
  const activity = {
    fields: Object.keys(changes),
    verb: (before: ProjectRow, { status }: ProjectRow) => (status === before.status ? 'updated' : status),
  };
  return tenant.commit(async (tx) => {
    const { row } = await projects.change(tx, id, activity, (_before, where) =>
      tx.db.project.update({ where, data: { ...changes, ...dates(changes) } }),
    );
    return toProject(row);
  });
}

/**
 * Deletes a project, its tasks and its team.
 * @throws {ProblemError} 404 if the project does not exist.
 */
export function deleteProject(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit((tx) =>
    projects.remove(tx, id, async (where) => {
      const members = await membersOf(tx, id);
      tx.invalidate(projectTags.team(id), ...each(projectTags.ofUser, ...members.map(({ userId }) => userId)));
      const tasks = await lockTasksOfProject(tx.db, tx.tenant, id);
      const companyIds = await companiesOfTasks(tx.db, tx.tenant, tasks);
      for (const task of tasks) tx.invalidate(...taskTags.of(task, companyIds));
      return tx.db.project.delete({ where });
    }),
  );
}

/** Returns the members of a project, whose row must be locked. */
function membersOf({ db, tenant }: Transaction, projectId: string) {
  return db.projectMember.findMany({ where: { tenantId: tenant, projectId }, select: { userId: true } });
}

function dates({ startDate, dueDate }: Pick<ProjectChanges, 'startDate' | 'dueDate'>) {
  return { startDate: dayColumn(startDate), dueDate: dayColumn(dueDate) };
}
