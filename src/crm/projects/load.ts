/** Loaders shared by several queries of a project. They do not check whether the project exists. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { dayIn } from '../../platform/rest/index.ts';
import { taskStatuses } from '../tasks/schema.ts';
import { loadSettings } from '../tenant/settings.ts';
import { toProject, toProjectMember } from './project.ts';
import type { ProjectDetails, ProjectMember, ProjectStats } from './schema.ts';

const named = { select: { id: true, name: true } } as const;

/** Returns whether the project exists. */
export async function projectExists(client: PrismaClient, tenantId: string, id: string): Promise<boolean> {
  const where = { tenantId_id: { tenantId, id } };
  return (await client.project.findUnique({ where, select: { id: true } })) !== null;
}

/** Returns a project with the names of its company and owner, or `null`. */
export async function loadDetails(client: PrismaClient, tenantId: string, id: string): Promise<ProjectDetails | null> {
  const where = { tenantId_id: { tenantId, id } };
  const row = await client.project.findUnique({ where, include: { company: named, owner: named } });
  return row && { ...toProject(row), company: row.company, owner: row.owner };
}

/** Returns the members, leads first. */
export async function loadTeam(client: PrismaClient, tenantId: string, projectId: string): Promise<ProjectMember[]> {
  const rows = await client.projectMember.findMany({
    where: { tenantId, projectId },
    select: { role: true, createdAt: true, user: named },
    orderBy: [{ role: 'asc' }, { createdAt: 'asc' }, { userId: 'asc' }],
  });
  return rows.map(toProjectMember);
}

interface StatusCount {
  status: (typeof taskStatuses)[number];
  count: number;
  overdue: number;
}

/** Returns a project's statistics. Tasks due before today in the tenant's time zone are overdue. 2 queries. */
export async function loadStats(
  client: PrismaClient,
  tenant: string,
  projectId: string,
  now: number,
): Promise<ProjectStats> {
  const { timeZone } = await loadSettings(client, tenant);
  const day = dayIn(timeZone, now);
  const groups = await client.$queryRaw<StatusCount[]>`
    SELECT status::text AS status, count(*)::int AS count,
      (count(*) FILTER (WHERE status NOT IN ('done', 'cancelled') AND due_date < ${day}::date))::int AS overdue
    FROM tasks WHERE tenant_id = ${tenant} AND project_id = ${projectId} GROUP BY status`;
  const counts = new Map(groups.map(({ status, count }) => [status, count]));
  const countOf = (status: StatusCount['status']) => counts.get(status) ?? 0;
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const wanted = total - countOf('cancelled');
  return {
    day,
    timeZone,
    tasks: taskStatuses.map((status) => ({ status, count: countOf(status) })),
    total,
    open: wanted - countOf('done'),
    overdue: groups.reduce((sum, { overdue }) => sum + overdue, 0),
    doneRatio: wanted === 0 ? null : Math.round((countOf('done') / wanted) * 10_000) / 10_000,
  };
}
