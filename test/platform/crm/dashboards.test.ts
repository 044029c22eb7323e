/**
 * Dashboards, analytics and the feed: their numbers compared with rows counted by hand, and their changes with time.
 * Tests move the clocks and never wait.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { addUser, dayFrom, send, setToNoon } from './world.ts';

let tenant: OwnTenant;
let instance: Instance;

/** Gives each part a tenant of its own, so that its totals do not depend on the order of parts. */
function ownTenant(): void {
  beforeAll(async () => {
    tenant = await createTenant(inject('cloud').postgres.url);
    instance = await createInstance({ tenant });
    setToNoon(instance);
  });
  afterAll(() => instance.close());
}

async function get<Answer>(path: string): Promise<Answer> {
  const response = await instance.request(path);
  const body = await response.json();
  expect(response.status, `${path} ${JSON.stringify(body)}`).toBe(200);
  return body as Answer;
}

/** Calls a function with the clock at noon of a day, then resets the clock. */
async function at<Result>(day: string, run: () => Promise<Result>): Promise<Result> {
  const { ahead } = instance.clock;
  instance.clock.ahead = new Date(`${day}T12:00:00.000Z`).getTime() - Date.now();
  try {
    return await run();
  } finally {
    instance.clock.ahead = ahead;
  }
}

describe('by month', () => {
  ownTenant();

  interface Months {
    months: { month: string }[];
    conversion: number | null;
  }
  let company: string;
  let owner: string;

  beforeAll(async () => {
    owner = await addUser(tenant, `user_seller${tenant.id}`, 'Seller');
    const sell = (stage: string, value: string) =>
      send(instance, 'POST', '/deals', { title: stage, stage, value, companyId: company, ownerId: owner });
    // The days are in the next century, so no other test of this file counts them.
    company = await at('2100-01-31', async () => (await send(instance, 'POST', '/companies', { name: 'Monthly' })).id);
    await at('2100-01-31', () => sell('won', '10.10'));
    await at('2100-02-01', () => sell('won', '0.20'));
    await at('2100-02-28', () => sell('lost', '5.00'));
    const open = await at('2100-02-28', () => sell('lead', '7.00'));
    await at('2100-03-01', () => send(instance, 'POST', '/tasks', { title: 'T', status: 'done', dealId: open.id }));
  });

  test('GET /dashboard/stats: twelve months, the current one last, values exact', async () => {
    const stats = await at('2100-03-15', () => get<Months>('/dashboard/stats'));
    expect(stats.months.map(({ month }) => month)).toEqual([
      ...['2099-04', '2099-05', '2099-06', '2099-07', '2099-08', '2099-09', '2099-10', '2099-11', '2099-12'],
      ...['2100-01', '2100-02', '2100-03'],
    ]);
    const none = { won: 0, wonValue: '0.00', lost: 0, lostValue: '0.00', conversion: null };
    expect(stats.months.slice(-4)).toEqual([
      { month: '2099-12', ...none },
      { month: '2100-01', ...none, won: 1, wonValue: '10.10', conversion: 1 },
      { month: '2100-02', won: 1, wonValue: '0.20', lost: 1, lostValue: '5.00', conversion: 0.5 },
      { month: '2100-03', ...none },
    ]);
    expect(stats.conversion).toBe(0.6667);
  });

  test('GET /analytics/companies/{id}/monthly', async () => {
    const path = `/analytics/companies/${company}/monthly`;
    const { months } = await at('2100-03-15', () => get<Months>(`${path}?months=3`));
    expect(months).toEqual([
      // The company’s own row and the deal.
      { month: '2100-01', dealsCreated: 1, dealsWon: 1, wonValue: '10.10', tasksDone: 0, activities: 2 },
      { month: '2100-02', dealsCreated: 3, dealsWon: 1, wonValue: '0.20', tasksDone: 0, activities: 3 },
      { month: '2100-03', dealsCreated: 0, dealsWon: 0, wonValue: '0.00', tasksDone: 1, activities: 0 },
    ]);
    expect((await at('2100-03-15', () => get<Months>(path))).months).toHaveLength(12);
    expect((await at('2100-03-15', () => get<Months>(`${path}?months=1`))).months).toEqual([months[2]]);
  });

  test('GET /analytics/platform: growth since last month, and the best sellers', async () => {
    const platform = await at('2100-02-15', () => get<Record<string, unknown>>('/analytics/platform'));
    expect(platform).toMatchObject({
      month: '2100-02',
      totals: { wonValue: '10.30', deals: 4, companies: 1, activeUsers: 2 },
      growth: {
        companies: { thisMonth: 0, lastMonth: 1, change: -1 },
        deals: { thisMonth: 3, lastMonth: 1, change: 2 },
        dealsWon: { thisMonth: 1, lastMonth: 1, change: 0 },
        contacts: { thisMonth: 0, lastMonth: 0, change: null },
      },
      owners: [{ id: owner, name: 'Seller', won: 2, wonValue: '10.30' }],
    });
    const march = await at('2100-03-15', () => get<Record<string, unknown>>('/analytics/platform'));
    expect(march).toMatchObject({ growth: { tasksDone: { thisMonth: 1, lastMonth: 0, change: null } } });
  });
});

describe('changes with time alone', () => {
  ownTenant();

  test('a task becomes overdue at midnight UTC, without a write and without a stale answer', async () => {
    const user = await addUser(tenant, `user_late${tenant.id}`, 'Late');
    const project = await send(instance, 'POST', '/projects', { name: 'Late', ownerId: user });
    const due = dayFrom(instance, 0);
    await send(instance, 'POST', '/tasks', { title: 'T', dueDate: due, assigneeId: user, projectId: project.id });
    const overdue = async () => [
      (await get<{ tasks: { overdue: number } }>(`/users/${user}/dashboard`)).tasks.overdue,
      (await get<{ overdue: number }>(`/projects/${project.id}/stats`)).overdue,
      (await get<{ stats: { overdue: number } }>(`/projects/${project.id}/full`)).stats.overdue,
    ];
    const overview = () => get<{ overdueTasks: number; day: string }>('/dashboard/overview');
    const today = await overview();
    expect(await overdue()).toEqual([0, 0, 0]);
    await at(dayFrom(instance, 1), async () => {
      expect(await overdue()).toEqual([1, 1, 1]);
      expect(await overview()).toMatchObject({ day: dayFrom(instance, 0), overdueTasks: today.overdueTasks + 1 });
    });
  });

  test('this week ends on Sunday', async () => {
    const user = await addUser(tenant, `user_week${tenant.id}`, 'Week');
    // 2100-06-07 is a Monday.
    for (const dueDate of ['2100-06-06', '2100-06-07', '2100-06-13', '2100-06-14', null]) {
      await send(instance, 'POST', '/tasks', { title: 'T', dueDate, assigneeId: user });
    }
    const tasks = async () => (await get<{ tasks: object }>(`/users/${user}/dashboard`)).tasks;
    expect(await at('2100-06-07', tasks)).toMatchObject({ open: 5, overdue: 1, dueThisWeek: 2 });
    expect(await at('2100-06-13', tasks)).toMatchObject({ open: 5, overdue: 2, dueThisWeek: 1 });
    expect(await at('2100-06-14', tasks)).toMatchObject({ open: 5, overdue: 3, dueThisWeek: 1 });
  });

  test('a deal won last month is not won this month', async () => {
    await at('2100-08-31', () => send(instance, 'POST', '/deals', { title: 'W', stage: 'won', value: '3.30' }));
    const won = async () => (await get<{ wonThisMonth: object }>('/dashboard/overview')).wonThisMonth;
    expect(await at('2100-08-31', won)).toEqual({ count: 1, value: '3.30' });
    expect(await at('2100-09-01', won)).toEqual({ count: 0, value: '0.00' });
  });
});

describe('a user’s dashboard', () => {
  ownTenant();

  test('has the user’s pipeline, activities and number of unread notifications', async () => {
    const user = await addUser(tenant, `user_dash${tenant.id}`, 'Dash');
    await send(instance, 'POST', '/deals', { title: 'Own', value: '1.00', ownerId: user });
    await send(instance, 'POST', '/deals', { title: 'Not own', value: '2.00' });
    await sql(
      inject('cloud').postgres.url,
      `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, data, occurred_at)
       VALUES ($1, 'activity_00DASH', $2, 'called', 'contact', 'cont_x', '{"name":"Anna"}', '2026-01-02T03:04:05.678Z')`,
      [tenant.id, user],
    );
    await sql(
      inject('cloud').postgres.url,
      `INSERT INTO notifications (tenant_id, id, user_id, kind, title, read_at, updated_at)
       VALUES ($1, 'note_1', $2, 'k', 't', NULL, now()), ($1, 'note_2', $2, 'k', 't', now(), now())`,
      [tenant.id, user],
    );
    expect(await get(`/users/${user}/dashboard`)).toMatchObject({
      pipeline: { currency: 'EUR', total: { count: 1, value: '1.00' } },
      unreadNotifications: 1,
      recentActivity: [
        {
          id: 'activity_00DASH',
          verb: 'called',
          entityType: 'contact',
          entityId: 'cont_x',
          data: { name: 'Anna' },
          actor: { id: user, name: 'Dash' },
          occurredAt: '2026-01-02T03:04:05.678Z',
        },
      ],
    });
  });
});

describe('the feed', () => {
  ownTenant();

  interface Feed {
    items: { id: string; verb: string; entityType: string; entityId: string; data: object; actor: unknown }[];
    nextCursor: string | null;
  }

  // Older than all activities of the tests: the feed is sorted by id.
  beforeAll(() =>
    sql(
      inject('cloud').postgres.url,
      `INSERT INTO activities (tenant_id, id, verb, entity_type, entity_id, occurred_at)
       SELECT $1, 'activity_00PAST' || n, 'called', 'contact', 'cont_x', timestamp '2026-01-02' + n * interval '1 minute'
       FROM generate_series(1, 24) AS n`,
      [tenant.id],
    ),
  );

  test('gets an entry from every write, but none from a failed write', async () => {
    const steps: [method: 'POST' | 'PATCH' | 'DELETE', path: string, json: object | undefined, verb: string][] = [
      ['POST', '/companies', { name: 'Feed' }, 'created'],
      ['PATCH', '/companies/{id}', { city: 'Brest' }, 'updated'],
      ['DELETE', '/companies/{id}', undefined, 'deleted'],
      ['POST', '/contacts', { name: 'Feed' }, 'created'],
      ['PATCH', '/contacts/{id}', { phone: '1' }, 'updated'],
      ['DELETE', '/contacts/{id}', undefined, 'deleted'],
      ['POST', '/deals', { title: 'Feed', value: 1 }, 'created'],
      ['PATCH', '/deals/{id}', { stage: 'proposal' }, 'moved'],
      ['PATCH', '/deals/{id}', { value: 2 }, 'updated'],
      ['PATCH', '/deals/{id}', { stage: 'won' }, 'won'],
      ['DELETE', '/deals/{id}', undefined, 'deleted'],
      ['POST', '/projects', { name: 'Feed' }, 'created'],
      ['PATCH', '/projects/{id}', { description: 'D' }, 'updated'],
      ['PATCH', '/projects/{id}', { status: 'active' }, 'active'],
      ['DELETE', '/projects/{id}', undefined, 'deleted'],
      ['POST', '/tasks', { title: 'Feed' }, 'created'],
      ['PATCH', '/tasks/{id}', { priority: 'high' }, 'updated'],
      ['PATCH', '/tasks/{id}', { status: 'done' }, 'completed'],
      ['DELETE', '/tasks/{id}', undefined, 'deleted'],
    ];
    let id = '';
    for (const [method, path, json, verb] of steps) {
      const answer = await send<{ id: string } | undefined>(instance, method, path.replace('{id}', id), json);
      id = answer?.id ?? id;
      const [latest] = (await get<Feed>('/dashboard/activity?limit=1')).items;
      expect(latest, `${method} ${path}`).toMatchObject({ verb, entityId: id, actor: null });
    }
    const [before] = (await get<Feed>('/dashboard/activity?limit=1')).items;
    const refused = await instance.request('/tasks', { method: 'POST', json: { title: 'T', dealId: 'deal_nobody' } });
    expect(refused.status).toBe(409);
    expect((await get<Feed>('/dashboard/activity?limit=1')).items[0]).toEqual(before);
  });

  test('pages have every activity once, and do not shift when new ones arrive', async () => {
    const whole = (await get<Feed>('/dashboard/activity?limit=100')).items.map(({ id }) => id);
    expect(whole.length).toBeGreaterThan(20);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Feed = await get(`/dashboard/activity?limit=7${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await send(instance, 'POST', '/contacts', { name: 'Meanwhile' });
    }
    expect(paged).toEqual(whole);
  });

  test('GET /dashboard is the overview and the latest ten', async () => {
    const [overview, feed] = [await get('/dashboard/overview'), await get<Feed>('/dashboard/activity?limit=10')];
    expect(await get('/dashboard')).toEqual({ overview, recentActivity: feed.items });
    expect(feed.items).toHaveLength(10);
  });
});

describe('the numbers of the tenant', () => {
  ownTenant();

  test('equal those of its rows', async () => {
    const rowsToAdd: [path: string, json: object][] = [
      ['/companies', { name: 'Alga' }],
      ...['Anna', 'Bert'].map((name): [string, object] => ['/contacts', { name }]),
      ...['1.10', '2.20', '3.30'].map((value): [string, object] => ['/deals', { title: 'Open', value }]),
      ['/deals', { title: 'Won', value: '5.50', stage: 'won' }],
      ...['todo', 'todo', 'done', 'todo', 'todo'].map((status): [string, object] => ['/tasks', { title: 'T', status }]),
      ...['active', 'planned'].map((status): [string, object] => ['/projects', { name: 'P', status }]),
    ];
    for (const [path, json] of rowsToAdd) await send(instance, 'POST', path, json);
    const [rows] = await sql<Record<string, string | number>>(
      inject('cloud').postgres.url,
      `SELECT (SELECT count(*)::int FROM companies WHERE tenant_id = $1) AS companies,
         (SELECT count(*)::int FROM contacts WHERE tenant_id = $1) AS contacts,
         (SELECT count(*)::int FROM deals WHERE tenant_id = $1 AND closed_at IS NULL) AS "openDeals",
         (SELECT sum(value)::text FROM deals WHERE tenant_id = $1 AND closed_at IS NULL) AS "pipelineValue",
         (SELECT count(*)::int FROM tasks WHERE tenant_id = $1 AND completed_at IS NULL) AS "openTasks",
         (SELECT count(*)::int FROM projects WHERE tenant_id = $1 AND status = 'active') AS "activeProjects"`,
      [tenant.id],
    );
    expect(await get('/dashboard/overview')).toMatchObject({ currency: 'EUR', ...rows });
  });
});
