/**
 * The heart of the CRM: no write leaves any cached answer stale. Every readable path is read until it is a hit on two
 * instances; one of them writes; then the other must answer at every path what an instance answers that asks the
 * database. Each write also names what it must have changed (or the comparison would prove nothing) and what it must
 * have left in the cache (or invalidating everything would pass).
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, createTruth, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { createWorld, crmOperations, dayFrom, readAll, readablePaths, send, setToNoon, type World } from './world.ts';

let tenant: OwnTenant;
let writer: Instance;
let reader: Instance;
let truth: Instance;
let world: World;
let paths: string[];

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  [writer, reader, truth] = await Promise.all([
    createInstance({ tenant }),
    createInstance({ tenant }),
    createTruth({ tenant }),
  ]);
  setToNoon(writer, reader, truth);
  world = await createWorld(writer, tenant);
  paths = await readablePaths(writer, world);
});
afterAll(() => Promise.all([writer.close(), reader.close(), truth.close()]));

interface Write {
  name: string;
  run(): Promise<unknown>;
  /** Paths whose answer it changes, among others. */
  changes(): string[];
  /** Paths that stay a hit, among others. */
  keeps(): string[];
}

const of = {
  user: (id: string) => ['', '/full', '/projects', '/tasks', '/dashboard'].map((end) => `/users/${id}${end}`),
  company: (id: string) => [`/companies/${id}`, `/companies/${id}/full`, `/analytics/companies/${id}/monthly`],
  contact: (id: string) => [`/contacts/${id}`, `/contacts/${id}/full`],
  project: (id: string) => ['', '/details', '/full', '/tasks', '/team', '/stats'].map((end) => `/projects/${id}${end}`),
};

/** Written in this order, on the same rows; those that delete come last. */
const writes: Write[] = [
  {
    name: 'add a company',
    run: () => send(writer, 'POST', '/companies', { name: 'Algae', ownerId: world.users.A }),
    changes: () => [
      ...['/companies', `/companies?ownerId=${world.users.A}`, '/companies?search=al', '/dashboard/overview'],
      ...['/analytics/platform', '/dashboard', `/users/${world.users.A}/full`],
    ],
    keeps: () => ['/deals', '/contacts', '/dashboard/stats', ...of.company(world.companies.A)],
  },
  {
    name: 'rename a company',
    run: () => send(writer, 'PATCH', `/companies/${world.companies.A}`, { name: 'Alga & Sons' }),
    changes: () => [
      ...['/companies', '/companies?search=al', ...of.company(world.companies.A)],
      `/contacts/${world.contacts.A}/full`,
      `/projects/${world.projects.A}/details`,
      `/projects/${world.projects.A}/full`,
    ],
    keeps: () => ['/dashboard/overview', '/analytics/platform', ...of.company(world.companies.B), '/contacts'],
  },
  {
    name: 'give a company to somebody else',
    run: () => send(writer, 'PATCH', `/companies/${world.companies.A}`, { ownerId: world.users.B }),
    changes: () => [
      ...[`/users/${world.users.A}/full`, `/users/${world.users.B}/full`, `/companies?ownerId=${world.users.A}`],
      ...[`/companies/${world.companies.A}/full`, '/dashboard/activity'],
    ],
    keeps: () => [`/projects/${world.projects.A}/details`, `/contacts/${world.contacts.A}/full`],
  },
  {
    name: 'add a contact',
    run: () =>
      send(writer, 'POST', '/contacts', { name: 'Asta', companyId: world.companies.A, ownerId: world.users.B }),
    changes: () => [
      ...['/contacts', `/contacts?companyId=${world.companies.A}`, `/contacts?ownerId=${world.users.B}`],
      ...['/dashboard/overview', '/analytics/platform', `/companies/${world.companies.A}/full`],
      ...[`/users/${world.users.B}/full`, `/analytics/companies/${world.companies.A}/monthly`],
    ],
    keeps: () => ['/deals', ...of.company(world.companies.B), `/users/${world.users.A}/full`],
  },
  {
    name: 'move a contact to another company',
    run: () => send(writer, 'PATCH', `/contacts/${world.contacts.A}`, { companyId: world.companies.B }),
    changes: () => [
      ...of.contact(world.contacts.A),
      ...[`/companies/${world.companies.A}/full`, `/companies/${world.companies.B}/full`],
      `/contacts?companyId=${world.companies.A}`,
    ],
    keeps: () => ['/deals', '/dashboard/overview', ...of.company(world.companies.C)],
  },
  {
    name: 'add a deal',
    run: () =>
      send(writer, 'POST', '/deals', {
        ...{ title: 'Sails', value: '7.25', companyId: world.companies.B },
        ...{ contactId: world.contacts.A, ownerId: world.users.B },
      }),
    changes: () => [
      ...['/deals', '/deals/pipeline', '/dashboard/overview', '/analytics/platform'],
      ...[`/deals?ownerId=${world.users.B}`, `/companies/${world.companies.B}/full`],
      ...[`/contacts/${world.contacts.A}/full`, `/users/${world.users.B}/full`, `/users/${world.users.B}/dashboard`],
      `/analytics/companies/${world.companies.B}/monthly`,
    ],
    keeps: () => [
      ...of.company(world.companies.A),
      ...of.user(world.users.A),
      ...['/contacts', '/tasks', '/projects', `/deals?companyId=${world.companies.A}`],
    ],
  },
  {
    name: 'win a deal',
    run: () => send(writer, 'PATCH', `/deals/${world.deals.A}`, { stage: 'won' }),
    changes: () => [
      ...['/deals/pipeline', '/deals?stage=won', '/dashboard/stats', '/dashboard/overview', '/analytics/platform'],
      ...[`/deals/${world.deals.A}`, `/analytics/companies/${world.companies.A}/monthly?months=3`],
      ...[`/contacts/${world.contacts.A}/full`, `/users/${world.users.A}/dashboard`],
    ],
    keeps: () => [...of.company(world.companies.B), ...of.user(world.users.B), '/tasks'],
  },
  {
    name: 'move a deal with its tasks to another company and owner',
    run: () =>
      send(writer, 'PATCH', `/deals/${world.deals.A}`, { companyId: world.companies.B, ownerId: world.users.B }),
    changes: () => [
      ...[`/companies/${world.companies.A}/full`, `/companies/${world.companies.B}/full`],
      ...[`/users/${world.users.A}/dashboard`, `/users/${world.users.B}/dashboard`],
      ...[`/deals?companyId=${world.companies.A}`, '/analytics/platform'],
    ],
    keeps: () => [...of.company(world.companies.C), '/tasks', '/contacts'],
  },
  {
    name: 'add a project',
    run: () =>
      send(writer, 'POST', '/projects', {
        ...{ name: 'Pier', status: 'active', companyId: world.companies.C, ownerId: world.users.A },
      }),
    changes: () => [
      ...['/projects', '/projects?status=active', `/projects?companyId=${world.companies.C}`],
      ...[`/projects?ownerId=${world.users.A}`, `/users/${world.users.A}/projects`, `/users/${world.users.A}/full`],
      ...['/dashboard/overview', '/analytics/platform', `/companies/${world.companies.C}/full`],
    ],
    keeps: () => [...of.project(world.projects.A), ...of.company(world.companies.A), ...of.user(world.users.B)],
  },
  {
    name: 'change a project: its team sees it in its lists',
    run: () => send(writer, 'PATCH', `/projects/${world.projects.A}`, { name: 'Harbour II', status: 'paused' }),
    changes: () => [
      ...[`/users/${world.users.A}/projects`, `/users/${world.users.B}/projects`, '/dashboard/overview'],
      ...[`/projects/${world.projects.A}`, `/projects/${world.projects.A}/details`],
      ...[`/projects/${world.projects.A}/full`, `/companies/${world.companies.A}/full`],
    ],
    keeps: () => [...of.project(world.projects.C), ...of.company(world.companies.B), '/tasks'],
  },
  {
    name: 'move a project to another company and owner',
    run: () =>
      send(writer, 'PATCH', `/projects/${world.projects.A}`, {
        ...{ companyId: world.companies.C, ownerId: world.users.B },
      }),
    changes: () => [
      ...[`/analytics/companies/${world.companies.A}/monthly`, `/analytics/companies/${world.companies.C}/monthly`],
      ...[`/projects/${world.projects.A}/details`, `/projects?ownerId=${world.users.A}`],
      `/projects?companyId=${world.companies.C}`,
    ],
    keeps: () => [...of.project(world.projects.C), ...of.company(world.companies.B), '/tasks'],
  },
  {
    name: 'change what somebody is in a project',
    run: () => send(writer, 'PUT', `/projects/${world.projects.A}/members/${world.users.B}`, { role: 'viewer' }),
    changes: () => [
      ...[`/projects/${world.projects.A}/team`, `/projects/${world.projects.A}/full`],
      ...[`/users/${world.users.B}/projects`, `/companies/${world.companies.C}/full`],
    ],
    keeps: () => ['/projects', `/projects/${world.projects.A}`, `/projects/${world.projects.A}/tasks`, '/tasks'],
  },
  {
    name: 'end somebody’s part in a project',
    run: () => send(writer, 'DELETE', `/projects/${world.projects.A}/members/${world.users.A}`),
    changes: () => [
      ...[`/projects/${world.projects.A}/team`, `/users/${world.users.A}/projects`, `/users/${world.users.A}/full`],
    ],
    keeps: () => ['/projects', `/projects/${world.projects.A}/stats`, ...of.project(world.projects.C)],
  },
  {
    name: 'let somebody take part in a project',
    run: () => send(writer, 'PUT', `/projects/${world.projects.A}/members/${world.users.A}`, { role: 'lead' }),
    changes: () => [`/projects/${world.projects.A}/team`, `/users/${world.users.A}/projects`],
    keeps: () => ['/projects', ...of.project(world.projects.C), ...of.user(world.users.B)],
  },
  {
    name: 'add a task',
    run: () =>
      send(writer, 'POST', '/tasks', {
        ...{ title: 'Sweep', priority: 'high', dueDate: dayFrom(writer, -1) },
        ...{ projectId: world.projects.A, assigneeId: world.users.B },
      }),
    changes: () => [
      ...['/tasks', '/tasks?priority=high', `/tasks?projectId=${world.projects.A}`, '/dashboard/overview'],
      ...[`/tasks?dueBefore=${dayFrom(writer, 0)}`, `/projects/${world.projects.A}/tasks`],
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.A}/full`],
      ...[`/users/${world.users.B}/tasks`, `/users/${world.users.B}/dashboard`, `/users/${world.users.B}/full`],
    ],
    keeps: () => [...of.project(world.projects.C), ...of.user(world.users.A), '/projects', '/deals'],
  },
  {
    name: 'complete a task about a deal',
    run: () => send(writer, 'PATCH', `/tasks/${world.tasks.deal}`, { status: 'done' }),
    changes: () => [
      ...[`/tasks/${world.tasks.deal}`, `/tasks?dealId=${world.deals.A}`, `/users/${world.users.A}/dashboard`],
      ...[`/analytics/companies/${world.companies.B}/monthly`, '/analytics/platform', '/dashboard/overview'],
    ],
    keeps: () => [...of.project(world.projects.A), ...of.company(world.companies.A), ...of.user(world.users.B)],
  },
  {
    name: 'complete a task in a project',
    run: () => send(writer, 'PATCH', `/tasks/${world.tasks.A}`, { status: 'done' }),
    changes: () => [
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.A}/full`],
      ...[`/projects/${world.projects.A}/tasks?status=todo`, `/analytics/companies/${world.companies.C}/monthly`],
    ],
    keeps: () => [...of.project(world.projects.C), ...of.company(world.companies.A), ...of.user(world.users.B)],
  },
  {
    name: 'move a task to another project, deal and person',
    run: () =>
      send(writer, 'PATCH', `/tasks/${world.tasks.A}`, {
        ...{ projectId: world.projects.C, dealId: world.deals.won, assigneeId: world.users.B },
      }),
    changes: () => [
      ...[`/projects/${world.projects.A}/stats`, `/projects/${world.projects.C}/stats`],
      ...[`/users/${world.users.A}/tasks`, `/users/${world.users.B}/tasks`, `/users/${world.users.B}/full`],
      `/analytics/companies/${world.companies.A}/monthly`,
    ],
    keeps: () => [...of.company(world.companies.B), '/projects', '/deals'],
  },
  {
    name: 'rename a user: every page that shows the name',
    run: () => send(writer, 'PATCH', `/users/${world.users.A}`, { name: 'Ada L.' }),
    changes: () => [
      ...['/users', '/users?search=ADA', '/dashboard/activity', '/analytics/platform', '/dashboard'],
      ...[`/users/${world.users.A}`, `/users/${world.users.A}/full`, `/users/${world.users.A}/dashboard`],
      ...[`/projects/${world.projects.A}/team`, `/projects/${world.projects.A}/full`],
      ...[`/companies/${world.companies.A}/full`, `/contacts/${world.contacts.A}/full`],
    ],
    keeps: () => [...of.user(world.users.B), '/companies', '/deals', '/dashboard/overview'],
  },
  {
    name: 'rename an owner of projects',
    run: () => send(writer, 'PATCH', `/users/${world.users.B}`, { name: 'Robert' }),
    changes: () => [
      ...[`/projects/${world.projects.A}/details`, `/projects/${world.projects.C}/full`],
      ...[`/projects/${world.projects.A}/team`, `/contacts/${world.contacts.B}/full`],
    ],
    keeps: () => [...of.user(world.users.A), '/projects', `/projects/${world.projects.A}`],
  },
  {
    name: 'disable a user',
    run: () => send(writer, 'PATCH', `/users/${world.users.B}`, { disabled: true }),
    changes: () => ['/users', `/users/${world.users.B}`, `/users/${world.users.B}/full`, '/analytics/platform'],
    keeps: () => [...of.user(world.users.A), ...of.company(world.companies.A), ...of.project(world.projects.A)],
  },
  {
    name: 'delete a task',
    run: () => send(writer, 'DELETE', `/tasks/${world.tasks.B}`),
    changes: () => [
      ...['/tasks', `/tasks/${world.tasks.B}`, `/projects/${world.projects.A}/stats`, '/analytics/platform'],
      ...[`/users/${world.users.B}/full`, `/analytics/companies/${world.companies.C}/monthly`],
    ],
    keeps: () => [...of.project(world.projects.C), ...of.user(world.users.A), '/deals'],
  },
  {
    name: 'delete a contact: its deals forget it',
    run: () => send(writer, 'DELETE', `/contacts/${world.contacts.A}`),
    changes: () => [
      ...[...of.contact(world.contacts.A), `/deals/${world.deals.A}`, `/deals/${world.deals.won}`],
      ...[`/deals?companyId=${world.companies.A}`, `/companies/${world.companies.A}/full`, '/dashboard/overview'],
      ...[`/companies/${world.companies.B}/full`, `/users/${world.users.A}/full`],
    ],
    keeps: () => [...of.company(world.companies.C), '/tasks', '/projects'],
  },
  {
    name: 'delete a deal: its tasks forget it',
    run: () => send(writer, 'DELETE', `/deals/${world.deals.A}`),
    changes: () => [
      ...[`/deals/${world.deals.A}`, `/tasks/${world.tasks.deal}`, `/tasks?dealId=${world.deals.A}`, '/tasks'],
      ...[`/users/${world.users.A}/tasks`, `/analytics/companies/${world.companies.B}/monthly`, '/deals/pipeline'],
    ],
    keeps: () => [...of.project(world.projects.A), ...of.company(world.companies.A), '/contacts'],
  },
  {
    name: 'delete a company: its contacts and projects forget it',
    run: () => send(writer, 'DELETE', `/companies/${world.companies.C}`),
    changes: () => [
      ...[...of.company(world.companies.C), ...of.contact(world.contacts.C), ...['/companies', '/contacts']],
      ...[`/projects/${world.projects.A}`, `/projects/${world.projects.C}/details`, '/projects'],
      ...[`/projects?companyId=${world.companies.C}`, `/users/${world.users.A}/projects`],
      ...[`/users/${world.users.B}/projects`, '/dashboard/overview'],
    ],
    keeps: () => [...of.company(world.companies.A), '/deals', '/tasks', `/users/${world.users.A}/tasks`],
  },
  {
    name: 'delete a project: its tasks and its team go with it',
    run: () => send(writer, 'DELETE', `/projects/${world.projects.C}`),
    changes: () => [
      ...[...of.project(world.projects.C), `/tasks/${world.tasks.A}`, `/tasks/${world.tasks.C}`, '/tasks'],
      ...[`/users/${world.users.B}/projects`, `/users/${world.users.B}/tasks`, `/users/${world.users.B}/dashboard`],
      ...['/dashboard/overview', `/analytics/companies/${world.companies.A}/monthly`],
    ],
    keeps: () => [...of.project(world.projects.A), ...of.user(world.users.A), '/deals', '/contacts'],
  },
  {
    name: 'delete a project in which nothing was done',
    run: () => send(writer, 'DELETE', `/projects/${world.projects.empty}`),
    changes: () => of.project(world.projects.empty),
    keeps: () => [...of.project(world.projects.A), ...of.user(world.users.A), '/tasks'],
  },
];

describe('no write leaves any cached answer stale', () => {
  test.each(writes)('$name', { timeout: 60_000 }, async ({ run, changes, keeps }) => {
    await readAll(reader, paths);
    const warm = await readAll(reader, paths);
    expect(paths.filter((path) => warm.get(path)?.cache !== 'HIT')).toEqual([]);

    await run();

    const cached = await readAll(reader, paths);
    const fresh = await readAll(truth, paths);
    const stale = paths.filter((path) => cached.get(path)?.text !== fresh.get(path)?.text);
    const at = (path: string) => ({ path, cached: cached.get(path)?.text, fresh: fresh.get(path)?.text });
    expect(stale.map(at)).toEqual([]);
    const changed = paths.filter((path) => fresh.get(path)?.text !== warm.get(path)?.text);
    expect(changed).toEqual(expect.arrayContaining(changes()));
    const kept = paths.filter((path) => cached.get(path)?.cache === 'HIT');
    expect(kept).toEqual(expect.arrayContaining(keeps()));
  });

  test('every write of the API is among them', async () => {
    const described = (await crmOperations(writer)).filter(({ method }) => method !== 'GET');
    expect(described.length).toBeGreaterThan(15);
    const kinds = described.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`);
    const written = writer.lines
      .map((line) => JSON.parse(line) as { message?: string; method?: string; path?: string })
      .filter(({ method }) => method !== undefined && method !== 'GET')
      .map(({ method, path = '' }) => `${method} ${path.replaceAll(/\/(\w+_[\w-]+)/g, '/*')}`);
    expect(kinds.filter((kind) => !written.includes(kind))).toEqual([]);
  });
});
