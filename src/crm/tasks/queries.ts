/** The queries of tasks. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { pageWindow, toPage } from '../../platform/rest/index.ts';
import { idArgs } from '../arguments.ts';
import { row } from '../row.ts';
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
    const where = { tenantId: tenant, ...matchingTasks(filter), ...beforeCursor };
    return toPage(await (await db()).task.findMany({ where, take, orderBy }), limit, toTask);
  },
});

function narrowest({ projectId, dealId, assigneeId, status }: TaskPageArgs): Tag {
  if (projectId) return taskTags.ofProject(projectId);
  if (dealId) return taskTags.ofDeal(dealId);
  if (assigneeId) return taskTags.ofAssignee(assigneeId);
  return status ? taskTags.ofStatus(status) : taskTags.all;
}

/** Returns the condition for the filters of a list. */
export function matchingTasks({ dueBefore, ...filter }: TaskFilter) {
  return { ...filter, ...(dueBefore === undefined ? {} : { dueDate: { lt: new Date(dueBefore) } }) };
}
