/**
 * The tasks of a user or a project in the order of work: open tasks first, then by due date. The cursor is the position
 * of the page's last task in this order. So the next page is right even if that task has changed in the meantime.
 */
import { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { daySchema, pageQuerySchema } from '../../platform/http/index.ts';
import type { Page } from '../../platform/rest/index.ts';
import { type Task, taskStatusSchema } from './schema.ts';
import { type TaskRow, toTask } from './task.ts';

/** The form of a cursor: `<0 open, 1 closed>_<due date or none>_<task id>`. */
const CURSOR = /^([01])_(\d{4}-\d\d-\d\d|none)_([A-Za-z0-9][\w-]{0,63})$/;

export const worklistQuerySchema = pageQuerySchema.extend({
  status: taskStatusSchema.optional(),
  cursor: z
    .string()
    .refine((text) => place(text) !== null, 'must be the nextCursor of this list')
    .optional()
    .openapi({ description: 'The `nextCursor` of the previous page.' }),
});

export type WorklistArgs = z.infer<typeof worklistQuerySchema>;

/** The user or the project whose tasks are listed. The property names are columns of the table. */
export type WorklistOf = { assignee_id: string } | { project_id: string };

/** Loads a page of a user's or a project's tasks with one statement. */
export async function loadWorklist(
  client: PrismaClient,
  tenant: string,
  of: WorklistOf,
  { limit, status, cursor }: WorklistArgs,
): Promise<Page<Task>> {
  const [column, id] = 'assignee_id' in of ? ['assignee_id', of.assignee_id] : ['project_id', of.project_id];
  const from = cursor === undefined ? null : place(cursor);
  // The text of the statement contains only constants of this function; values are parameters.
  const rows = await client.$queryRawUnsafe<TaskRow[]>(
    `SELECT id, title, description, status::text AS status, priority::text AS priority, due_date AS "dueDate",
       completed_at AS "completedAt", assignee_id AS "assigneeId", project_id AS "projectId", deal_id AS "dealId",
       created_at AS "createdAt", updated_at AS "updatedAt"
     FROM tasks
     WHERE tenant_id = $1 AND ${column} = $2 AND ($3::task_status IS NULL OR status = $3::task_status)
       AND ((status IN ('done', 'cancelled'))::int, coalesce(due_date, 'infinity'), id) > ($4::int, $5::date, $6::text)
     ORDER BY (status IN ('done', 'cancelled'))::int, coalesce(due_date, 'infinity'), id
     LIMIT $7::int`,
    tenant,
    id,
    status ?? null,
    from?.closed ?? -1,
    from?.due ?? '-infinity',
    from?.id ?? '',
    limit + 1,
  );
  const items = rows.slice(0, limit).map(toTask);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? cursorAt(last) : null };
}

function cursorAt({ status, dueDate, id }: Task): string {
  return `${status === 'done' || status === 'cancelled' ? 1 : 0}_${dueDate ?? 'none'}_${id}`;
}

function place(cursor: string): { closed: number; due: string; id: string } | null {
  const [, closed, due, id] = CURSOR.exec(cursor) ?? [];
  if (!closed || !due || !id || (due !== 'none' && !daySchema.safeParse(due).success)) return null;
  return { closed: Number(closed), due: due === 'none' ? 'infinity' : due, id };
}
