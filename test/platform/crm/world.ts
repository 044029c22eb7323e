/**
 * A small CRM with one of every relation, created through the API in a tenant of its own, and every path that reads it:
 * the paths of the OpenAPI document with every id filled in, so that a new route is covered immediately.
 */
import { expect, inject } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import type { Instance } from '../../support/instance.ts';
import { type OwnTenant, sql } from '../../support/tenant.ts';
import { describedOperations, type Operation } from '../http/described-api.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Sends a write, expects success, and returns the answer. */
export async function send<Answer = { id: string }>(
  instance: Pick<Instance, 'request'>,
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  json?: unknown,
): Promise<Answer> {
  const response = await instance.request(path, { method, ...(json === undefined ? {} : { json }) });
  const text = await response.text();
  expect(response.status, `${method} ${path} ${text}`).toBeLessThan(300);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** Adds a user in the database, because the API has no such route. */
export async function addUser(tenant: OwnTenant, id: string, name: string): Promise<string> {
  await sql(
    inject('cloud').postgres.url,
    `INSERT INTO users (tenant_id, id, email, name, role, password_hash, updated_at)
     VALUES ($1, $2, $2, $3, 'member', 'not-for-anybody', now())`,
    [tenant.id, id, name],
  );
  return id;
}

/** The day with this distance from the instance's today. */
export function dayFrom(instance: Instance, days: number): string {
  return new Date(Date.now() + instance.clock.ahead + days * 86_400_000).toISOString().slice(0, 10);
}

/** Sets the clocks of instances to noon of today, so that no test passes midnight. */
export function setToNoon(...instances: Instance[]): void {
  const now = Date.now();
  const noon = new Date(now).setUTCHours(12, 0, 0, 0);
  for (const { clock } of instances) clock.ahead = noon - now;
}

/** Creates the rows. `A` and `B` have all relations; `C` is a company without deals, so it can be deleted. */
export async function createWorld(instance: Instance, tenant: OwnTenant) {
  const add = async (path: string, fields: Record<string, unknown>) => (await send(instance, 'POST', path, fields)).id;
  const userA = await addUser(tenant, `user_a${tenant.id}`, 'Ada');
  const userB = await addUser(tenant, `user_b${tenant.id}`, 'Bob');
  const companyA = await add('/companies', { name: 'Alga', ownerId: userA });
  const companyB = await add('/companies', { name: 'Brine', ownerId: userB });
  const companyC = await add('/companies', { name: 'Coral', ownerId: userB });
  const contactA = await add('/contacts', { name: 'Anna', companyId: companyA, ownerId: userA });
  const contactB = await add('/contacts', { name: 'Bert', companyId: companyB, ownerId: userB });
  const contactC = await add('/contacts', { name: 'Cleo', companyId: companyC });
  const ofA = { companyId: companyA, contactId: contactA, ownerId: userA };
  const ofB = { companyId: companyB, contactId: contactB, ownerId: userB };
  const dealA = await add('/deals', { title: 'Nets', value: '100.50', ...ofA });
  const dealB = await add('/deals', { title: 'Ropes', value: '20.00', ...ofB });
  const dealWon = await add('/deals', { title: 'Boats', value: '3000.00', stage: 'won', ...ofA });
  const projectA = await add('/projects', { name: 'Harbour', status: 'active', companyId: companyA, ownerId: userA });
  const projectC = await add('/projects', { name: 'Reef', companyId: companyC, ownerId: userB });
  const projectEmpty = await add('/projects', { name: 'Idea' });
  await send(instance, 'PUT', `/projects/${projectA}/members/${userB}`, { role: 'contributor' });
  const past = dayFrom(instance, -3);
  const taskA = await add('/tasks', { title: 'Dig', dueDate: past, projectId: projectA, assigneeId: userA });
  const taskB = await add('/tasks', { title: 'Fill', status: 'done', projectId: projectA, assigneeId: userB });
  const taskDeal = await add('/tasks', { title: 'Call', dealId: dealA, assigneeId: userA });
  const taskC = await add('/tasks', { title: 'Dive', projectId: projectC, dealId: dealB, assigneeId: userB });
  // Activities of an API key have no user, so the activities of a user are added here.
  await sql(
    inject('cloud').postgres.url,
    `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, occurred_at)
     SELECT $1, 'activity_' || entity_id, $2, 'visited', type, entity_id, now()
     FROM (VALUES ('company', $3), ('contact', $4)) AS seen (type, entity_id)`,
    [tenant.id, userA, companyA, contactA],
  );
  return {
    users: { A: userA, B: userB },
    companies: { A: companyA, B: companyB, C: companyC },
    contacts: { A: contactA, B: contactB, C: contactC },
    deals: { A: dealA, B: dealB, won: dealWon },
    projects: { A: projectA, C: projectC, empty: projectEmpty },
    tasks: { A: taskA, B: taskB, deal: taskDeal, C: taskC },
  };
}

/** The OpenAPI operations on the rows of the world and on numbers computed from them. */
export async function crmOperations(instance: Instance): Promise<Operation[]> {
  const apart = /^\/(imports|exports|notifications|webhooks|custom-fields|me\/\w+)\b/;
  const routes = crm.routes.flatMap((router) => router.routes).filter(({ path }) => !apart.test(path));
  const own = new Set(routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`));
  return (await describedOperations(instance)).filter(({ name }) => own.has(name));
}

/** Every path that reads the world, including filtered lists. */
export async function readablePaths(instance: Instance, world: World): Promise<string[]> {
  const { users, companies, deals, projects } = world;
  const reads = (await crmOperations(instance)).filter(({ method }) => method === 'GET');
  const plain = reads.flatMap(({ path }) => {
    if (path === '/search')
      return ['/search?q=al', '/search?q=harbour&kind=project', `/search?q=ne&ownerId=${users.A}`];
    if (!path.includes('{')) return [path];
    const kind = path.replace('/analytics', '').split('/')[1] as keyof World;
    return Object.values<string>(world[kind]).map((id) => path.replace('{id}', id));
  });
  return [
    ...plain,
    `/analytics/companies/${companies.A}/monthly?months=3`,
    `/companies?ownerId=${users.A}`,
    '/companies?search=al',
    ...['/deals?search=net', `/deals?search=rop&ownerId=${users.B}`, '/projects?search=harb', '/tasks?search=dig'],
    `/tasks?search=fill&status=done&assigneeId=${users.B}`,
    `/contacts?companyId=${companies.A}`,
    `/contacts?ownerId=${users.B}`,
    `/deals?companyId=${companies.A}`,
    `/deals?ownerId=${users.B}`,
    ...['lead', 'proposal', 'won'].map((stage) => `/deals?stage=${stage}`),
    `/deals?stage=won&companyId=${companies.A}`,
    `/deals?stage=won&ownerId=${users.A}`,
    `/projects?companyId=${companies.C}`,
    `/projects?ownerId=${users.A}`,
    ...['planned', 'active', 'paused', 'done'].map((status) => `/projects?status=${status}`),
    `/projects?status=active&ownerId=${users.A}`,
    `/projects/${projects.A}/tasks?status=todo`,
    `/tasks?projectId=${projects.A}`,
    `/tasks?dealId=${deals.A}`,
    `/tasks?assigneeId=${users.A}`,
    `/tasks?dueBefore=${dayFrom(instance, 0)}`,
    '/tasks?priority=high',
    ...['todo', 'blocked', 'done'].map((status) => `/tasks?status=${status}`),
    `/tasks?status=todo&projectId=${projects.A}`,
    '/users?search=ADA',
    `/users/${users.A}/tasks?limit=1`,
    '/dashboard/activity?limit=3',
    ...['person', 'kind'].map((by) => `/analytics/activity?by=${by}`),
    pastActivity(instance),
  ];
}

/** The path of the activity counts before yesterday, which no write changes. */
export function pastActivity(instance: Instance): string {
  return `/analytics/activity?from=${dayFrom(instance, -60)}&to=${dayFrom(instance, -3)}&by=person`;
}

/** The answers of an instance at each path: status and body as text, and whether it was a hit. */
export async function readAll(instance: Instance, paths: readonly string[]) {
  const answers = new Map<string, { text: string; cache: string | null }>();
  for (const path of paths) {
    const response = await instance.request(path);
    answers.set(path, {
      text: `${response.status} ${withoutRequestId(await response.text())}`,
      cache: response.headers.get('x-cache'),
    });
  }
  return answers;
}

function withoutRequestId(body: string): string {
  return body.replace(/,"requestId":"[^"]*"/, '');
}
