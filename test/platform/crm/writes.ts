/**
 * Every write of the CRM, with paths that it must change (or comparing answers would prove nothing) and paths that must
 * stay cached (or invalidating everything would pass). Paths are those of `readablePaths`.
 */
import type { Instance } from '../../support/instance.ts';
import { dayFrom, pastActivity, send, type World } from './world.ts';

/** The writer and the existing rows. */
interface Author {
  writer: Instance;
  world: World;
}

/** A write and its effect on the cache. */
export interface Write {
  name: string;
  run(by: Author): Promise<unknown>;
  /** Some paths whose answers the write changes. */
  changes(by: Author): string[];
  /** Some paths that stay a hit. */
  keeps(by: Author): string[];
}

const pathsOf = {
  user: (id: string) => ['', '/full', '/projects', '/tasks', '/dashboard'].map((end) => `/users/${id}${end}`),
  company: (id: string) => [`/companies/${id}`, `/companies/${id}/full`, `/analytics/companies/${id}/monthly`],
  contact: (id: string) => [`/contacts/${id}`, `/contacts/${id}/full`],
  project: (id: string) => ['', '/details', '/full', '/tasks', '/team', '/stats'].map((end) => `/projects/${id}${end}`),
};

/** The writes run in this order on the same rows; deletions come last. */
export const writes: readonly Write[] = [
  {
    name: 'add a company',
    run: ({ writer, world }) => send(writer, 'POST', '/companies', { name: 'Algae', ownerId: world.users.A }),
    changes: ({ world }) => [
      ...['/companies', `/companies?ownerId=${world.users.A}`, '/companies?search=al', '/dashboard/overview'],
      ...['/analytics/platform', '/dashboard', `/users/${world.users.A}/full`],
      ...['/analytics/activity', '/analytics/activity?by=person', '/analytics/activity?by=kind'],
    ],
    keeps: ({ writer, world }) => [
      ...['/deals', '/contacts', '/dashboard/stats', pastActivity(writer)],
      ...pathsOf.company(world.companies.A),
    ],
  },
  {
    name: 'change the time zone of the tenant',
    run: ({ writer }) => send(writer, 'PATCH', '/tenant', { timeZone: 'Pacific/Kiritimati' }),
    changes: ({ world }) => [
      ...['/tenant', '/dashboard', '/dashboard/overview', '/dashboard/stats', '/analytics/platform'],
      ...[`/users/${world.users.A}/dashboard`, `/analytics/companies/${world.companies.A}/monthly?months=3`],
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.A}/full`, '/analytics/activity'],
    ],
    keeps: ({ world }) => ['/companies', '/deals', '/tasks', `/users/${world.users.A}`, '/dashboard/activity'],
  },
  {
    name: 'rename a company',
    run: ({ writer, world }) => send(writer, 'PATCH', `/companies/${world.companies.A}`, { name: 'Alga & Sons' }),
    changes: ({ world }) => [
      ...['/companies', '/companies?search=al', ...pathsOf.company(world.companies.A)],
      `/contacts/${world.contacts.A}/full`,
      `/projects/${world.projects.A}/details`,
      `/projects/${world.projects.A}/full`,
    ],
    keeps: ({ world }) => [
      '/dashboard/overview',
      '/analytics/platform',
      ...pathsOf.company(world.companies.B),
      '/contacts',
    ],
  },
  {
    name: 'give a company to another owner',
    run: ({ writer, world }) => send(writer, 'PATCH', `/companies/${world.companies.A}`, { ownerId: world.users.B }),
    changes: ({ world }) => [
      ...[`/users/${world.users.A}/full`, `/users/${world.users.B}/full`, `/companies?ownerId=${world.users.A}`],
      ...[`/companies/${world.companies.A}/full`, '/dashboard/activity'],
    ],
    keeps: ({ world }) => [`/projects/${world.projects.A}/details`, `/contacts/${world.contacts.A}/full`],
  },
  {
    name: 'add a contact',
    run: ({ writer, world }) =>
      send(writer, 'POST', '/contacts', { name: 'Asta', companyId: world.companies.A, ownerId: world.users.B }),
    changes: ({ world }) => [
      ...['/contacts', `/contacts?companyId=${world.companies.A}`, `/contacts?ownerId=${world.users.B}`],
      ...['/dashboard/overview', '/analytics/platform', `/companies/${world.companies.A}/full`],
      ...[`/users/${world.users.B}/full`, `/analytics/companies/${world.companies.A}/monthly`],
    ],
    keeps: ({ world }) => ['/deals', ...pathsOf.company(world.companies.B), `/users/${world.users.A}/full`],
  },
  {
    name: 'move a contact to another company',
    run: ({ writer, world }) =>
      send(writer, 'PATCH', `/contacts/${world.contacts.A}`, { companyId: world.companies.B }),
    changes: ({ world }) => [
      ...pathsOf.contact(world.contacts.A),
      ...[`/companies/${world.companies.A}/full`, `/companies/${world.companies.B}/full`],
      `/contacts?companyId=${world.companies.A}`,
    ],
    keeps: ({ world }) => ['/deals', '/dashboard/overview', ...pathsOf.company(world.companies.C)],
  },
  {
    name: 'add a deal',
    run: ({ writer, world }) =>
      send(writer, 'POST', '/deals', {
        ...{ title: 'Sails', value: '7.25', companyId: world.companies.B },
        ...{ contactId: world.contacts.A, ownerId: world.users.B },
      }),
    changes: ({ world }) => [
      '/deals?stage=lead',
      ...['/deals', '/deals/pipeline', '/dashboard/overview', '/analytics/platform'],
      ...[`/deals?ownerId=${world.users.B}`, `/companies/${world.companies.B}/full`],
      ...[`/contacts/${world.contacts.A}/full`, `/users/${world.users.B}/full`, `/users/${world.users.B}/dashboard`],
      `/analytics/companies/${world.companies.B}/monthly`,
    ],
    keeps: ({ world }) => [
      ...['/deals?stage=won', '/dashboard/stats'],
      ...pathsOf.company(world.companies.A),
      ...pathsOf.user(world.users.A),
      ...['/contacts', '/tasks', '/projects', `/deals?companyId=${world.companies.A}`],
    ],
  },
  {
    name: 'win a deal',
    run: ({ writer, world }) => send(writer, 'PATCH', `/deals/${world.deals.A}`, { stage: 'won' }),
    changes: ({ world }) => [
      ...['/deals?stage=lead', `/deals?stage=won&ownerId=${world.users.A}`, '/deals?search=net'],
      ...['/deals/pipeline', '/deals?stage=won', '/dashboard/stats', '/dashboard/overview', '/analytics/platform'],
      ...[`/deals/${world.deals.A}`, `/analytics/companies/${world.companies.A}/monthly?months=3`],
      ...[`/contacts/${world.contacts.A}/full`, `/users/${world.users.A}/dashboard`],
    ],
    keeps: ({ world }) => [
      ...['/deals?stage=proposal', `/deals?search=rop&ownerId=${world.users.B}`],
      ...pathsOf.company(world.companies.B),
      ...pathsOf.user(world.users.B),
      '/tasks',
    ],
  },
  {
    name: 'move a deal with its tasks to another company and owner',
    run: ({ writer, world }) =>
      send(writer, 'PATCH', `/deals/${world.deals.A}`, { companyId: world.companies.B, ownerId: world.users.B }),
    changes: ({ world }) => [
      ...['/deals?stage=won', `/deals?stage=won&companyId=${world.companies.A}`],
      ...[`/companies/${world.companies.A}/full`, `/companies/${world.companies.B}/full`],
      ...[`/users/${world.users.A}/dashboard`, `/users/${world.users.B}/dashboard`],
      ...[`/deals?companyId=${world.companies.A}`, '/analytics/platform'],
    ],
    keeps: ({ world }) => ['/deals?stage=lead', ...pathsOf.company(world.companies.C), '/tasks', '/contacts'],
  },
  {
    name: 'add a project',
    run: ({ writer, world }) =>
      send(writer, 'POST', '/projects', {
        ...{ name: 'Pier', status: 'active', companyId: world.companies.C, ownerId: world.users.A },
      }),
    changes: ({ world }) => [
      ...['/projects', '/projects?status=active', `/projects?companyId=${world.companies.C}`],
      ...[`/projects?ownerId=${world.users.A}`, `/users/${world.users.A}/projects`, `/users/${world.users.A}/full`],
      ...['/dashboard/overview', '/analytics/platform', `/companies/${world.companies.C}/full`],
    ],
    keeps: ({ world }) => [
      '/projects?status=planned',
      ...pathsOf.project(world.projects.A),
      ...pathsOf.company(world.companies.A),
      ...pathsOf.user(world.users.B),
    ],
  },
  {
    name: 'change a project: its team sees it in its lists',
    run: ({ writer, world }) =>
      send(writer, 'PATCH', `/projects/${world.projects.A}`, { name: 'Harbour II', status: 'paused' }),
    changes: ({ world }) => [
      ...['/projects?status=active', '/projects?status=paused', '/projects?search=harb'],
      ...[`/users/${world.users.A}/projects`, `/users/${world.users.B}/projects`, '/dashboard/overview'],
      ...[`/projects/${world.projects.A}`, `/projects/${world.projects.A}/details`],
      ...[`/projects/${world.projects.A}/full`, `/companies/${world.companies.A}/full`],
    ],
    keeps: ({ world }) => [
      '/projects?status=planned',
      ...pathsOf.project(world.projects.C),
      ...pathsOf.company(world.companies.B),
      '/tasks',
    ],
  },
  {
    name: 'move a project to another company and owner',
    run: ({ writer, world }) =>
      send(writer, 'PATCH', `/projects/${world.projects.A}`, {
        ...{ companyId: world.companies.C, ownerId: world.users.B },
      }),
    changes: ({ world }) => [
      '/projects?status=paused',
      ...[`/analytics/companies/${world.companies.A}/monthly`, `/analytics/companies/${world.companies.C}/monthly`],
      ...[`/projects/${world.projects.A}/details`, `/projects?ownerId=${world.users.A}`],
      `/projects?companyId=${world.companies.C}`,
    ],
    keeps: ({ world }) => [
      '/projects?status=active',
      ...pathsOf.project(world.projects.C),
      ...pathsOf.company(world.companies.B),
      '/tasks',
    ],
  },
  {
    name: 'change a member’s role in a project',
    run: ({ writer, world }) =>
      send(writer, 'PUT', `/projects/${world.projects.A}/members/${world.users.B}`, { role: 'viewer' }),
    changes: ({ world }) => [
      ...[`/projects/${world.projects.A}/team`, `/projects/${world.projects.A}/full`],
      ...[`/users/${world.users.B}/projects`, `/companies/${world.companies.C}/full`],
    ],
    keeps: ({ world }) => [
      '/projects',
      `/projects/${world.projects.A}`,
      `/projects/${world.projects.A}/tasks`,
      '/tasks',
    ],
  },
  {
    name: 'remove a member from a project',
    run: ({ writer, world }) => send(writer, 'DELETE', `/projects/${world.projects.A}/members/${world.users.A}`),
    changes: ({ world }) => [
      ...[`/projects/${world.projects.A}/team`, `/users/${world.users.A}/projects`, `/users/${world.users.A}/full`],
    ],
    keeps: ({ world }) => ['/projects', `/projects/${world.projects.A}/stats`, ...pathsOf.project(world.projects.C)],
  },
  {
    name: 'add a member to a project',
    run: ({ writer, world }) =>
      send(writer, 'PUT', `/projects/${world.projects.A}/members/${world.users.A}`, { role: 'lead' }),
    changes: ({ world }) => [`/projects/${world.projects.A}/team`, `/users/${world.users.A}/projects`],
    keeps: ({ world }) => ['/projects', ...pathsOf.project(world.projects.C), ...pathsOf.user(world.users.B)],
  },
  {
    name: 'add a task',
    run: ({ writer, world }) =>
      send(writer, 'POST', '/tasks', {
        ...{ title: 'Sweep', priority: 'high', dueDate: dayFrom(writer, -1) },
        ...{ projectId: world.projects.A, assigneeId: world.users.B },
      }),
    changes: ({ writer, world }) => [
      ...['/tasks?status=todo', `/tasks?status=todo&projectId=${world.projects.A}`],
      ...['/tasks', '/tasks?priority=high', `/tasks?projectId=${world.projects.A}`, '/dashboard/overview'],
      ...[`/tasks?dueBefore=${dayFrom(writer, 0)}`, `/projects/${world.projects.A}/tasks`],
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.A}/full`],
      ...[`/users/${world.users.B}/tasks`, `/users/${world.users.B}/dashboard`, `/users/${world.users.B}/full`],
    ],
    keeps: ({ world }) => [
      ...['/tasks?status=done', '/projects?search=harb', '/deals?search=net'],
      ...pathsOf.project(world.projects.C),
      ...pathsOf.user(world.users.A),
      '/projects',
      '/deals',
    ],
  },
  {
    name: 'complete a task about a deal',
    run: ({ writer, world }) => send(writer, 'PATCH', `/tasks/${world.tasks.deal}`, { status: 'done' }),
    changes: ({ world }) => [
      ...['/tasks?status=todo', '/tasks?status=done'],
      ...[`/tasks/${world.tasks.deal}`, `/tasks?dealId=${world.deals.A}`, `/users/${world.users.A}/dashboard`],
      ...[`/analytics/companies/${world.companies.B}/monthly`, '/analytics/platform', '/dashboard/overview'],
    ],
    keeps: ({ world }) => [
      '/tasks?status=blocked',
      ...pathsOf.project(world.projects.A),
      ...pathsOf.company(world.companies.A),
      ...pathsOf.user(world.users.B),
    ],
  },
  {
    name: 'complete a task in a project',
    run: ({ writer, world }) => send(writer, 'PATCH', `/tasks/${world.tasks.A}`, { status: 'done' }),
    changes: ({ world }) => [
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.A}/full`],
      ...[`/projects/${world.projects.A}/tasks?status=todo`, `/analytics/companies/${world.companies.C}/monthly`],
    ],
    keeps: ({ world }) => [
      ...pathsOf.project(world.projects.C),
      ...pathsOf.company(world.companies.A),
      ...pathsOf.user(world.users.B),
    ],
  },
  {
    name: 'move a task to another project, deal and person',
    run: ({ writer, world }) =>
      send(writer, 'PATCH', `/tasks/${world.tasks.A}`, {
        ...{ projectId: world.projects.C, dealId: world.deals.won, assigneeId: world.users.B },
      }),
    changes: ({ world }) => [
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.C}/stats`],
      ...[`/users/${world.users.A}/tasks`, `/users/${world.users.B}/tasks`, `/users/${world.users.B}/full`],
      `/analytics/companies/${world.companies.A}/monthly`,
    ],
    keeps: ({ world }) => [...pathsOf.company(world.companies.B), '/projects', '/deals'],
  },
  {
    name: 'rename a user: every page that shows the name',
    run: ({ writer, world }) => send(writer, 'PATCH', `/users/${world.users.A}`, { name: 'Ada L.' }),
    changes: ({ world }) => [
      ...['/users', '/users?search=ADA', '/dashboard/activity', '/analytics/platform', '/dashboard'],
      '/analytics/activity?by=person',
      ...[`/users/${world.users.A}`, `/users/${world.users.A}/full`, `/users/${world.users.A}/dashboard`],
      ...[`/projects/${world.projects.A}/team`, `/projects/${world.projects.A}/full`],
      ...[`/companies/${world.companies.A}/full`, `/contacts/${world.contacts.A}/full`],
    ],
    keeps: ({ world }) => [...pathsOf.user(world.users.B), '/companies', '/deals', '/dashboard/overview'],
  },
  {
    name: 'rename an owner of projects',
    run: ({ writer, world }) => send(writer, 'PATCH', `/users/${world.users.B}`, { name: 'Robert' }),
    changes: ({ world }) => [
      ...[`/projects/${world.projects.A}/details`, `/projects/${world.projects.C}/full`],
      ...[`/projects/${world.projects.A}/team`, `/contacts/${world.contacts.B}/full`],
    ],
    keeps: ({ world }) => [...pathsOf.user(world.users.A), '/projects', `/projects/${world.projects.A}`],
  },
  {
    name: 'disable a user',
    run: ({ writer, world }) => send(writer, 'PATCH', `/users/${world.users.B}`, { disabled: true }),
    changes: ({ world }) => [
      '/users',
      `/users/${world.users.B}`,
      `/users/${world.users.B}/full`,
      '/analytics/platform',
    ],
    keeps: ({ world }) => [
      ...pathsOf.user(world.users.A),
      ...pathsOf.company(world.companies.A),
      ...pathsOf.project(world.projects.A),
    ],
  },
  {
    name: 'delete a task',
    run: ({ writer, world }) => send(writer, 'DELETE', `/tasks/${world.tasks.B}`),
    changes: ({ world }) => [
      ...['/tasks', `/tasks/${world.tasks.B}`, `/projects/${world.projects.A}/stats`, '/analytics/platform'],
      ...[`/users/${world.users.B}/full`, `/analytics/companies/${world.companies.C}/monthly`],
    ],
    keeps: ({ world }) => [...pathsOf.project(world.projects.C), ...pathsOf.user(world.users.A), '/deals'],
  },
  {
    name: 'delete a contact: its deals forget it',
    run: ({ writer, world }) => send(writer, 'DELETE', `/contacts/${world.contacts.A}`),
    changes: ({ world }) => [
      ...['/deals?stage=won', '/deals?stage=lead'],
      ...[...pathsOf.contact(world.contacts.A), `/deals/${world.deals.A}`, `/deals/${world.deals.won}`],
      ...[`/deals?companyId=${world.companies.A}`, `/companies/${world.companies.A}/full`, '/dashboard/overview'],
      ...[`/companies/${world.companies.B}/full`, `/users/${world.users.A}/full`],
    ],
    keeps: ({ world }) => ['/deals?stage=proposal', ...pathsOf.company(world.companies.C), '/tasks', '/projects'],
  },
  {
    name: 'delete a deal: its tasks forget it',
    run: ({ writer, world }) => send(writer, 'DELETE', `/deals/${world.deals.A}`),
    changes: ({ world }) => [
      ...['/deals?stage=won', '/tasks?status=done'],
      ...[`/deals/${world.deals.A}`, `/tasks/${world.tasks.deal}`, `/tasks?dealId=${world.deals.A}`, '/tasks'],
      ...[`/users/${world.users.A}/tasks`, `/analytics/companies/${world.companies.B}/monthly`, '/deals/pipeline'],
    ],
    keeps: ({ world }) => [
      ...['/deals?stage=lead', '/tasks?status=todo'],
      ...pathsOf.project(world.projects.A),
      ...pathsOf.company(world.companies.A),
      '/contacts',
    ],
  },
  {
    name: 'delete a company: its contacts and projects forget it',
    run: ({ writer, world }) => send(writer, 'DELETE', `/companies/${world.companies.C}`),
    changes: ({ world }) => [
      ...['planned', 'active', 'paused'].map((status) => `/projects?status=${status}`),
      ...[...pathsOf.company(world.companies.C), ...pathsOf.contact(world.contacts.C), ...['/companies', '/contacts']],
      ...[`/projects/${world.projects.A}`, `/projects/${world.projects.C}/details`, '/projects'],
      ...[`/projects?companyId=${world.companies.C}`, `/users/${world.users.A}/projects`],
      ...[`/users/${world.users.B}/projects`, '/dashboard/overview'],
    ],
    keeps: ({ world }) => [
      '/projects?status=done',
      ...pathsOf.company(world.companies.A),
      '/deals',
      '/tasks',
      `/users/${world.users.A}/tasks`,
    ],
  },
  {
    name: 'delete a project: its tasks and its team go with it',
    run: ({ writer, world }) => send(writer, 'DELETE', `/projects/${world.projects.C}`),
    changes: ({ world }) => [
      '/tasks?status=todo',
      ...[...pathsOf.project(world.projects.C), `/tasks/${world.tasks.A}`, `/tasks/${world.tasks.C}`, '/tasks'],
      ...[`/users/${world.users.B}/projects`, `/users/${world.users.B}/tasks`, `/users/${world.users.B}/dashboard`],
      ...['/dashboard/overview', `/analytics/companies/${world.companies.A}/monthly`],
    ],
    keeps: ({ world }) => [
      '/tasks?status=blocked',
      ...pathsOf.project(world.projects.A),
      ...pathsOf.user(world.users.A),
      '/deals',
      '/contacts',
    ],
  },
  {
    name: 'delete a project in which nothing was done',
    run: ({ writer, world }) => send(writer, 'DELETE', `/projects/${world.projects.empty}`),
    changes: ({ world }) => pathsOf.project(world.projects.empty),
    keeps: ({ world }) => [...pathsOf.project(world.projects.A), ...pathsOf.user(world.users.A), '/tasks'],
  },
];
