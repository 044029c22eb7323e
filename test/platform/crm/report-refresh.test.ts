/** The refresh of an analytics report: new values for its readers, one right, and a limit for the tenant. */
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { costOf, createTestApp } from '../../support/app.ts';
import { addKey, createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
let url: string;
beforeAll(() => {
  url = inject('cloud').postgres.url;
  app = createTestApp();
});
beforeEach(async () => {
  tenant = await createTenant(url);
});
afterAll(() => app.close());

const ask = (path: string, method = 'GET', key = tenant.keys.all) => app.request(path, { method, key });
const dealsIn = async (response: Response) => ((await response.json()) as { totals: { deals: number } }).totals.deals;

test('shows readers the rows that changed outside the API', async () => {
  await app.request('/deals', { method: 'POST', key: tenant.keys.all, json: { title: 'Kelp', value: 5 } });
  const path = '/analytics/platform';
  expect(await dealsIn(await ask(path))).toBe(1);
  await sql(url, 'DELETE FROM deals WHERE tenant_id = $1', [tenant.id]);
  expect(await dealsIn(await ask(path))).toBe(1);
  expect(await dealsIn(await ask(`${path}/refresh`, 'POST'))).toBe(0);
  const read = await ask(path);
  expect([read.headers.get('x-cache'), await dealsIn(read)]).toEqual(['HIT', 0]);
});

test.each(['/analytics/platform', '/analytics/activity', '/analytics/velocity'])(
  '%s has one, which answers as its GET does with the same parameters',
  async (path) => {
    const search = path.endsWith('velocity') ? '?months=3' : '';
    const refreshed = await ask(`${path}/refresh${search}`, 'POST');
    expect(refreshed.status).toBe(200);
    const read = await ask(`${path}${search}`);
    expect([read.headers.get('x-cache'), await read.json()]).toEqual(['HIT', await refreshed.json()]);
  },
);

test('of an unknown company is 404', async () => {
  expect((await ask('/analytics/companies/company_none/monthly/refresh', 'POST')).status).toBe(404);
});

test('needs the right analytics:refresh', async () => {
  const without = await addKey(url, tenant.id, { rights: ['crm:*'] });
  const response = await ask('/analytics/platform/refresh', 'POST', without);
  expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
    403,
    expect.stringContaining('analytics:refresh'),
  ]);
});

test('the seventh of a tenant in a minute is refused, and computes nothing', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 6; index += 1) statuses.push((await ask('/analytics/velocity/refresh', 'POST')).status);
  const refused = await ask('/analytics/platform/refresh', 'POST');
  expect([...statuses, refused.status]).toEqual([200, 200, 200, 200, 200, 200, 429]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(costOf(refused)['db']).toBe('0 queries');
});
