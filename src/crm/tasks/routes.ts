/** `/tasks` */
import { resource } from '../../platform/rest/index.ts';
import { taskById, taskPage } from './queries.ts';
import { newTaskSchema, taskChangesSchema, taskPageQuerySchema, taskPageSchema, taskSchema } from './schema.ts';
import { createTask, deleteTask, updateTask } from './writes.ts';

export const taskRoutes = resource({
  singular: 'task',
  plural: 'tasks',
  access: { read: 'crm:read', write: 'crm:write' },
  schemas: {
    item: taskSchema,
    page: taskPageSchema,
    pageQuery: taskPageQuerySchema,
    create: newTaskSchema,
    changes: taskChangesSchema,
  },
  costs: {
    create: { requests: 4, commands: 8, statements: 7, messages: 1 },
    update: { requests: 4, commands: 7, statements: 9 },
    delete: { requests: 4, commands: 7, statements: 8 },
  },
  queries: { one: taskById, page: taskPage },
  writes: { create: createTask, update: updateTask, remove: deleteTask },
});
