/** Users, projects and tasks: the effects of writes, and the order of lists. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { addUser, dayFrom, send, setToNoon } from './world.ts';

interface Task {
  id: string;
  title: string;
  status: string;
  dueDate: string | null;
  completedAt: string | null;
}
interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

let tenant: OwnTenant;
let instance: Instance;
let ada: string;
let bob: string;

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  instance = await createInstance({ tenant });
  setToNoon(instance);
  ada = await addUser(tenant, `user_ada${tenant.id}`, 'Ada');
  bob = await addUser(tenant, `user_bob${tenant.id}`, 'Bob');
});
afterAll(() => instance.close());

async function get<Answer>(path: string): Promise<Answer> {
  const response = await instance.request(path);
  const body = await response.json();
  expect(response.status, `${path} ${JSON.stringify(body)}`).toBe(200);
  return body as Answer;
}
const status = async (method: string, path: string) => (await instance.request(path, { method })).status;

describe('tasks', () => {
  test('status done sets completedAt, a repeated done keeps it, any other status clears it', async () => {
    const { id, completedAt } = await send<Task>(instance, 'POST', '/tasks', { title: 'Mend the net' });
    expect(completedAt).toBeNull();
    const now = () => new Date(Date.now() + instance.clock.ahead).toISOString().slice(0, 16);
    const before = now();
    const done = await send<Task>(instance, 'PATCH', `/tasks/${id}`, { status: 'done' });
    expect([before, now()]).toContain(done.completedAt?.slice(0, 16));
    const renamed = await send<Task>(instance, 'PATCH', `/tasks/${id}`, { title: 'Mend it', status: 'done' });
    expect(renamed.completedAt).toBe(done.completedAt);
    expect((await send<Task>(instance, 'PATCH', `/tasks/${id}`, { status: 'cancelled' })).completedAt).toBeNull();
    expect((await send<Task>(instance, 'PATCH', `/tasks/${id}`, { title: 'Again' })).completedAt).toBeNull();
    expect((await send<Task>(instance, 'POST', '/tasks', { title: 'Old', status: 'done' })).completedAt).not.toBeNull();
  });

  test('a change without status or priority keeps them', async () => {
    const { id } = await send<Task>(instance, 'POST', '/tasks', {
      title: 'Keep',
      status: 'blocked',
      priority: 'urgent',
    });
    expect(await send(instance, 'PATCH', `/tasks/${id}`, { description: 'Two\nlines' })).toMatchObject({
      status: 'blocked',
      priority: 'urgent',
      description: 'Two\nlines',
    });
  });

  test('filters work one by one and all together', async () => {
    const project = (await send(instance, 'POST', '/projects', { name: 'Filters' })).id;
    const deal = (await send(instance, 'POST', '/deals', { title: 'Filters', value: 1 })).id;
    const fields = { status: 'doing', priority: 'low', assigneeId: bob, projectId: project, dealId: deal };
    const { id } = await send(instance, 'POST', '/tasks', { title: 'Found', dueDate: '2020-01-01', ...fields });
    await send(instance, 'POST', '/tasks', { title: 'Not found' });
    for (const [name, value] of [...Object.entries(fields), ['dueBefore', '2020-01-02']]) {
      const { items } = await get<Page<Task>>(`/tasks?${name}=${value}`);
      expect(
        items.map((task) => task.id),
        name,
      ).toContain(id);
      expect(
        items.map((task) => task.title),
        name,
      ).not.toContain('Not found');
    }
    const all = new URLSearchParams({ ...fields, dueBefore: '2020-01-02' });
    expect((await get<Page<Task>>(`/tasks?${all}`)).items).toHaveLength(1);
    expect((await get<Page<Task>>(`/tasks?${all}`.replace('01-02', '01-01'))).items).toHaveLength(0);
  });

  test('GET /users/{id}/tasks: open tasks first, by due date, each once over all pages', async () => {
    const days = [dayFrom(instance, 5), null, dayFrom(instance, -5), dayFrom(instance, 1), dayFrom(instance, 1)];
    for (const [index, dueDate] of days.entries()) {
      const closed = { status: index % 2 === 0 ? 'done' : 'cancelled' };
      await send(instance, 'POST', '/tasks', { title: `open ${index}`, dueDate, assigneeId: ada });
      await send(instance, 'POST', '/tasks', { title: `closed ${index}`, dueDate, assigneeId: ada, ...closed });
    }
    const whole = await get<Page<Task>>(`/users/${ada}/tasks`);
    expect(whole.nextCursor).toBeNull();
    const isOpen = ({ title }: Task) => title.startsWith('open');
    expect(whole.items.map(isOpen)).toEqual([...Array(5).fill(true), ...Array(5).fill(false)]);
    const inOrder = [dayFrom(instance, -5), dayFrom(instance, 1), dayFrom(instance, 1), dayFrom(instance, 5), null];
    expect(whole.items.map(({ dueDate }) => dueDate)).toEqual([...inOrder, ...inOrder]);

    for (const limit of [1, 3]) {
      const paged: Task[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const next: Page<Task> = await get(`/users/${ada}/tasks?limit=${limit}${cursor && `&cursor=${cursor}`}`);
        paged.push(...next.items);
        cursor = next.nextCursor;
      }
      expect(paged).toEqual(whole.items);
    }
    const cancelled = await get<Page<Task>>(`/users/${ada}/tasks?status=cancelled`);
    expect(cancelled.items.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('projects', () => {
  interface Team {
    members: { userId: string; name: string; role: string; since: string }[];
  }

  test('the owner is a lead from the start; members are added, changed and removed', async () => {
    const { id } = await send(instance, 'POST', '/projects', { name: 'Pier', ownerId: ada });
    const team = async () =>
      (await get<Team>(`/projects/${id}/team`)).members.map(({ name, role }) => `${name} ${role}`);
    expect(await team()).toEqual(['Ada lead']);
    const added = await send(instance, 'PUT', `/projects/${id}/members/${bob}`, { role: 'viewer' });
    expect(added).toMatchObject({ userId: bob, name: 'Bob', role: 'viewer' });
    const changed = await send(instance, 'PUT', `/projects/${id}/members/${bob}`, { role: 'contributor' });
    expect(changed).toEqual({ ...added, role: 'contributor' });
    expect(await team()).toEqual(['Ada lead', 'Bob contributor']);
    await send(instance, 'DELETE', `/projects/${id}/members/${ada}`);
    expect(await team()).toEqual(['Bob contributor']);
    const projectsOf = async (user: string) =>
      (await get<Page<{ id: string; role: string | null }>>(`/users/${user}/projects`)).items;
    expect(await projectsOf(ada)).toEqual([expect.objectContaining({ id, role: null })]);
    expect(await projectsOf(bob)).toEqual([expect.objectContaining({ id, role: 'contributor' })]);
  });

  test('members: a missing project or user is a 404', async () => {
    const { id } = await send(instance, 'POST', '/projects', { name: 'Nobody' });
    const put = async (path: string) =>
      (await instance.request(path, { method: 'PUT', json: { role: 'lead' } })).status;
    expect(await put(`/projects/${id}/members/user_nobody`)).toBe(404);
    expect(await put(`/projects/proj_nobody/members/${ada}`)).toBe(404);
    expect(await status('DELETE', `/projects/${id}/members/${ada}`)).toBe(404);
    expect(await status('DELETE', `/projects/proj_nobody/members/${ada}`)).toBe(404);
  });

  test('statistics count by status; cancelled tasks do not count as open', async () => {
    const { id } = await send(instance, 'POST', '/projects', { name: 'Counted' });
    expect(await get(`/projects/${id}/stats`)).toMatchObject({ total: 0, open: 0, overdue: 0, doneRatio: null });
    const yesterday = dayFrom(instance, -1);
    for (const state of ['todo', 'doing', 'done', 'done', 'cancelled']) {
      await send(instance, 'POST', '/tasks', { title: 'T', status: state, dueDate: yesterday, projectId: id });
    }
    const stats = {
      tasks: [
        { status: 'todo', count: 1 },
        { status: 'doing', count: 1 },
        { status: 'blocked', count: 0 },
        { status: 'done', count: 2 },
        { status: 'cancelled', count: 1 },
      ],
      total: 5,
      open: 2,
      overdue: 2,
      doneRatio: 0.5,
    };
    expect(await get(`/projects/${id}/stats`)).toEqual({ day: dayFrom(instance, 0), timeZone: 'UTC', ...stats });
    const full = await get<{ stats: unknown; tasks: Page<Task>; team: unknown[] }>(`/projects/${id}/full`);
    expect(full).toMatchObject({ name: 'Counted', company: null, owner: null, stats, team: [] });
    expect(full.tasks.items).toHaveLength(5);
  });

  test('deleting one deletes its tasks', async () => {
    const { id } = await send(instance, 'POST', '/projects', { name: 'Gone', ownerId: ada });
    const task = await send(instance, 'POST', '/tasks', { title: 'Gone too', projectId: id });
    await send(instance, 'DELETE', `/projects/${id}`);
    expect(await status('GET', `/tasks/${task.id}`)).toBe(404);
    expect(await status('DELETE', `/projects/${id}`)).toBe(404);
  });
});

describe('users', () => {
  test('disabling keeps its date when repeated, and `false` undoes it', async () => {
    const id = await addUser(tenant, `user_leaver${tenant.id}`, 'Leaver');
    const disable = (disabled: boolean) =>
      send<{ disabledAt: string | null }>(instance, 'PATCH', `/users/${id}`, { disabled });
    const { disabledAt } = await disable(true);
    expect(disabledAt).toMatch(/Z$/);
    instance.clock.ahead += 60_000;
    expect((await disable(true)).disabledAt).toBe(disabledAt);
    expect(
      (await send<{ disabledAt: string }>(instance, 'PATCH', `/users/${id}`, { role: 'auditor' })).disabledAt,
    ).toBe(disabledAt);
    expect((await disable(false)).disabledAt).toBeNull();
  });

  test('are found by role and by the beginning of name or e-mail; they are neither added nor deleted', async () => {
    const found = async (query: string) =>
      (await get<Page<{ name: string }>>(`/users?${query}`)).items.map(({ name }) => name);
    expect(await found('search=OB')).toEqual(['Bob']);
    expect(await found(`search=user_ada`)).toEqual(['Ada']);
    expect(await found('search=%25')).toEqual([]);
    expect(await found('search=A_a')).toEqual([]);
    expect(await found('role=owner')).toEqual(['Owner']);
    expect(await found('role=clinician')).toEqual([]);
    expect(await status('POST', '/users')).toBe(405);
    expect(await status('DELETE', `/users/${ada}`)).toBe(405);
  });

  test('the full profile has the counts of the user’s rows', async () => {
    const id = await addUser(tenant, `user_full${tenant.id}`, 'Full');
    const mine = { ownerId: id };
    const company = await send(instance, 'POST', '/companies', { name: 'Mine', ...mine });
    await send(instance, 'POST', '/contacts', { name: 'Mine', ...mine });
    for (const stage of ['lead', 'proposal', 'won']) {
      await send(instance, 'POST', '/deals', { title: stage, stage, value: 1, companyId: company.id, ...mine });
    }
    await send(instance, 'POST', '/projects', { name: 'Mine', ...mine });
    await send(instance, 'POST', '/tasks', { title: 'Mine', assigneeId: id });
    const full = await get<{ recentDeals: unknown[]; recentTasks: unknown[] }>(`/users/${id}/full`);
    const counts = { companies: 1, contacts: 1, openDeals: 2, openTasks: 1, projects: 1 };
    expect(full).toMatchObject({ name: 'Full', counts });
    expect([full.recentDeals.length, full.recentTasks.length]).toEqual([3, 1]);
  });
});
