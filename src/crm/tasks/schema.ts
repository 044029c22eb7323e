/** The API's schemas of a task: answers, new tasks, changes and filters. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  daySchema,
  idSchema,
  momentSchema,
  noteSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../../platform/http/index.ts';
import { listSearchSchema } from '../search/list-schema.ts';

/** The states of a task; the last two are closed. */
export const taskStatuses = ['todo', 'doing', 'blocked', 'done', 'cancelled'] as const;
export const taskStatusSchema = z.enum(taskStatuses);
export const taskPrioritySchema = z.enum(['low', 'normal', 'high', 'urgent']);

export const taskSchema = z
  .object({
    id: idSchema,
    title: z.string(),
    description: z.string().nullable(),
    status: taskStatusSchema,
    priority: taskPrioritySchema,
    dueDate: daySchema.nullable(),
    completedAt: momentSchema.nullable(),
    assigneeId: idSchema.nullable(),
    projectId: idSchema.nullable(),
    dealId: idSchema.nullable(),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Task');

export const newTaskSchema = z
  .strictObject({
    title: textSchema(200),
    description: noteSchema(10_000).nullish(),
    status: taskStatusSchema.default('todo'),
    priority: taskPrioritySchema.default('normal'),
    dueDate: daySchema.nullish(),
    assigneeId: idSchema.nullish(),
    projectId: idSchema.nullish(),
    dealId: idSchema.nullish(),
  })
  .openapi('NewTask');

export const taskChangesSchema = changesSchema(
  newTaskSchema.extend({ status: taskStatusSchema, priority: taskPrioritySchema }),
).openapi('TaskChanges');

export const taskPageSchema = pageSchema(taskSchema).openapi('TaskPage');

export const taskFilterSchema = z.strictObject({
  search: listSearchSchema('title and the description'),
  status: taskStatusSchema.optional(),
  priority: taskPrioritySchema.optional(),
  assigneeId: idSchema.optional(),
  projectId: idSchema.optional(),
  dealId: idSchema.optional(),
  dueBefore: daySchema.optional().openapi({ description: 'Tasks due before this day.' }),
});

export const taskPageQuerySchema = pageQuerySchema.extend(taskFilterSchema.shape);

export type Task = z.infer<typeof taskSchema>;
export type NewTask = z.infer<typeof newTaskSchema>;
export type TaskChanges = z.infer<typeof taskChangesSchema>;
export type TaskFilter = z.infer<typeof taskFilterSchema>;
export type TaskPageArgs = z.infer<typeof taskPageQuerySchema>;
