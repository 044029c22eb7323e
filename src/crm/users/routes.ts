/** `/users` */
import { createRouter, pageQuerySchema } from '../../http/index.ts';
import { resource } from '../resource.ts';
import { taskPageSchema } from '../tasks/schema.ts';
import { worklistQuerySchema } from '../tasks/worklist.ts';
import { oneSchema, view } from '../view.ts';
import { userDashboard } from './dashboard.ts';
import { userFull } from './full.ts';
import { userById, userPage, userProjects, userTasks } from './queries.ts';
import {
  userChangesSchema,
  userDashboardSchema,
  userFullSchema,
  userPageQuerySchema,
  userPageSchema,
  userProjectPageSchema,
  userSchema,
} from './schema.ts';
import { updateUser } from './writes.ts';

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
    // Roles decide what people may do: not for every key that writes.
    writeAccess: 'users:manage',
  }),
);

const ofOne = { tag: 'Users', params: oneSchema, missing: 'user' };

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/full',
  summary: 'A user with counts and their latest deals and tasks',
  schema: userFullSchema,
  query: userFull,
  args: ({ id }) => ({ id }),
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/projects',
  summary: 'The projects somebody owns or takes part in, newest first',
  schema: userProjectPageSchema,
  search: pageQuerySchema,
  query: userProjects,
  args: (input) => input,
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/tasks',
  summary: 'Somebody’s tasks, open ones first, by due date',
  schema: taskPageSchema,
  search: worklistQuerySchema,
  query: userTasks,
  args: (input) => input,
});

view(userRoutes, {
  ...ofOne,
  path: '/users/{id}/dashboard',
  summary: 'What somebody sees first',
  schema: userDashboardSchema,
  query: userDashboard,
  args: ({ id }, today) => ({ id, today }),
});
