/** `/users`, and `/me` for the part of their own account that all users may change. */
import { createRoute } from '@hono/zod-openapi';
import { person } from '../../identity/index.ts';
import { createRouter, guarded, json, jsonBody, pageQuerySchema, problems } from '../../platform/http/index.ts';
import { resource } from '../resource.ts';
import { taskPageSchema } from '../tasks/schema.ts';
import { worklistQuerySchema } from '../tasks/worklist.ts';
import { oneSchema, view } from '../view.ts';
import { userDashboard } from './dashboard.ts';
import { userFull } from './full.ts';
import { userById, userPage, userProjects, userTasks } from './queries.ts';
import {
  ownChangesSchema,
  userChangesSchema,
  userDashboardSchema,
  userFullSchema,
  userPageQuerySchema,
  userPageSchema,
  userProjectPageSchema,
  userSchema,
} from './schema.ts';
import { MANAGE_USERS, renameUser, updateUser } from './writes.ts';

export const userRoutes = createRouter();

userRoutes.route(
  '/',
  resource({
    singular: 'user',
    plural: 'users',
    schemas: {
      item: userSchema,
      page: userPageSchema,
      pageQuery: userPageQuerySchema,
      changes: userChangesSchema,
    },
    queries: { one: userById, page: userPage },
    writes: { update: updateUser },
    writeAccess: MANAGE_USERS,
  }),
);

const rename = createRoute(
  guarded(
    {},
    {
      method: 'patch',
      path: '/me',
      tags: ['Users'],
      summary: 'Update your own name',
      description: 'Needs no right. Change roles and disable users at `/users/{id}`.',
      request: { body: jsonBody(ownChangesSchema) },
      responses: { 200: json(userSchema, 'You, with the new name'), ...problems(400, 404, 409, 415, 503) },
    },
  ),
);
userRoutes.openapi(rename, async (c) => {
  const { userId } = person(c);
  return c.json(await renameUser(c.var.tenant, c.var.scope, userId, c.req.valid('json').name), 200);
});

const ofOne = { tag: 'Users', params: oneSchema, missing: 'user' };

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/full',
  summary: 'Get a user with counts and their latest deals and tasks',
  schema: userFullSchema,
  query: userFull,
  args: ({ id }) => ({ id }),
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/projects',
  summary: 'List the projects a user owns or is a member of, newest first',
  schema: userProjectPageSchema,
  search: pageQuerySchema,
  query: userProjects,
  args: (input) => input,
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/tasks',
  summary: 'List a user’s tasks, open tasks first, by due date',
  schema: taskPageSchema,
  search: worklistQuerySchema,
  query: userTasks,
  args: (input) => input,
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/dashboard',
  summary: 'Get a user’s dashboard',
  schema: userDashboardSchema,
  query: userDashboard,
  args: ({ id }, today) => ({ id, today }),
});
