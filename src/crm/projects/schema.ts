/** The API's schemas of a project: answers, new projects, changes and filters. */
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
import { namedSchema } from '../activities/schema.ts';
import { listSearchSchema } from '../search/list-schema.ts';
import { taskPageSchema, taskStatuses, taskStatusSchema } from '../tasks/schema.ts';
import { timeZoneSchema } from '../tenant/schema.ts';

export const projectStatusSchema = z.enum(['planned', 'active', 'paused', 'done', 'cancelled']);
export const projectRoleSchema = z.enum(['lead', 'contributor', 'viewer']);

export const projectSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    description: z.string().nullable(),
    status: projectStatusSchema,
    companyId: idSchema.nullable(),
    ownerId: idSchema.nullable(),
    startDate: daySchema.nullable(),
    dueDate: daySchema.nullable(),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Project');

export const newProjectSchema = z
  .strictObject({
    name: textSchema(200),
    description: noteSchema(10_000).nullish(),
    status: projectStatusSchema.default('planned'),
    companyId: idSchema.nullish(),
    ownerId: idSchema.nullish(),
    startDate: daySchema.nullish(),
    dueDate: daySchema.nullish(),
  })
  .openapi('NewProject');

export const projectChangesSchema = changesSchema(newProjectSchema.extend({ status: projectStatusSchema })).openapi(
  'ProjectChanges',
);

export const projectPageSchema = pageSchema(projectSchema).openapi('ProjectPage');

export const projectPageQuerySchema = pageQuerySchema.extend({
  search: listSearchSchema('name and the description'),
  status: projectStatusSchema.optional(),
  companyId: idSchema.optional(),
  ownerId: idSchema.optional(),
});

export const projectDetailsSchema = projectSchema
  .extend({ company: namedSchema.nullable(), owner: namedSchema.nullable() })
  .openapi('ProjectDetails');

export const projectMemberSchema = z
  .object({ userId: idSchema, name: z.string(), role: projectRoleSchema, since: momentSchema })
  .openapi('ProjectMember');

export const projectTeamSchema = z.object({ members: z.array(projectMemberSchema) }).openapi('ProjectTeam');

export const membershipSchema = z.strictObject({ role: projectRoleSchema }).openapi('ProjectMembership');

export const projectStatsSchema = z
  .object({
    day: daySchema.openapi({ description: 'Today in `timeZone`.' }),
    timeZone: timeZoneSchema,
    tasks: z.array(z.object({ status: taskStatusSchema, count: z.number().int() })).length(taskStatuses.length),
    total: z.number().int(),
    open: z.number().int(),
    overdue: z.number().int().openapi({ description: 'Open tasks due before `day`.' }),
    doneRatio: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .openapi({ description: 'The share of done tasks, without cancelled ones; null without tasks.', example: 0.4 }),
  })
  .openapi('ProjectStats');

export const projectFullSchema = projectDetailsSchema
  .extend({
    tasks: taskPageSchema.openapi({ description: 'Open tasks first, by due date; more at `/projects/{id}/tasks`.' }),
    team: z.array(projectMemberSchema),
    stats: projectStatsSchema,
  })
  .openapi('ProjectFull');

export type Project = z.infer<typeof projectSchema>;
export type NewProject = z.infer<typeof newProjectSchema>;
export type ProjectChanges = z.infer<typeof projectChangesSchema>;
export type ProjectPageArgs = z.infer<typeof projectPageQuerySchema>;
export type ProjectDetails = z.infer<typeof projectDetailsSchema>;
export type ProjectMember = z.infer<typeof projectMemberSchema>;
export type ProjectStats = z.infer<typeof projectStatsSchema>;
export type Membership = z.infer<typeof membershipSchema>;
