/**
 * The projects that a user owns or is a member of. Both kinds are read from an index that has the projects of a user in
 * the order of their ids. So the first page reads at most two pages of index entries, however many projects the tenant
 * has; a condition with OR would read all projects of the tenant.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import type { PageArgs } from '../../platform/rest/index.ts';
import { type ProjectRow, toProject } from '../projects/project.ts';
import type { UserProject } from './schema.ts';

/**
 * Loads the user's projects before `cursor`, the newest first, each with the role of the user or `null`. 1 statement.
 * @param take - The greatest number of projects.
 */
export async function loadProjects(
  client: PrismaClient,
  tenant: string,
  userId: string,
  { take, cursor = null }: { take: number; cursor?: PageArgs['cursor'] | null },
): Promise<UserProject[]> {
  const rows = await client.$queryRaw<(ProjectRow & Pick<UserProject, 'role'>)[]>`
    SELECT p.id, name, description, status::text AS status, company_id AS "companyId", owner_id AS "ownerId",
      start_date AS "startDate", due_date AS "dueDate", p.created_at AS "createdAt", p.updated_at AS "updatedAt",
      m.role::text AS role
    FROM (
      (SELECT id FROM projects WHERE tenant_id = ${tenant} AND owner_id = ${userId}
        AND (${cursor}::text IS NULL OR id < ${cursor}::text) ORDER BY id DESC LIMIT ${take}::int)
      UNION
      (SELECT project_id FROM project_members WHERE tenant_id = ${tenant} AND user_id = ${userId}
        AND (${cursor}::text IS NULL OR project_id < ${cursor}::text) ORDER BY project_id DESC LIMIT ${take}::int)
      ORDER BY id DESC LIMIT ${take}::int
    ) AS page
    JOIN projects p ON p.tenant_id = ${tenant} AND p.id = page.id
    LEFT JOIN project_members m ON m.tenant_id = ${tenant} AND m.project_id = page.id AND m.user_id = ${userId}
    ORDER BY p.id DESC`;
  return rows.map(({ role, ...row }) => ({ ...toProject(row), role }));
}

/** Counts the projects that a user owns or is a member of. 1 statement. */
export async function countProjects(client: PrismaClient, tenant: string, userId: string): Promise<number> {
  const [row] = await client.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT id FROM projects WHERE tenant_id = ${tenant} AND owner_id = ${userId}
      UNION SELECT project_id FROM project_members WHERE tenant_id = ${tenant} AND user_id = ${userId}
    ) AS own`;
  return row?.count ?? 0;
}
