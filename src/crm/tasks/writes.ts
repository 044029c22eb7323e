/** The writes to tasks. Each write invalidates the cached values of the rows it changes. */
import { lockRow } from '../../platform/db/index.ts';
import { notFound, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { record } from '../activities/record.ts';
import { dayColumn } from '../calendar.ts';
import { notify } from '../notifications/job.ts';
import { companiesOfTasks } from '../references.ts';
import { taskTags } from '../tags.ts';
import type { NewTask, Task, TaskChanges } from './schema.ts';
import { toTask } from './task.ts';

/** Adds a task. */
export function createTask(tenant: TenantScope, scope: Scope, task: NewTask): Promise<Task> {
  return tenant.commit(async (tx) => {
    const now = new Date(scope.system.now());
    const row = await tx.db.task.create({
      data: {
        ...task,
        dueDate: dayColumn(task.dueDate),
        completedAt: task.status === 'done' ? now : null,
        id: scope.system.rowId('task'),
        tenantId: tenant.tenant,
        createdAt: now,
      },
    });
    const tags = taskTags.of(row, await companiesOfTasks(tx.db, tenant.tenant, [row]));
    const about = { entityType: 'task', entityId: row.id, data: { title: row.title } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'created', tags });
    if (row.assigneeId) await notify(tx, tenant, { kind: 'task.assigned', id: row.id });
    return toTask(row);
  });
}

/**
 * Changes a task. The status `done` sets `completedAt`; any other status clears it.
 * @throws {ProblemError} 404 if the task does not exist.
 */
export function updateTask(tenant: TenantScope, scope: Scope, id: string, changes: TaskChanges): Promise<Task> {
  return tenant.commit(async (tx) => {
    const where = { tenantId_id: { tenantId: tenant.tenant, id } };
    if (!(await lockRow(tx.db, 'tasks', tenant.tenant, id))) throw notFound('task');
    const before = await tx.db.task.findUniqueOrThrow({ where });
    const status = changes.status ?? before.status;
    const completing = status === 'done' && before.status !== 'done';
    const row = await tx.db.task.update({
      where,
      data: {
        ...changes,
        dueDate: dayColumn(changes.dueDate),
        ...(completing ? { completedAt: new Date(scope.system.now()) } : {}),
        ...(status === 'done' ? {} : { completedAt: null }),
      },
    });
    const companyIds = await companiesOfTasks(tx.db, tenant.tenant, [before, row]);
    await record(tx, tenant, scope, {
      verb: completing ? 'completed' : 'updated',
      entityType: 'task',
      entityId: id,
      data: { title: row.title, fields: Object.keys(changes) },
      tags: [...taskTags.of(before, companyIds), ...taskTags.of(row, companyIds)],
    });
    if (row.assigneeId && row.assigneeId !== before.assigneeId) await notify(tx, tenant, { kind: 'task.assigned', id });
    return toTask(row);
  });
}

/**
 * Deletes a task.
 * @throws {ProblemError} 404 if the task does not exist.
 */
export function deleteTask(tenant: TenantScope, scope: Scope, id: string): Promise<void> {
  const { tenant: tenantId } = tenant;
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'tasks', tenantId, id))) throw notFound('task');
    const row = await tx.db.task.delete({ where: { tenantId_id: { tenantId, id } } });
    const tags = taskTags.of(row, await companiesOfTasks(tx.db, tenantId, [row]));
    const about = { entityType: 'task', entityId: id, data: { title: row.title } } as const;
    await record(tx, tenant, scope, { ...about, verb: 'deleted', tags });
  });
}
