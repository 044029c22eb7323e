/** The API's schemas of a user: answers, changes and filters. They never contain credentials. */
import { z } from '@hono/zod-openapi';
import { roleSchema } from '../../identity/index.ts';
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
import { timeZoneInputSchema, timeZoneSchema } from '../tenant/schema.ts';

export const userSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    name: z.string(),
    role: roleSchema,
    timeZone: timeZoneSchema.nullable().openapi({ description: 'Null is the time zone of the tenant.' }),
    disabledAt: momentSchema.nullable().openapi({ description: 'When the user was disabled; null if enabled.' }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('User');

const timeZone = timeZoneInputSchema.nullable().openapi({
  description: 'An IANA name, for the dashboard and the mails of the user. Null is the time zone of the tenant.',
});

export const userChangesSchema = changesSchema(
  z.strictObject({
    name: textSchema(200),
    role: roleSchema,
    timeZone,
    disabled: z.boolean().openapi({ description: 'Disabled users cannot sign in. Users are never deleted.' }),
  }),
).openapi('UserChanges');

export const ownChangesSchema = changesSchema(z.strictObject({ name: textSchema(200), timeZone })).openapi(
  'OwnChanges',
);

export const userPageSchema = pageSchema(userSchema).openapi('UserPage');

export const userPageQuerySchema = pageQuerySchema.extend({
  role: roleSchema.optional(),
  search: textSchema(100).optional().openapi({ description: 'Part of the name or the e-mail address, in any case.' }),
});

export const userFullSchema = userSchema
  .extend({
    counts: z.object({
      companies: z.number().int(),
      contacts: z.number().int(),
      openDeals: z.number().int(),
      openTasks: z.number().int(),
      projects: z.number().int().openapi({ description: 'Projects that the user owns or is a member of.' }),
    }),
    recentDeals: z.array(dealSchema),
    recentTasks: z.array(taskSchema),
  })
  .openapi('UserFull');

export const userProjectPageSchema = pageSchema(
  projectSchema.extend({
    role: projectRoleSchema.nullable().openapi({ description: 'Null for an owner who is not a member.' }),
  }),
).openapi('UserProjectPage');

export const userDashboardSchema = z
  .object({
    day: daySchema.openapi({ description: 'Today in `timeZone`: the day to which overdue and this week refer.' }),
    timeZone: timeZoneSchema.openapi({ description: 'The time zone of the user, or of the tenant.' }),
    tasks: z.object({
      open: z.number().int(),
      overdue: z.number().int(),
      dueThisWeek: z.number().int().openapi({ description: 'Due from today to Sunday.' }),
      next: z.array(taskSchema).openapi({ description: 'Open tasks by due date.' }),
    }),
    pipeline: pipelineSchema.openapi({ description: 'The pipeline of the user’s own deals.' }),
    recentActivity: z.array(activitySchema).openapi({ description: 'The user’s latest activities.' }),
    unreadNotifications: z.number().int(),
  })
  .openapi('UserDashboard');

export type User = z.infer<typeof userSchema>;
export type OwnChanges = z.infer<typeof ownChangesSchema>;
export type UserChanges = z.infer<typeof userChangesSchema>;
export type UserPageArgs = z.infer<typeof userPageQuerySchema>;
export type UserProject = z.infer<typeof userProjectPageSchema>['items'][number];
export type UserFull = z.infer<typeof userFullSchema>;
export type UserDashboard = z.infer<typeof userDashboardSchema>;
