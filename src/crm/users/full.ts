/** The query of a user with counts, latest deals and latest tasks. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { idArgs } from '../arguments.ts';
import { toDeal } from '../deals/deal.ts';
import { shownRows } from '../fields/custom.ts';
import { companyTags, contactTags, dealTags, fieldTags, projectTags, taskTags, userTags } from '../tags.ts';
import { toTask } from '../tasks/task.ts';
import { loadOwned } from './owned.ts';
import { countProjects } from './projects.ts';
import type { UserFull } from './schema.ts';
import { toUser, userColumns } from './user.ts';

/** The number of deals and tasks that are shown. */
const SHOWN = 10;

/** A user with counts and the latest deals and tasks, or `null`. Five statements. */
export const userFull = query('user-full', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tags: ({ id }: { id: string }) => [
    userTags.one(id),
    fieldTags.of('deal'),
    companyTags.ofOwner(id),
    contactTags.ofOwner(id),
    dealTags.ofOwner(id),
    projectTags.ofUser(id),
    taskTags.ofAssignee(id),
  ],
  load: async ({ id }, { tenant, db }: DataContext): Promise<UserFull | null> => {
    const client = await db();
    const latest = { take: SHOWN, orderBy: { id: 'desc' } } as const;
    const [row, owned, projects, deals, tasks] = await Promise.all([
      client.user.findUnique({ where: { tenantId_id: { tenantId: tenant, id } }, select: userColumns }),
      loadOwned(client, tenant, id),
      countProjects(client, tenant, id),
      client.deal.findMany({ where: { tenantId: tenant, ownerId: id }, ...latest }),
      client.task.findMany({ where: { tenantId: tenant, assigneeId: id }, ...latest }),
    ]);
    if (!row) return null;
    return {
      ...toUser(row),
      counts: { ...owned, projects },
      recentDeals: (await shownRows(client, tenant, 'deal', deals)).map(toDeal),
      recentTasks: tasks.map(toTask),
    };
  },
});
