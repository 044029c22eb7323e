/** The queries of projects. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { pageWindow, toPage } from '../../platform/rest/index.ts';
import { idArgs } from '../arguments.ts';
import { row } from '../row.ts';
import { projectKind } from '../search/kinds.ts';
import { idsMatching } from '../search/list.ts';
import { companyTags, projectTags, taskTags, tenantTags, userTags } from '../tags.ts';
import { loadWorklist, type WorklistArgs, worklistQuerySchema } from '../tasks/worklist.ts';
import { endOfDay } from '../tenant/settings.ts';
import { loadDetails, loadStats, loadTeam, projectExists } from './load.ts';
import { toProject } from './project.ts';
import { type ProjectPageArgs, projectPageQuerySchema } from './schema.ts';

/** One project, or `null`. */
export const projectById = row('project', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tag: projectTags.one,
  map: toProject,
});

/**
 * A page of projects. A page that is filtered by a company, owner or status is invalidated only by writes to projects
 * of this company, owner or status.
 */
export const projectPage = query('project-page', {
  args: projectPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: (args: ProjectPageArgs) => [narrowest(args)],
  load: async ({ limit, cursor, search, ...labels }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const found = search === undefined ? {} : await idsMatching(part, projectKind, search, { labels });
    const where = { tenantId: tenant, ...labels, ...beforeCursor, ...found };
    return toPage(await client.project.findMany({ where, take, orderBy }), limit, toProject, where);
  },
});

function narrowest({ companyId, ownerId, status }: ProjectPageArgs): Tag {
  if (companyId) return projectTags.ofCompany(companyId);
  if (ownerId) return projectTags.ofUser(ownerId);
  return status ? projectTags.ofStatus(status) : projectTags.all;
}

/** A project with the names of its company and owner, or `null`. */
export const projectDetails = query('project-details', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: { id: string }) => [projectTags.one(id), companyTags.names, userTags.names],
  load: async ({ id }, { tenant, db }: DataContext) => loadDetails(await db(), tenant, id),
});

/** The members of a project, or `null` if the project does not exist. */
export const projectTeam = query('project-team', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: { id: string }) => [projectTags.one(id), projectTags.team(id), userTags.names],
  load: async ({ id }, { tenant, db }: DataContext) => {
    const client = await db();
    const [exists, members] = await Promise.all([projectExists(client, tenant, id), loadTeam(client, tenant, id)]);
    return exists ? { members } : null;
  },
});

/** A page of a project's tasks, open tasks first, or `null` if the project does not exist. */
export const projectTasks = query('project-tasks', {
  args: worklistQuerySchema.extend(idArgs.shape),
  ttl: '5m',
  stale: '5m',
  tags: ({ id }: WorklistArgs & { id: string }) => [projectTags.one(id), taskTags.ofProject(id)],
  load: async ({ id, ...args }, { tenant, db }: DataContext) => {
    const client = await db();
    const [exists, tasks] = await Promise.all([
      projectExists(client, tenant, id),
      loadWorklist(client, tenant, { project_id: id }, args),
    ]);
    return exists ? tasks : null;
  },
});

/** A project's statistics as of today in the tenant's time zone, or `null` if the project does not exist. */
export const projectStats = query('project-stats', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  until: endOfDay,
  tags: ({ id }: { id: string }) => [tenantTags.settings, projectTags.one(id), taskTags.ofProject(id)],
  load: async ({ id }, { tenant, db, now }: DataContext) => {
    const client = await db();
    const [exists, stats] = await Promise.all([
      projectExists(client, tenant, id),
      loadStats(client, tenant, id, now()),
    ]);
    return exists ? stats : null;
  },
});

/** The number of tasks that the full page of a project shows. */
const TASKS_SHOWN = 50;

/** A project with all the data of its page, or `null`. */
export const projectFull = query('project-full', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: { id: string }) => [
    tenantTags.settings,
    projectTags.one(id),
    projectTags.team(id),
    taskTags.ofProject(id),
    companyTags.names,
    userTags.names,
  ],
  load: async ({ id }, { tenant, db, now }: DataContext) => {
    const client = await db();
    const [details, tasks, team, stats] = await Promise.all([
      loadDetails(client, tenant, id),
      loadWorklist(client, tenant, { project_id: id }, { limit: TASKS_SHOWN }),
      loadTeam(client, tenant, id),
      loadStats(client, tenant, id, now()),
    ]);
    return details && { ...details, tasks, team, stats };
  },
  until: ({ stats }) => endOfDay(stats),
});
