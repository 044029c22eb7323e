/** `/projects` */
import { z } from '@hono/zod-openapi';
import { createRouter, idSchema } from '../../platform/http/index.ts';
import { command, oneSchema, resource, view } from '../../platform/rest/index.ts';
import { projectFeed } from '../feeds.ts';
import { taskPageSchema } from '../tasks/schema.ts';
import { worklistQuerySchema } from '../tasks/worklist.ts';
import { memberRow, removeMember, setMember } from './members.ts';
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

const topicOf = (id: string) => `${projectFeed.name}:${id}`;

projectRoutes.route(
  '/',
  resource({
    singular: 'project',
    plural: 'projects',
    access: { read: 'crm:read', write: 'crm:write' },
    schemas: {
      item: projectSchema,
      page: projectPageSchema,
      pageQuery: projectPageQuerySchema,
      create: newProjectSchema,
      changes: projectChangesSchema,
    },
    live: { one: topicOf },
    costs: {
      create: { requests: 4, commands: 6, statements: 5 },
      update: { requests: 4, commands: 6, statements: 8 },
      delete: { requests: 4, commands: 6, statements: 9 },
    },
    queries: { one: projectById, page: projectPage },
    writes: { create: createProject, update: updateProject, remove: deleteProject },
  }),
);

const ofOne = {
  tag: 'Projects',
  access: 'crm:read',
  params: oneSchema,
  missing: 'project',
  live: ({ id }: { id: string }) => topicOf(id),
} as const;

view(projectRoutes, {
  id: 'projects.getDetails',
  ...ofOne,
  path: '/projects/{id}/details',
  summary: 'Get a project with the names of its company and owner',
  cost: { miss: { statements: 3 } },
  answer: projectDetailsSchema,
  query: projectDetails,
  args: ({ id }) => ({ id }),
});

view(projectRoutes, {
  id: 'projects.getFull',
  ...ofOne,
  path: '/projects/{id}/full',
  summary: 'Get a project with its tasks, team and statistics',
  cost: { miss: { statements: 8 } },
  answer: projectFullSchema,
  query: projectFull,
  args: ({ id }) => ({ id }),
});

view(projectRoutes, {
  id: 'projects.listTasks',
  ...ofOne,
  path: '/projects/{id}/tasks',
  summary: 'List the tasks of a project, open tasks first, by due date',
  cost: { miss: { statements: 2 } },
  answer: taskPageSchema,
  search: worklistQuerySchema,
  query: projectTasks,
  args: (input) => input,
});

view(projectRoutes, {
  id: 'projects.listMembers',
  ...ofOne,
  path: '/projects/{id}/team',
  summary: 'List the members of a project',
  cost: { miss: { statements: 3 } },
  answer: projectTeamSchema,
  query: projectTeam,
  args: ({ id }) => ({ id }),
});

view(projectRoutes, {
  id: 'projects.getStatistics',
  ...ofOne,
  path: '/projects/{id}/stats',
  summary: 'Get a project’s statistics',
  cost: { miss: { statements: 3 } },
  answer: projectStatsSchema,
  query: projectStats,
  args: ({ id }) => ({ id }),
});

const member = {
  path: '/projects/{id}/members/{userId}',
  tag: 'Projects',
  access: 'crm:write',
  params: z.object({ id: idSchema, userId: idSchema }),
  problems: [404],
} as const;

command(projectRoutes, {
  ...member,
  id: 'projects.setMember',
  method: 'put',
  summary: 'Add a member to a project, or change the member’s role',
  cost: { requests: 4, commands: 6, statements: 9 },
  body: membershipSchema,
  answer: projectMemberSchema,
  effect: 'The member',
  tagged: true,
  changes: memberRow,
  run: ({ params, body }, { tenant }) => setMember(tenant, params, body),
});

command(projectRoutes, {
  ...member,
  id: 'projects.removeMember',
  method: 'delete',
  summary: 'Remove a member from a project',
  cost: { requests: 4, commands: 6, statements: 7 },
  effect: 'Removed',
  changes: memberRow,
  run: ({ params }, { tenant }) => removeMember(tenant, params),
});
