/** `/projects` */
import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, guarded, idSchema, json, jsonBody, problems } from '../../platform/http/index.ts';
import { resource } from '../resource.ts';
import { taskPageSchema } from '../tasks/schema.ts';
import { worklistQuerySchema } from '../tasks/worklist.ts';
import { oneSchema, view } from '../view.ts';
import { removeMember, setMember } from './members.ts';
import {
  projectById,
  projectDetails,
  projectFull,
  projectPage,
  projectStats,
  projectTasks,
  projectTeam,
} from './queries.ts';
import {
  membershipSchema,
  newProjectSchema,
  projectChangesSchema,
  projectDetailsSchema,
  projectFullSchema,
  projectMemberSchema,
  projectPageQuerySchema,
  projectPageSchema,
  projectSchema,
  projectStatsSchema,
  projectTeamSchema,
} from './schema.ts';
import { createProject, deleteProject, updateProject } from './writes.ts';

export const projectRoutes = createRouter();

projectRoutes.route(
  '/',
  resource({
    singular: 'project',
    plural: 'projects',
    schemas: {
      item: projectSchema,
      page: projectPageSchema,
      pageQuery: projectPageQuerySchema,
      create: newProjectSchema,
      changes: projectChangesSchema,
    },
    queries: { one: projectById, page: projectPage },
    writes: { create: createProject, update: updateProject, remove: deleteProject },
  }),
);

const ofOne = { tag: 'Projects', params: oneSchema, missing: 'project' };

view(projectRoutes, {
  ...ofOne,
  path: '/projects/{id}/details',
  summary: 'Get a project with the names of its company and owner',
  schema: projectDetailsSchema,
  query: projectDetails,
  args: ({ id }) => ({ id }),
});

view(projectRoutes, {
  ...ofOne,
  path: '/projects/{id}/full',
  summary: 'Get a project with its tasks, team and statistics',
  schema: projectFullSchema,
  query: projectFull,
  args: ({ id }, today) => ({ id, today }),
});

view(projectRoutes, {
  ...ofOne,
  path: '/projects/{id}/tasks',
  summary: 'List the tasks of a project, open tasks first, by due date',
  schema: taskPageSchema,
  search: worklistQuerySchema,
  query: projectTasks,
  args: (input) => input,
});

view(projectRoutes, {
  ...ofOne,
  path: '/projects/{id}/team',
  summary: 'List the members of a project',
  schema: projectTeamSchema,
  query: projectTeam,
  args: ({ id }) => ({ id }),
});

view(projectRoutes, {
  ...ofOne,
  path: '/projects/{id}/stats',
  summary: 'Get a project’s statistics',
  schema: projectStatsSchema,
  query: projectStats,
  args: ({ id }, today) => ({ id, today }),
});

const pathOfMember = '/projects/{id}/members/{userId}';
const memberSchema = z.object({ id: idSchema, userId: idSchema });

const put = createRoute(
  guarded(
    { access: 'crm:write' },
    {
      path: pathOfMember,
      tags: ['Projects'],
      method: 'put',
      summary: 'Add a member to a project, or change the member’s role',
      request: { params: memberSchema, body: jsonBody(membershipSchema) },
      responses: { 200: json(projectMemberSchema, 'The member'), ...problems(400, 404, 409, 415) },
    },
  ),
);
projectRoutes.openapi(put, async (c) =>
  c.json(await setMember(c.var.tenant, c.var.scope, c.req.valid('param'), c.req.valid('json')), 200),
);

const remove = createRoute(
  guarded(
    { access: 'crm:write' },
    {
      path: pathOfMember,
      tags: ['Projects'],
      method: 'delete',
      summary: 'Remove a member from a project',
      request: { params: memberSchema },
      responses: { 204: { description: 'Removed' }, ...problems(400, 404, 409) },
    },
  ),
);
projectRoutes.openapi(remove, async (c) => {
  await removeMember(c.var.tenant, c.var.scope, c.req.valid('param'));
  return c.body(null, 204);
});
