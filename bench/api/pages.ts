/**
 * The pages of the workload: route, frequency and subject. A new line here adds a route to the workload, the timings
 * and the notes. The weights are roughly views per hundred.
 */
import type { Focus } from './world.ts';

/** A page that a user may open for a given subject. */
export interface Page {
  /** The route in the form of the OpenAPI document. */
  route: string;
  /** The frequency of the page, relative to the weights of other pages. */
  weight: number;
  /** Returns the path of the request for the subject of a session. */
  path(focus: Focus): string;
}

export const pages: readonly Page[] = [
  { route: '/dashboard', weight: 8, path: () => '/dashboard' },
  { route: '/dashboard/overview', weight: 4, path: () => '/dashboard/overview' },
  { route: '/dashboard/stats', weight: 3, path: () => '/dashboard/stats' },
  { route: '/dashboard/activity', weight: 4, path: () => '/dashboard/activity?limit=20' },
  { route: '/users/{id}/dashboard', weight: 8, path: ({ user }) => `/users/${user}/dashboard` },
  { route: '/users/{id}', weight: 4, path: ({ user }) => `/users/${user}` },
  { route: '/users/{id}/full', weight: 2, path: ({ user }) => `/users/${user}/full` },
  { route: '/users/{id}/tasks', weight: 6, path: ({ user }) => `/users/${user}/tasks` },
  { route: '/users/{id}/projects', weight: 3, path: ({ user }) => `/users/${user}/projects` },
  { route: '/deals/pipeline', weight: 5, path: () => '/deals/pipeline' },
  { route: '/deals', weight: 5, path: ({ stage }) => `/deals?stage=${stage}&limit=20` },
  { route: '/deals/{id}', weight: 7, path: ({ deal }) => `/deals/${deal}` },
  { route: '/companies', weight: 3, path: () => '/companies?limit=20' },
  { route: '/companies/{id}', weight: 6, path: ({ company }) => `/companies/${company}` },
  { route: '/companies/{id}/full', weight: 5, path: ({ company }) => `/companies/${company}/full` },
  { route: '/contacts', weight: 3, path: ({ company }) => `/contacts?companyId=${company}&limit=20` },
  { route: '/contacts/{id}', weight: 5, path: ({ contact }) => `/contacts/${contact}` },
  { route: '/contacts/{id}/full', weight: 3, path: ({ contact }) => `/contacts/${contact}/full` },
  { route: '/projects', weight: 2, path: () => '/projects?limit=20' },
  { route: '/projects/{id}', weight: 3, path: ({ project }) => `/projects/${project}` },
  { route: '/projects/{id}/details', weight: 3, path: ({ project }) => `/projects/${project}/details` },
  { route: '/projects/{id}/full', weight: 4, path: ({ project }) => `/projects/${project}/full` },
  { route: '/projects/{id}/tasks', weight: 3, path: ({ project }) => `/projects/${project}/tasks` },
  { route: '/projects/{id}/team', weight: 2, path: ({ project }) => `/projects/${project}/team` },
  { route: '/projects/{id}/stats', weight: 2, path: ({ project }) => `/projects/${project}/stats` },
  { route: '/tasks/{id}', weight: 4, path: ({ task }) => `/tasks/${task}` },
  {
    route: '/analytics/companies/{id}/monthly',
    weight: 2,
    path: ({ company }) => `/analytics/companies/${company}/monthly`,
  },
  { route: '/analytics/platform', weight: 1, path: () => '/analytics/platform' },
  { route: '/analytics/activity', weight: 1, path: () => '/analytics/activity' },
];

/** A write that a user may make for a given subject. */
export interface Change {
  route: string;
  weight: number;
  path(focus: Focus): string;
  body(focus: Focus): Record<string, unknown>;
}

export const changes: readonly Change[] = [
  { route: '/deals/{id}', weight: 4, path: ({ deal }) => `/deals/${deal}`, body: ({ stage }) => ({ stage }) },
  {
    route: '/tasks/{id}',
    weight: 3,
    path: ({ task }) => `/tasks/${task}`,
    body: ({ number }) => ({ title: `Call back, ${number}` }),
  },
  {
    route: '/contacts/{id}',
    weight: 2,
    path: ({ contact }) => `/contacts/${contact}`,
    body: ({ number }) => ({ phone: `+1 555 ${String(1000 + (number % 9000))}` }),
  },
  {
    route: '/companies/{id}',
    weight: 1,
    path: ({ company }) => `/companies/${company}`,
    body: ({ number }) => ({ city: `Harbour ${number % 100}` }),
  },
];
