/**
 * Reads tasks of a user or a project in the order of work: open tasks first, then by due date, tasks without one last.
 *
 * An index has the tasks of a user, and one those of a project, by status and then in this order. So the statement takes
 * the first tasks of each status from the index and merges them: it reads a page of index entries for each status and one
 * row for each task of the page, however many tasks there are and however rare a status is.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import { type Task, taskStatuses } from './schema.ts';
import { type TaskRow, toTask } from './task.ts';

type Status = Task['status'];

/** The user or the project whose tasks are read. The property names are columns of the table. */
export type TasksOf = { assignee_id: string } | { project_id: string };

/** A position in the order: of open tasks, or of closed ones. The due date may be `infinity`. */
export interface Place {
  closed: boolean;
  due: string;
  id: string;
}

export function isClosed(status: Status): boolean {
  return status === 'done' || status === 'cancelled';
}

/** The statuses of tasks that are still to be done. */
export const OPEN: readonly Status[] = taskStatuses.filter((status) => !isClosed(status));

/** Reads the first tasks with one of the statuses, or the first ones after a place. 1 statement. */
export async function readInOrder(
  client: PrismaClient,
  tenant: string,
  of: TasksOf,
  { statuses, after, limit }: { statuses: readonly Status[]; after?: Place | undefined; limit: number },
): Promise<Task[]> {
  const [column, id] = 'assignee_id' in of ? ['assignee_id', of.assignee_id] : ['project_id', of.project_id];
  const parts = statuses
    .filter((status) => isClosed(status) || after?.closed !== true)
    .map((status) => {
      const begin = after?.closed === isClosed(status) ? after : { due: '-infinity', id: '' };
      return { status, closed: isClosed(status), ...begin };
    });
  // The text of the statement contains only constants of this function; values are parameters.
  const rows = await client.$queryRawUnsafe<TaskRow[]>(
    `SELECT t.id, title, description, status::text AS status, priority::text AS priority, due_date AS "dueDate",
       completed_at AS "completedAt", assignee_id AS "assigneeId", project_id AS "projectId", deal_id AS "dealId",
       created_at AS "createdAt", updated_at AS "updatedAt"
     FROM (
       SELECT part.closed, first.due, first.id
       FROM unnest($3::task_status[], $4::boolean[], $5::date[], $6::text[]) AS part (status, closed, due, id)
       CROSS JOIN LATERAL (
         SELECT coalesce(due_date, 'infinity') AS due, id FROM tasks
         WHERE tenant_id = $1 AND ${column} = $2 AND status = part.status
           AND (coalesce(due_date, 'infinity'), id) > (part.due, part.id)
         ORDER BY coalesce(due_date, 'infinity'), id LIMIT $7::int
       ) AS first
       ORDER BY part.closed, first.due, first.id LIMIT $7::int
     ) AS page
     JOIN tasks t ON t.tenant_id = $1 AND t.id = page.id
     ORDER BY page.closed, page.due, page.id`,
    tenant,
    id,
    parts.map(({ status }) => status),
    parts.map(({ closed }) => closed),
    parts.map(({ due }) => due),
    parts.map((part) => part.id),
    limit,
  );
  return rows.map(toTask);
}
