/** The routes of `/users` and of `/me`. With `/me`, every user may change a part of their own account. */
import { person } from '../../identity/index.ts';
import { createRouter, pageQuerySchema } from '../../platform/http/index.ts';
import { command, oneSchema, resource, view } from '../../platform/rest/index.ts';
import { dashboardFeed } from '../feeds.ts';
import { taskPageSchema } from '../tasks/schema.ts';
import { worklistQuerySchema } from '../tasks/worklist.ts';
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
import { MANAGE_USERS, updateSelf, updateUser } from './writes.ts';

export const userRoutes = createRouter();

userRoutes.route(
  '/',
  resource({
    singular: 'user',
    plural: 'users',
    access: { read: 'crm:read', write: MANAGE_USERS },
    schemas: {
      item: userSchema,
      page: userPageSchema,
      pageQuery: userPageQuerySchema,
      changes: userChangesSchema,
    },
    audited: 'user.read',
    costs: { update: { requests: 4, commands: 6, statements: 10 } },
    queries: { one: userById, page: userPage },
    writes: { update: updateUser },
  }),
);

command(userRoutes, {
  id: 'me.update',
  method: 'patch',
  path: '/me',
  tag: 'Users',
  summary: 'Update your own name or time zone',
  cost: { requests: 4, commands: 7, statements: 7 },
  description: 'Needs no right. Change roles and disable users at `/users/{id}`.',
  access: null,
  body: ownChangesSchema,
  answer: userSchema,
  effect: 'You, after the change',
  tagged: true,
  changes: (_params, { caller }) => ({ kind: 'user', id: person(caller).userId }),
  problems: [404],
  run: ({ body }, { tenant, caller }) => updateSelf(tenant, person(caller).userId, body),
});

const ofOne = { tag: 'Users', access: 'crm:read', params: oneSchema, missing: 'user' } as const;

view(userRoutes, {
  id: 'users.getFull',
  ...ofOne,
  path: '/users/{id}/full',
  summary: 'Get a user with counts and their latest deals and tasks',
  cost: { miss: { statements: 5 } },
  answer: userFullSchema,
  audited: { action: 'user.read', entity: 'user' },
  query: userFull,
  args: ({ id }) => ({ id }),
});

view(userRoutes, {
  id: 'users.listProjects',
  ...ofOne,
  path: '/users/{id}/projects',
  summary: 'List the projects a user owns or is a member of, newest first',
  cost: { miss: { statements: 2 } },
  answer: userProjectPageSchema,
  search: pageQuerySchema,
  query: userProjects,
  args: (input) => input,
});

view(userRoutes, {
  id: 'users.listTasks',
  ...ofOne,
  path: '/users/{id}/tasks',
  summary: 'List a user’s tasks, open tasks first, by due date',
  cost: { miss: { statements: 2 } },
  answer: taskPageSchema,
  search: worklistQuerySchema,
  query: userTasks,
  args: (input) => input,
});

view(userRoutes, {
  id: 'users.getDashboard',
  ...ofOne,
  path: '/users/{id}/dashboard',
  summary: 'Get a user’s dashboard',
  cost: { miss: { statements: 7 } },
  live: () => dashboardFeed.name,
  answer: userDashboardSchema,
  query: userDashboard,
  args: ({ id }) => ({ id }),
});
