/** R19: amounts have the decimal places of their currency, from the request to the reports. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { ask } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
afterEach(async () => {
  for (const table of ['deals', 'deal_moves', 'deal_closings']) await world.query(`DELETE FROM ${table}`);
  await world.clear();
});
afterAll(() => world.close());

const setCurrency = async (currency: string) => {
  await world.query('UPDATE tenants SET currency = $2 WHERE id = $1', [world.tenant.id, currency]);
  await world.clear();
};

async function send(method: string, path: string, json?: object): Promise<{ status: number; body: never }> {
  const response = await ask(world, path, { method, ...(json && { json }) });
  return { status: response.status, body: (await response.json()) as never };
}
const get = async <Answer>(path: string) => {
  const { status, body } = await send('GET', path);
  expect(status, path).toBe(200);
  return body as Answer;
};
const add = (value: unknown, also: object = {}) => send('POST', '/deals', { title: 'Deal', value, ...also });

describe('the value of a deal', () => {
  test.each([
    ['JPY', '1200', '1200'],
    ['JPY', 1200, '1200'],
    ['JPY', '0', '0'],
    ['EUR', '100.5', '100.50'],
    ['EUR', 100.5, '100.50'],
    ['KWD', '12.345', '12.345'],
    ['KWD', '12', '12.000'],
    ['KWD', '999999999999.999', '999999999999.999'],
    ['IQD', '0.001', '0.001'],
  ])('in %s, %j, is stored and answered as %s', async (currency, value, text) => {
    await setCurrency(currency);
    const { status, body } = await add(value);
    expect(status).toBe(201);
    const { id, value: answered } = body as { id: string; value: string };
    expect(answered).toBe(text);
    expect(await get(`/deals/${id}`)).toMatchObject({ value: text });
    expect(await get('/deals')).toMatchObject({ items: [{ value: text }] });
    expect(await get('/deals/pipeline')).toMatchObject({ currency, total: { count: 1, value: text } });
  });

  test.each([
    ['JPY', '100.50', 'must have no decimal places, because amounts are in JPY'],
    ['JPY', 0.5, 'must have no decimal places, because amounts are in JPY'],
    ['EUR', '12.345', 'must have at most 2 decimal places, because amounts are in EUR'],
    ['KWD', '12.3456', 'must have at most 3 decimal places, because amounts are in KWD'],
  ])('in %s, %j, is refused by name: %s', async (currency, value, message) => {
    await setCurrency(currency);
    const problem = { errors: [{ field: 'value', message }] };
    expect(await add(value)).toMatchObject({ status: 400, body: problem });
    const { body } = await add('5');
    const { id, value: before } = body as { id: string; value: string };
    expect(await send('PATCH', `/deals/${id}`, { value })).toMatchObject({ status: 400, body: problem });
    expect(await get(`/deals/${id}`)).toMatchObject({ value: before });
  });

  test('changes with its places, and stays the same in a change of another field', async () => {
    await setCurrency('KWD');
    const { body } = await add('1.5');
    const { id } = body as { id: string };
    expect(await send('PATCH', `/deals/${id}`, { value: '2.345' })).toMatchObject({ body: { value: '2.345' } });
    expect(await send('PATCH', `/deals/${id}`, { title: 'Other' })).toMatchObject({ body: { value: '2.345' } });
  });
});

test.each([
  ['JPY', ['1000', '250'], '1250', '1000', '625'],
  ['KWD', ['1.005', '2.345'], '3.350', '1.005', '1.675'],
])(
  'in %s, reports, the history and events have the places of the currency',
  async (currency, values, sum, first, mean) => {
    await setCurrency(currency);
    const company = (await send('POST', '/companies', { name: 'C' })).body as { id: string };
    const ids: string[] = [];
    for (const value of values) {
      const { body } = await add(value, { stage: 'won', companyId: company.id, ownerId: world.tenant.userId });
      ids.push((body as { id: string }).id);
    }
    await world.consume(world.tenant.id);
    const last = <Item>(items: readonly Item[]) => items.at(-1);
    const [overview, statistics, monthly, platform, velocity, history, dashboard] = await Promise.all([
      get<{ wonThisMonth: object; pipelineValue: string }>('/dashboard/overview'),
      get<{ months: object[] }>('/dashboard/stats'),
      get<{ months: object[] }>(`/analytics/companies/${company.id}/monthly`),
      get<object>('/analytics/platform'),
      get<{ months: object[] }>('/analytics/velocity'),
      get<{ items: object[] }>(`/deals/${ids[0]}/history`),
      get<object>(`/users/${world.tenant.userId}/dashboard`),
    ]);
    const zero = currency === 'JPY' ? '0' : '0.000';
    expect(overview).toMatchObject({ wonThisMonth: { value: sum }, pipelineValue: zero });
    expect(last(statistics.months)).toMatchObject({ wonValue: sum, lostValue: zero });
    expect(last(monthly.months)).toMatchObject({ wonValue: sum });
    expect(platform).toMatchObject({ totals: { wonValue: sum }, owners: [{ wonValue: sum }] });
    expect(last(velocity.months)).toMatchObject({ meanValue: mean });
    expect(history.items[0]).toMatchObject({ value: first });
    expect(dashboard).toMatchObject({ pipeline: { total: { value: sum } } });
    const [event] = await world.query("SELECT data FROM events WHERE tenant_id = $1 AND key = $2 AND type = 'won'", [
      world.tenant.id,
      ids[0],
    ]);
    expect(event).toMatchObject({ data: { value: first } });
  },
);
