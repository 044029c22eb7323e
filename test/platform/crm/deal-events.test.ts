/** The events of deals and their projections: the stage history and the sales velocity, through the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobs } from '../../../src/app/background.ts';
import { dealEvents } from '../../../src/crm/deals/events.ts';
import { readEvents } from '../../../src/platform/events/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';

let world: JobWorld;
let key: string;
let tenant: string;
beforeAll(async () => {
  world = await openJobWorld([...jobs.values()]);
});
beforeEach(async () => {
  await world.clear();
  const own = await createTenant(world.connectionString);
  tenant = own.id;
  key = own.keys.all;
});
afterAll(() => world.close());

async function send<Answer = { id: string }>(method: string, path: string, json?: object): Promise<Answer> {
  const response = await world.app.test.request(path, { method, key, ...(json ? { json } : {}) });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(300);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}
/** Lets the groups run: they are woken a second after an event. */
const project = () => world.consume(tenant);
const steps = async (id: string) =>
  (
    await send<{ items: { from: string | null; stage: string; value: string }[] }>('GET', `/deals/${id}/history`)
  ).items.map(({ from, stage, value }) => `${from} → ${stage} ${value}`);
const typesOf = async (id: string) => {
  const reader = {
    tenant,
    query: async <Row extends object>(text: string, values: readonly unknown[]) =>
      (await world.query(text, [...values])) as Row[],
  };
  return (await readEvents(reader, dealEvents, id)).map(({ type }) => type);
};

describe('the stream of deals', () => {
  test('has an event for each write, in the order of the writes', async () => {
    const { id } = await send('POST', '/deals', { title: 'Kelp', value: 100 });
    await send('PATCH', `/deals/${id}`, { title: 'Kelp farm' });
    await send('PATCH', `/deals/${id}`, { stage: 'proposal' });
    await send('PATCH', `/deals/${id}`, { stage: 'won', value: 120 });
    await send('PATCH', `/deals/${id}`, { stage: 'negotiation' });
    await send('PATCH', `/deals/${id}`, { stage: 'lost' });
    await send('DELETE', `/deals/${id}`);
    expect(await typesOf(id)).toEqual([
      ...['created', 'changed', 'moved', 'changed', 'won', 'moved', 'lost', 'deleted'],
    ]);
  });

  test('has no event of a write that is refused', async () => {
    const response = await world.app.test.request('/deals', { method: 'POST', key, json: { title: '', value: 1 } });
    expect(response.status).toBe(400);
    expect(await world.query('SELECT id FROM events WHERE tenant_id = $1', [tenant])).toEqual([]);
  });
});

describe('the stage history', () => {
  test('shows each stage of a deal, the latest first, and a write that enters a stage ends its cached answer', async () => {
    const { id } = await send('POST', '/deals', { title: 'Kelp', value: 100 });
    await send('PATCH', `/deals/${id}`, { stage: 'proposal' });
    await project();
    expect(await steps(id)).toEqual(['lead → proposal 100.00', 'null → lead 100.00']);
    const again = () => world.app.test.request(`/deals/${id}/history`, { key });
    expect((await again()).headers.get('x-cache')).toBe('HIT');
    await send('PATCH', `/deals/${id}`, { stage: 'won', value: 120 });
    await project();
    expect((await again()).headers.get('x-cache')).toBe('MISS');
    expect(await steps(id)).toEqual(['proposal → won 120.00', 'lead → proposal 100.00', 'null → lead 100.00']);
  });

  test('of a deal that is created as won has one step', async () => {
    const { id } = await send('POST', '/deals', { title: 'Kelp', value: 5, stage: 'won' });
    await project();
    expect(await steps(id)).toEqual(['null → won 5.00']);
  });

  test('of a deal that does not exist, or of another tenant, is 404', async () => {
    const { id } = await send('POST', '/deals', { title: 'Kelp', value: 5 });
    const other = await createTenant(world.connectionString);
    for (const [path, whose] of [
      ['/deals/deal_unknown/history', key],
      [`/deals/${id}/history`, other.keys.all],
    ] as const) {
      expect((await world.app.test.request(path, { key: whose })).status).toBe(404);
    }
  });
});

describe('the sales velocity', () => {
  interface Month {
    month: string;
    deals: number;
    won: number;
    meanValue: string;
    winRate: number | null;
    meanDays: number | null;
    velocity: string | null;
  }
  const months = async () => (await send<{ months: Month[] }>('GET', '/analytics/velocity?months=3')).months;

  test('is deals × mean value × win rate ÷ mean days, in the month of closing', async () => {
    const open = [];
    for (const value of [100, 300, 500]) open.push((await send('POST', '/deals', { title: 'Kelp', value })).id);
    await world.advance(2 * 86_400_000);
    const [one, two, three] = open;
    await send('PATCH', `/deals/${one}`, { stage: 'won' });
    await send('PATCH', `/deals/${two}`, { stage: 'won' });
    await send('PATCH', `/deals/${three}`, { stage: 'lost' });
    await project();
    const all = await months();
    expect(all).toHaveLength(3);
    // 3 deals × 200 × 2/3 ÷ 2 days
    expect(all[2]).toMatchObject({ deals: 3, won: 2, meanValue: '200.00', winRate: 0.6667, meanDays: 2 });
    expect(Number(all[2]?.velocity)).toBeCloseTo(200, 0);
    expect(all[0]).toMatchObject({
      deals: 0,
      won: 0,
      meanValue: '0.00',
      winRate: null,
      meanDays: null,
      velocity: null,
    });
  });

  test('leaves out a deal that is open again, and one that is deleted', async () => {
    const ids = [];
    for (const title of ['a', 'b', 'c'])
      ids.push((await send('POST', '/deals', { title, value: 10, stage: 'won' })).id);
    await project();
    expect((await months())[2]).toMatchObject({ deals: 3 });
    await send('PATCH', `/deals/${ids[0]}`, { stage: 'proposal' });
    await send('DELETE', `/deals/${ids[1]}`);
    await project();
    expect((await months())[2]).toMatchObject({ deals: 1, won: 1 });
  });
});
