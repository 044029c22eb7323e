/**
 * Time zones of tenants and users: today, overdue and the months of reports follow them. The tests move the clock; the
 * expected days come from the Temporal polyfill.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createInstance, type Instance } from '../../support/instance.ts';
import { localDay } from '../../support/local-day.ts';
import { addPerson, createBrowser } from '../../support/people.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { addUser, send } from './world.ts';

const HOUR_MS = 3_600_000;
let tenant: OwnTenant;
let instance: Instance;

beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  instance = await createInstance({ tenant });
});
afterAll(() => instance.close());

const setClock = (to: Instance, ms: number) => {
  to.clock.ahead = ms - Date.now();
};

async function get<Answer>(from: Instance, path: string): Promise<Answer> {
  const response = await from.request(path);
  const text = await response.text();
  expect(response.status, `${path} ${text}`).toBe(200);
  return JSON.parse(text) as Answer;
}

interface Dashboard {
  day: string;
  timeZone: string;
  tasks: { overdue: number };
}
interface Overview {
  day: string;
  timeZone: string;
  overdueTasks: number;
}

describe('the setting', () => {
  test('of the tenant is UTC at first, may be changed, and is written as the zone is named', async () => {
    expect(await get(instance, '/tenant')).toMatchObject({ id: tenant.id, currency: 'EUR', timeZone: null });
    expect(await send(instance, 'PATCH', '/tenant', { timeZone: 'europe/berlin' })).toMatchObject({
      timeZone: 'Europe/Berlin',
    });
    expect(await get(instance, '/tenant')).toMatchObject({ timeZone: 'Europe/Berlin' });
    expect(await send(instance, 'PATCH', '/tenant', { timeZone: null })).toMatchObject({ timeZone: null });
  });

  test.each(['Mars/Olympus', '+02:00', '', 5])('%j is refused by the name of its field', async (timeZone) => {
    for (const path of ['/tenant', `/users/${tenant.userId}`]) {
      const response = await instance.request(path, { method: 'PATCH', json: { timeZone } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field: 'timeZone' }] });
    }
  });

  test('of the tenant may be changed only with `users:manage`', async () => {
    const json = { timeZone: 'Europe/Berlin' };
    expect((await instance.request('/tenant', { method: 'PATCH', json, key: tenant.keys.readOnly })).status).toBe(403);
  });

  test('of users may be changed by themselves and by administrators', async () => {
    const { id, email, password } = await addPerson(inject('cloud').postgres.url, tenant.id);
    const browser = createBrowser((path, init) => instance.request(path, { ...init, key: null }));
    expect((await browser.request('/auth/sign-in', { json: { email, password } })).status).toBe(200);
    const own = await browser.request('/me', { method: 'PATCH', json: { timeZone: 'Asia/Tokyo' } });
    expect(await own.json()).toMatchObject({ id, timeZone: 'Asia/Tokyo' });
    expect(await send(instance, 'PATCH', `/users/${id}`, { timeZone: null })).toMatchObject({ timeZone: null });
    expect(await get(instance, `/users/${id}`)).toMatchObject({ timeZone: null });
  });
});

test('R20 a task due on the 27th is overdue in UTC at 01:38 on the 28th, and not in Los Angeles', async () => {
  const user = await addUser(tenant, `user_west${tenant.id}`, 'West');
  setClock(instance, Date.parse('2027-11-28T01:38:00Z'));
  await send(instance, 'POST', '/tasks', { title: 'T', dueDate: '2027-11-27', assigneeId: user });
  const dashboard = () => get<Dashboard>(instance, `/users/${user}/dashboard`);
  expect(await dashboard()).toMatchObject({ day: '2027-11-28', timeZone: 'UTC', tasks: { overdue: 1 } });
  await send(instance, 'PATCH', '/tenant', { timeZone: 'America/Los_Angeles' });
  expect(await dashboard()).toMatchObject({
    ...{ day: '2027-11-27', timeZone: 'America/Los_Angeles', tasks: { overdue: 0 } },
  });
  expect(await get(instance, '/dashboard/overview')).toMatchObject({ day: '2027-11-27', overdueTasks: 0 });
  // The zone of a user wins over the zone of the tenant, on the dashboard of this user only.
  await send(instance, 'PATCH', `/users/${user}`, { timeZone: 'Asia/Tokyo' });
  expect(await dashboard()).toMatchObject({ day: '2027-11-28', timeZone: 'Asia/Tokyo', tasks: { overdue: 1 } });
  expect(await get(instance, '/dashboard/overview')).toMatchObject({ day: '2027-11-27', overdueTasks: 0 });
  await send(instance, 'PATCH', '/tenant', { timeZone: null });
});

describe('the overdue counts at every hour of four days', () => {
  test.each([
    ['America/Los_Angeles', 'spring', '2027-03-12'],
    ['America/Los_Angeles', 'autumn', '2027-11-05'],
    ['Pacific/Auckland', 'autumn', '2027-04-02'],
    ['Pacific/Auckland', 'spring', '2027-09-24'],
  ])('around the change of the clock in %s in %s are those of the local day', async (zone, _season, from) => {
    const own = await createTenant(inject('cloud').postgres.url);
    const app = await createInstance({ tenant: own });
    try {
      const start = Date.parse(from);
      setClock(app, start - HOUR_MS);
      await send(app, 'PATCH', '/tenant', { timeZone: zone });
      const due = Array.from({ length: 8 }, (_each, day) => localDay('UTC', start + (day - 2) * 24 * HOUR_MS));
      const project = await send(app, 'POST', '/projects', { name: 'P', ownerId: own.userId });
      for (const dueDate of due) {
        const fields = { title: dueDate, dueDate, assigneeId: own.userId, projectId: project.id };
        await send(app, 'POST', '/tasks', fields);
      }
      for (let hour = 0; hour <= 96; hour += 1) {
        // An answer that is cached a second before midnight must not be served at midnight.
        for (const ms of [start + hour * HOUR_MS - 1_000, start + hour * HOUR_MS]) {
          setClock(app, ms);
          const day = localDay(zone, app.clock.ahead + Date.now());
          const overdue = due.filter((each) => each < day).length;
          const answers = await Promise.all([
            get<Overview>(app, '/dashboard/overview').then((answer) => [answer.day, answer.overdueTasks]),
            get<Dashboard>(app, `/users/${own.userId}/dashboard`).then(({ tasks, ...rest }) => [
              rest.day,
              tasks.overdue,
            ]),
            get<{ day: string; overdue: number }>(app, `/projects/${project.id}/stats`).then((answer) => [
              answer.day,
              answer.overdue,
            ]),
          ]);
          expect(answers, new Date(ms).toISOString()).toEqual([1, 2, 3].map(() => [day, overdue]));
        }
      }
    } finally {
      await app.close();
    }
  });
});

test('months of reports begin at local midnight, on both sides of a change of the clock', async () => {
  const own = await createTenant(inject('cloud').postgres.url);
  const app = await createInstance({ tenant: own });
  const company = await send(app, 'POST', '/companies', { name: 'C' });
  // 2027-11-01 begins at 07:00 UTC in Los Angeles (-7), and 2027-12-01 at 08:00 UTC (-8).
  for (const moment of [
    '2027-11-01T06:59:00Z',
    '2027-11-01T07:00:00Z',
    '2027-12-01T07:59:00Z',
    '2027-12-01T08:00:00Z',
  ]) {
    setClock(app, Date.parse(moment));
    await send(app, 'POST', '/deals', { title: moment, stage: 'won', value: '1', companyId: company.id });
  }
  interface Report {
    months: { month: string; won?: number; dealsWon?: number }[];
  }
  const lastMonths = async () => {
    const [statistics, monthly, platform, overview] = await Promise.all([
      get<Report>(app, '/dashboard/stats'),
      get<Report>(app, `/analytics/companies/${company.id}/monthly?months=3`),
      get<{ month: string; growth: { dealsWon: object } }>(app, '/analytics/platform'),
      get<{ wonThisMonth: { count: number } }>(app, '/dashboard/overview'),
    ]);
    return {
      statistics: statistics.months.slice(-3).map(({ month, won }) => [month, won]),
      monthly: monthly.months.map(({ month, dealsWon }) => [month, dealsWon]),
      growth: [platform.month, platform.growth.dealsWon],
      wonThisMonth: overview.wonThisMonth.count,
    };
  };
  const expected = (counts: [number, number, number]) => {
    const months = ['2027-10', '2027-11', '2027-12'].map((month, index) => [month, counts[index]]);
    const growth = { thisMonth: counts[2], lastMonth: counts[1] };
    return {
      ...{ statistics: months, monthly: months, wonThisMonth: counts[2] },
      growth: ['2027-12', expect.objectContaining(growth)],
    };
  };
  setClock(app, Date.parse('2027-12-05T12:00:00Z'));
  expect(await lastMonths()).toEqual(expected([0, 2, 2]));
  await send(app, 'PATCH', '/tenant', { timeZone: 'America/Los_Angeles' });
  expect(await lastMonths()).toEqual(expected([1, 2, 1]));
  await app.close();
});
