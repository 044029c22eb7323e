/** What a user looks like from outside, and what may be changed of one. Nothing that proves who they are is in it. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  daySchema,
  idSchema,
  momentSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../../platform/http/index.ts';
import { activitySchema } from '../activities/schema.ts';
import { dealSchema, pipelineSchema } from '../deals/schema.ts';
import { projectRoleSchema, projectSchema } from '../projects/schema.ts';
import { taskSchema } from '../tasks/schema.ts';

export const roleSchema = z.enum(['owner', 'admin', 'member', 'clinician', 'auditor']);

export const userSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    name: z.string(),
    role: roleSchema,
    disabledAt: momentSchema.nullable().openapi({ description: 'Since when they may no longer sign in.' }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('User');

export const userChangesSchema = changesSchema(
  z.strictObject({
    name: textSchema(200),
    role: roleSchema,
    disabled: z.boolean().openapi({ description: 'Whether they may no longer sign in. Users are not deleted.' }),
  }),
).openapi('UserChanges');

export const ownChangesSchema = z.strictObject({ name: textSchema(200) }).openapi('OwnChanges');

export const userPageSchema = pageSchema(userSchema).openapi('UserPage');

export const userPageQuerySchema = pageQuerySchema.extend({
  role: roleSchema.optional(),
  search: textSchema(100).optional().openapi({ description: 'A part of the name or the e-mail, in any case.' }),
});

export const userFullSchema = userSchema
  .extend({
    counts: z.object({
      companies: z.number().int(),
      contacts: z.number().int(),
      openDeals: z.number().int(),
      openTasks: z.number().int(),
      projects: z.number().int().openapi({ description: 'That they own or take part in.' }),
    }),
    recentDeals: z.array(dealSchema),
    recentTasks: z.array(taskSchema),
  })
  .openapi('UserFull');

export const userProjectPageSchema = pageSchema(
  projectSchema.extend({
    role: projectRoleSchema.nullable().openapi({ description: 'Null for an owner who does not take part.' }),
  }),
).openapi('UserProjectPage');

export const userDashboardSchema = z
  .object({
    day: daySchema.openapi({ description: 'Today in UTC; what is overdue and due this week is as of this day.' }),
    tasks: z.object({
      open: z.number().int(),
      overdue: z.number().int(),
      dueThisWeek: z.number().int().openapi({ description: 'From today to Sunday.' }),
      next: z.array(taskSchema).openapi({ description: 'Open tasks by due date.' }),
    }),
    pipeline: pipelineSchema.openapi({ description: 'Of their own deals.' }),
    recentActivity: z.array(activitySchema).openapi({ description: 'What they did last.' }),
    unreadNotifications: z.number().int(),
  })
  .openapi('UserDashboard');

export type User = z.infer<typeof userSchema>;
export type UserChanges = z.infer<typeof userChangesSchema>;
export type UserPageArgs = z.infer<typeof userPageQuerySchema>;
export type UserFull = z.infer<typeof userFullSchema>;
export type UserDashboard = z.infer<typeof userDashboardSchema>;
