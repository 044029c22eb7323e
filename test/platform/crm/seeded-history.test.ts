/** The demo data: its events fill the projections through the ordinary consumer groups. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoKeys } from '../../../prisma/demo.ts';
import { seedDatabase } from '../../../prisma/seed.ts';
import { jobs, schedules } from '../../../src/app/background.ts';
import { FORGET_TENANTS } from '../../support/forget-tenants.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

interface DealState {
  id: string;
  stage: string;
  value: string;
}

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld([...jobs.values()], schedules);
});
afterAll(() => world.close());

const get = async <Answer>(path: string) => {
  const response = await world.app.test.request(path, { key: demoKeys.globex });
  expect(response.status, path).toBe(200);
  return (await response.json()) as Answer;
};

test('the demo deals have the history and the velocity that their rows imply', async () => {
  // Redis is older than the data, so the schedule looks for no further groups.
  await world.tick();
  await world.query(FORGET_TENANTS);
  const now = new Date(world.app.test.platform.scope().system.now());
  expect(await seedDatabase(world.connectionString, { now, wake: true })).toBe(true);
  // The small tenant is enough: the test of the seed compares all events with their deals.
  for (const table of ['events', 'outbox']) await world.query(`DELETE FROM ${table} WHERE tenant_id = 'acme'`);
  await world.tick(3);

  const deals = (await world.query(
    `SELECT id, stage, value::text AS value FROM deals WHERE tenant_id = 'globex'`,
  )) as unknown as DealState[];
  const moves = (await world.query(
    `SELECT DISTINCT ON (deal_id) deal_id AS id, stage, value::text AS value
     FROM deal_moves WHERE tenant_id = 'globex' ORDER BY deal_id, version DESC`,
  )) as unknown as DealState[];
  const placeOf = ({ id, stage, value }: DealState) => `${id} ${stage} ${value}`;
  expect(moves.map(placeOf).toSorted()).toEqual(deals.map(placeOf).toSorted());

  for (const { id, stage } of deals) {
    const { items } = await get<{ items: { stage: string; from: string | null }[] }>(`/deals/${id}/history`);
    expect(items[0]?.stage).toBe(stage);
    expect(items.map(({ from }) => from)).toEqual([...items.slice(1).map((step) => step.stage), null]);
  }

  const [expected] = await world.query(
    `SELECT count(*)::int AS deals, (count(*) FILTER (WHERE stage = 'won'))::int AS won
     FROM deals WHERE tenant_id = 'globex' AND closed_at >= date_trunc('month', $1::timestamp) - interval '11 months'`,
    [now],
  );
  const { months } = await get<{ months: { deals: number; won: number }[] }>('/analytics/velocity?months=12');
  const sum = (of: 'deals' | 'won') => months.reduce((total, month) => total + month[of], 0);
  expect({ deals: sum('deals'), won: sum('won') }).toEqual(expected);
  expect(sum('deals')).toBeGreaterThan(0);
});
