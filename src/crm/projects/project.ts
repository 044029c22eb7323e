/** Converts rows to the API's projects and members: dates as days, times in UTC. */
import { dayOf } from '../../platform/rest/index.ts';
import type { Project, ProjectMember } from './schema.ts';

/** The columns of a project that the API returns. */
export interface ProjectRow extends Omit<Project, 'startDate' | 'dueDate' | 'createdAt' | 'updatedAt'> {
  startDate: Date | null;
  dueDate: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a membership and of its user that the API returns. */
export interface ProjectMemberRow {
  role: ProjectMember['role'];
  createdAt: Date;
  user: { id: string; name: string };
}

/** Converts a row to the form that is returned and cached. */
export function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    status: row.status,
    companyId: row.companyId,
    ownerId: row.ownerId,
    startDate: row.startDate && dayOf(row.startDate),
    dueDate: row.dueDate && dayOf(row.dueDate),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Converts a membership to the form that is returned and cached. */
export function toProjectMember({ user, role, createdAt }: ProjectMemberRow): ProjectMember {
  return { userId: user.id, name: user.name, role, since: createdAt.toISOString() };
}
