/** The queries of users. */

import { query } from '../../platform/cache/index.ts';
import { type DataContext, pageQuerySchema } from '../../platform/http/index.ts';
import { contains, type PageArgs, pageWindow, toPage } from '../../platform/rest/index.ts';
import { idArgs } from '../arguments.ts';
import { projectTags, taskTags, userTags } from '../tags.ts';
import { loadWorklist, type WorklistArgs, worklistQuerySchema } from '../tasks/worklist.ts';
import { loadProjects } from './projects.ts';
import { type UserPageArgs, userPageQuerySchema } from './schema.ts';
import { toUser, userColumns, userExists } from './user.ts';

/** One user, or `null`. */
export const userById = query('user', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tags: ({ id }: { id: string }) => [userTags.one(id)],
  load: async ({ id }, { tenant, db }: DataContext) => {
    const where = { tenantId_id: { tenantId: tenant, id } };
    const row = await (await db()).user.findUnique({ where, select: userColumns });
    return row && toUser(row);
  },
});

/** A page of users. */
export const userPage = query('user-page', {
  args: userPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: (_args: UserPageArgs) => [userTags.all],
  load: async ({ limit, cursor, search, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    // A tenant has few users, so the search needs no index.
    const found = search === undefined ? {} : { OR: [{ name: contains(search) }, { email: contains(search) }] };
    const where = { tenantId: tenant, ...filter, ...found, ...beforeCursor };
    return toPage(await (await db()).user.findMany({ where, take, orderBy, select: userColumns }), limit, toUser);
  },
});

/** A page of the projects that a user owns or is a member of, or `null` if the user does not exist. */
export const userProjects = query('user-projects', {
  args: pageQuerySchema.extend(idArgs.shape),
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: PageArgs & { id: string }) => [userTags.one(id), projectTags.ofUser(id)],
  load: async ({ id, limit, cursor }, { tenant, db }: DataContext) => {
    const client = await db();
    const [exists, projects] = await Promise.all([
      userExists(client, tenant, id),
      loadProjects(client, tenant, id, { take: limit + 1, cursor }),
    ]);
    return exists ? toPage(projects, limit, (project) => project) : null;
  },
});

/** A page of a user's tasks, open tasks first, or `null` if the user does not exist. */
export const userTasks = query('user-tasks', {
  args: worklistQuerySchema.extend(idArgs.shape),
  ttl: '5m',
  stale: '5m',
  tags: ({ id }: WorklistArgs & { id: string }) => [userTags.one(id), taskTags.ofAssignee(id)],
  load: async ({ id, ...args }, { tenant, db }: DataContext) => {
    const client = await db();
    const [exists, tasks] = await Promise.all([
      userExists(client, tenant, id),
      loadWorklist(client, tenant, { assignee_id: id }, args),
    ]);
    return exists ? tasks : null;
  },
});
