/** The queries of tasks. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { pageWindow, toPage } from '../../platform/rest/index.ts';
import type { Condition } from '../../platform/search/index.ts';
import { idArgs } from '../arguments.ts';
import { row } from '../row.ts';
import { taskKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { taskTags } from '../tags.ts';
import { type TaskFilter, type TaskPageArgs, taskPageQuerySchema } from './schema.ts';
import { toTask } from './task.ts';

/** One task, or `null`. */
export const taskById = row('task', { args: idArgs, ttl: '15m', stale: '5m', tag: taskTags.one, map: toTask });

/**
 * A page of tasks. A page that is filtered by a project, deal, user or status is invalidated only by writes to tasks of
 * this project, deal, user or status.
 */
export const taskPage = query('task-page', {
  args: taskPageQuerySchema,
  ttl: '5m',
  stale: '5m',
  tags: (args: TaskPageArgs) => [narrowest(args)],
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingTasks(part, filter)) };
    return toPage(await client.task.findMany({ where, take, orderBy }), limit, toTask, where);
  },
});

function narrowest({ projectId, dealId, assigneeId, status }: TaskPageArgs): Tag {
  if (projectId) return taskTags.ofProject(projectId);
  if (dealId) return taskTags.ofDeal(dealId);
  if (assigneeId) return taskTags.ofAssignee(assigneeId);
  return status ? taskTags.ofStatus(status) : taskTags.all;
}

/**
 * Returns the condition for the filters of a part of a list. A search costs the statements of {@link idsMatching}.
 */
export async function matchingTasks(part: ListPart, { search, dueBefore, ...equal }: TaskFilter) {
  const filter = { ...equal, ...(dueBefore === undefined ? {} : { dueDate: { lt: new Date(dueBefore) } }) };
  if (search === undefined) return filter;
  const { priority, assigneeId: ownerId, ...labels } = equal;
  // The index of the search does not know these two.
  const of = 'EXISTS (SELECT FROM tasks WHERE tasks.tenant_id = $1 AND tasks.id = entry.id AND';
  const conditions: Condition[] = [
    ...(priority ? [(bind: Parameters<Condition>[0]) => `${of} priority = ${bind(priority)}::task_priority)`] : []),
    ...(dueBefore ? [(bind: Parameters<Condition>[0]) => `${of} due_date < ${bind(dueBefore)}::date)`] : []),
  ];
  const found = await idsMatching(part, taskKind, search, { labels: { ...labels, ownerId }, conditions });
  return { ...filter, ...found };
}
