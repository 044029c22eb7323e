/** Converts a row to the API's task: dates as days, times in UTC. */
import { dayOf } from '../../platform/rest/index.ts';
import type { Task } from './schema.ts';

/** The columns of a task that the API returns. */
export interface TaskRow extends Omit<Task, 'dueDate' | 'completedAt' | 'createdAt' | 'updatedAt'> {
  dueDate: Date | null;
  completedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Converts a row to the form that is returned and cached. */
export function toTask(row: TaskRow): Task {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    dueDate: row.dueDate && dayOf(row.dueDate),
    completedAt: row.completedAt?.toISOString() ?? null,
    assigneeId: row.assigneeId,
    projectId: row.projectId,
    dealId: row.dealId,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
