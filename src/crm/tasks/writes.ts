/** The writes to tasks. */
import type { TenantScope } from '../../platform/http/index.ts';
import { dayColumn, entity } from '../../platform/rest/index.ts';
import { recordActivity } from '../activities/record.ts';
import { announceTask } from '../feeds.ts';
import { notify } from '../notifications/job.ts';
import { companiesOfTasks } from '../references.ts';
import { taskTags } from '../tags.ts';
import type { NewTask, Task, TaskChanges } from './schema.ts';
import { type TaskRow, toTask } from './task.ts';

const tasks = entity({
  kind: 'task',
  table: 'tasks',
  load: (db, where): Promise<TaskRow> => db.task.findUniqueOrThrow({ where }),
  show: toTask,
  async tags(tx, states) {
    const companyIds = await companiesOfTasks(tx.db, tx.tenant, states);
    return states.flatMap((state) => taskTags.of(state, companyIds));
  },
  label: ({ title }) => ({ title }),
  async record(tx, activity, states) {
    announceTask(tx, activity, states);
    await recordActivity(tx, activity);
  },
});

/** Adds a task. */
export function createTask(tenant: TenantScope, task: NewTask): Promise<Task> {
  return tenant.commit(async (tx) => {
    const row = await tasks.add(tx, (columns) => {
      const completedAt = task.status === 'done' ? columns.createdAt : null;
      return tx.db.task.create({ data: { ...task, ...columns, dueDate: dayColumn(task.dueDate), completedAt } });
    });
    if (row.assigneeId) await notify(tx, { kind: 'task.assigned', id: row.id });
    return toTask(row);
  });
}

/**
 * Changes a task. The status `done` sets `completedAt`; any other status clears `completedAt`.
 * @throws {ProblemError} 404 if the task does not exist.
 */
export function updateTask(tenant: TenantScope, id: string, changes: TaskChanges): Promise<Task> {
  const activity = {
    fields: Object.keys(changes),
    verb: (before: TaskRow, row: TaskRow) => (completes(before, row.status) ? 'completed' : 'updated'),
  };
  return tenant.commit(async (tx) => {
    const { before, row } = await tasks.change(tx, id, activity, (before, where) => {
      const status = changes.status ?? before.status;
      return tx.db.task.update({
        where,
        data: {
          ...changes,
          dueDate: dayColumn(changes.dueDate),
          ...(completes(before, status) ? { completedAt: new Date(tx.system.now()) } : {}),
          ...(status === 'done' ? {} : { completedAt: null }),
        },
      });
    });
    if (row.assigneeId && row.assigneeId !== before.assigneeId) await notify(tx, { kind: 'task.assigned', id });
    return toTask(row);
  });
}

/**
 * Deletes a task.
 * @throws {ProblemError} 404 if the task does not exist.
 */
export function deleteTask(tenant: TenantScope, id: string): Promise<void> {
  return tenant.commit((tx) => tasks.remove(tx, id, (where) => tx.db.task.delete({ where })));
}

function completes(before: TaskRow, status: Task['status']): boolean {
  return status === 'done' && before.status !== 'done';
}
