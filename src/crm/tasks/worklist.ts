/**
 * The tasks of a user or a project in the order of work: open tasks first, then by due date. The cursor is the position
 * of the page's last task in this order. So the next page is right even if that task has changed in the meantime.
 */
import { z } from '@hono/zod-openapi';
import type { PrismaClient } from '../../platform/db/index.ts';
import { daySchema, pageQuerySchema } from '../../platform/http/index.ts';
import type { Page } from '../../platform/rest/index.ts';
import { isClosed, type Place, readInOrder, type TasksOf } from './in-order.ts';
import { type Task, taskStatuses, taskStatusSchema } from './schema.ts';

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

/** Loads a page of a user's or a project's tasks with one statement. */
export async function loadWorklist(
  client: PrismaClient,
  tenant: string,
  of: TasksOf,
  { limit, status, cursor }: WorklistArgs,
): Promise<Page<Task>> {
  const statuses = status === undefined ? taskStatuses : [status];
  const after = cursor === undefined ? undefined : (place(cursor) ?? undefined);
  const tasks = await readInOrder(client, tenant, of, { statuses, after, limit: limit + 1 });
  const items = tasks.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: tasks.length > limit && last ? cursorAt(last) : null };
}

function cursorAt({ status, dueDate, id }: Task): string {
  return `${isClosed(status) ? 1 : 0}_${dueDate ?? 'none'}_${id}`;
}

function place(cursor: string): Place | null {
  const [, closed, due, id] = CURSOR.exec(cursor) ?? [];
  if (!closed || !due || !id || (due !== 'none' && !daySchema.safeParse(due).success)) return null;
  return { closed: closed === '1', due: due === 'none' ? 'infinity' : due, id };
}
