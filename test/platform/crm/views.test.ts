/** Rules for every readable path of the CRM: its cost, its isolation, and the secrets that it never shows. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { COST_OF_A_HIT, costOf } from '../../support/app.ts';
import { createInstance, createTruth, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { createWorld, readAll, readablePaths, setToNoon, type World } from './world.ts';

let tenant: OwnTenant;
let stranger: OwnTenant;
let one: Instance;
let two: Instance;
let world: World;
let paths: string[];

beforeAll(async () => {
  const database = inject('cloud').postgres.url;
  tenant = await createTenant(database);
  stranger = await createTenant(database);
  [one, two] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  setToNoon(one, two);
  world = await createWorld(one, tenant);
  paths = await readablePaths(one, world);
});
afterAll(() => Promise.all([one.close(), two.close()]));

describe('every readable path', () => {
  /** Exceptions from the cost of a hit. */
  function costOfHit(path: string): object {
    // Active users are counted in Redis, and no answer about them is cached: its view costs one command more, in its own
    // request.
    if (path === '/analytics/usage') return { redis: '2 requests, 4 commands', db: '0 queries' };
    // The reads of a user are audited: the gate appends the entry in its request.
    if (/^\/users\/[^/]+(\/full)?$/.test(path)) return { redis: '1 request, 4 commands', db: '0 queries' };
    return COST_OF_A_HIT;
  }

  test('costs one Redis request (usage: two) and no statement after its first read, on every instance', async () => {
    expect(paths.length).toBeGreaterThan(70);
    await readAll(one, paths);
    for (const instance of [one, two]) {
      for (const path of paths) {
        const response = await instance.request(path);
        expect(response.status, path).toBe(200);
        expect(response.headers.get('x-cache'), path).toBe('HIT');
        expect(costOf(response), path).toEqual(costOfHit(path));
      }
    }
  });

  test('shows no data to another tenant', async () => {
    const ids = Object.values(world).flatMap((kind) => Object.values<string>(kind));
    for (const path of paths) {
      const response = await one.request(path, { key: stranger.keys.all });
      expect(response.status, path).toBe(ids.some((id) => path.includes(`/${id}`)) ? 404 : 200);
      const body = await response.json();
      // A problem contains the path of its request.
      const text = JSON.stringify({ ...(body as object), instance: undefined });
      for (const id of ids) expect(text, path).not.toContain(id);
    }
  });

  test('never shows a password hash', async () => {
    for (const [path, { text }] of await readAll(two, paths))
      expect(text.toLowerCase(), path).not.toMatch(/not-for-anybody|password/);
  });

  test('answers 404 for a missing row, which is cached too', async () => {
    for (const path of paths.filter((each) => each.includes(world.users.A) && each.startsWith('/users/'))) {
      const missing = path.replace(world.users.A, 'user_nobody');
      await one.request(missing);
      const again = await two.request(missing);
      expect([again.status, again.headers.get('x-cache')], missing).toEqual([404, 'HIT']);
      expect(await again.json()).toMatchObject({ code: 'NOT_FOUND', detail: 'The user does not exist' });
    }
  });
});

describe('the statements of a miss', () => {
  const costs: [path: (world: World) => string, statements: number][] = [
    // The user, the maintained numbers, the projects (which have no maintained number per member), deals and tasks, and
    // the entry of the audited read.
    [({ users }) => `/users/${users.A}/full`, 6],
    [({ users }) => `/users/${users.A}/projects`, 2],
    [({ users }) => `/users/${users.A}/tasks`, 2],
    [({ users }) => `/users/${users.A}/dashboard`, 7],
    [({ projects }) => `/projects/${projects.A}/details`, 3],
    [({ projects }) => `/projects/${projects.A}/full`, 8],
    [({ projects }) => `/projects/${projects.A}/tasks`, 2],
    [({ projects }) => `/projects/${projects.A}/team`, 3],
    [({ projects }) => `/projects/${projects.A}/stats`, 3],
    [({ companies }) => `/companies/${companies.A}/full`, 8],
    [({ contacts }) => `/contacts/${contacts.A}/full`, 5],
    [() => '/dashboard/overview', 2],
    [() => '/dashboard/stats', 2],
    [() => '/dashboard/activity', 2],
    [() => '/dashboard', 4],
    [() => '/analytics/platform', 3],
    [({ companies }) => `/analytics/companies/${companies.A}/monthly`, 3],
    // The time zone, the sums of rolled-up days, and the feed of days that are not, such as today.
    [() => '/analytics/activity?by=person', 3],
    [() => '/analytics/activity?by=day&from=2020-01-01&to=2020-12-31', 2],
  ];
  test.each(costs)('%s: exactly %i', async (path, statements) => {
    // An instance that cannot reach Redis reads the same as a miss.
    const cold = await createTruth({ tenant });
    const response = await cold.request(path(world));
    expect(response.status).toBe(200);
    const [queries] = (costOf(response)['db'] ?? '').split(' ');
    // The additional statement reads the key's record.
    expect(Number(queries) - 1).toBe(statements);
    await cold.close();
  });
});

describe('invalid input is answered with the names of the fields', () => {
  const bad: [method: string, path: string, json: unknown, fields: string[]][] = [
    ['GET', '/users?role=boss&limit=0', undefined, ['role', 'limit']],
    ['GET', '/users/user_x/tasks?status=later&cursor=task_1', undefined, ['status', 'cursor']],
    ['GET', '/users/user_x/tasks?cursor=0_2026-13-77_task_1', undefined, ['cursor']],
    ['GET', '/users/user_x/projects?cursor=%00', undefined, ['cursor']],
    ['GET', '/users/user_x/full?depth=2', undefined, []],
    ['GET', '/projects?status=open&colour=red', undefined, ['status', 'colour']],
    ['GET', '/projects/a%20b/stats', undefined, ['id']],
    ['GET', '/tasks?priority=now&dueBefore=soon&assigneeId=%2F', undefined, ['priority', 'dueBefore', 'assigneeId']],
    ['GET', '/analytics/companies/comp_x/monthly?months=37', undefined, ['months']],
    ['GET', '/dashboard/activity?limit=101', undefined, ['limit']],
    ['PATCH', '/users/user_x', { role: 'boss', disabled: 'yes', email: 'a@b.c' }, ['role', 'disabled', 'email']],
    ['PATCH', '/users/user_x', {}, ['body']],
    ['POST', '/projects', { name: '', status: 'open', dueDate: 'soon' }, ['name', 'status', 'dueDate']],
    ['POST', '/tasks', { title: 'T', description: 'a\u0000b', priority: 1 }, ['description', 'priority']],
    ['PATCH', '/tasks/task_x', { dueDate: '2026-02-30' }, ['dueDate']],
    ['PUT', '/projects/proj_x/members/user_x', { role: 'boss' }, ['role']],
    ['PUT', '/projects/proj_x/members/user_x', {}, ['role']],
  ];
  test.each(bad)('%s %s %j', async (method, path, json, fields) => {
    const response = await one.request(path, { method, ...(json === undefined ? {} : { json }) });
    if (fields.length === 0) {
      // A route without query parameters ignores all of them.
      expect(response.status).toBe(404);
      return;
    }
    expect(response.status).toBe(400);
    const { code, errors } = (await response.json()) as { code: string; errors: { field: string }[] };
    expect(code).toBe('VALIDATION_FAILED');
    expect(errors.map(({ field }) => field).sort()).toEqual([...fields].sort());
  });

  test.each([
    ['POST', '/tasks', { title: 'T', projectId: 'proj_nobody' }, 'projectId'],
    ['POST', '/tasks', { title: 'T', dealId: 'deal_nobody' }, 'dealId'],
    ['POST', '/tasks', { title: 'T', assigneeId: 'user_nobody' }, 'assigneeId'],
    ['POST', '/projects', { name: 'P', companyId: 'comp_nobody' }, 'companyId'],
    ['POST', '/projects', { name: 'P', ownerId: 'user_nobody' }, 'ownerId'],
  ])('%s %s %j: 409 names the reference', async (method, path, json, field) => {
    const response = await one.request(path, { method, json });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'NO_SUCH_REFERENCE', errors: [{ field }] });
  });
});
