/**
 * Activity counts in the tenant's time zone: each local day, on both sides of a change of the clock, from the feed, from a
 * roll-up, and after the tenant has moved to another zone. The expected days come from the Temporal polyfill.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { daysToRollUp, rollUpActivities } from '../../../src/crm/activities/roll-up.ts';
import { runJob } from '../../../src/platform/jobs/testing.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { localDay } from '../../support/local-day.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { send } from './world.ts';

const MINUTE_MS = 60_000;
const database = () => inject('cloud').postgres.url;

interface World {
  tenant: OwnTenant;
  app: Instance;
}
let world: World;
beforeAll(async () => {
  const tenant = await createTenant(database());
  world = { tenant, app: await createInstance({ tenant }) };
});
afterAll(() => world.app.close());

const setClock = (to: Instance, ms: number) => {
  to.clock.ahead = ms - Date.now();
};

/** Replaces the feed by one activity at each moment, and forgets all roll-ups. */
async function happen({ tenant }: World, moments: readonly number[]) {
  await sql(database(), 'DELETE FROM activities WHERE tenant_id = $1', [tenant.id]);
  for (const table of ['activity_days', 'activity_sums'])
    await sql(database(), `DELETE FROM ${table} WHERE tenant_id = $1`, [tenant.id]);
  const rows = moments.map((ms, index) => ({ id: `a${index}`, at: new Date(ms).toISOString().slice(0, -1) }));
  await sql(
    database(),
    `INSERT INTO activities (tenant_id, id, verb, entity_type, entity_id, occurred_at)
     SELECT $1, $1 || id, 'won', 'deal', 'some', at FROM jsonb_to_recordset($2) AS t (id text, at timestamp)`,
    [tenant.id, JSON.stringify(rows)],
  );
}

interface Answer {
  timeZone: string;
  from: string;
  to: string;
  total: number;
  counts: { day: string; count: number }[];
}

/** The counts that the route computes now, without its cache. */
async function countsOf({ app }: World, search: string): Promise<Answer> {
  const response = await app.request(`/analytics/activity/refresh${search}`, { method: 'POST' });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Answer;
}

/** Runs the job of the next night, slice by slice. Returns the days of the job. */
async function rollUp({ app, tenant }: World) {
  const scope = app.platform.scope();
  try {
    const days = await daysToRollUp(scope.tenant(tenant.id), scope.system.now());
    if (days) {
      const { answer } = await runJob(scope, tenant.id, rollUpActivities, days);
      expect(answer).toEqual({ kind: 'settled', state: 'done' });
    }
    return days;
  } finally {
    await scope.end();
  }
}

const storedZones = async ({ tenant }: World) => {
  const rows = await sql<{ time_zone: string }>(
    database(),
    'SELECT DISTINCT time_zone FROM activity_days WHERE tenant_id = $1',
    [tenant.id],
  );
  return rows.map(({ time_zone }) => time_zone).toSorted();
};

/** How many moments lie in each of the local days. */
function tally(moments: readonly number[], zone: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const ms of moments) counts[localDay(zone, ms)] = (counts[localDay(zone, ms)] ?? 0) + 1;
  return counts;
}
const asTally = ({ counts }: Answer) =>
  Object.fromEntries(counts.filter(({ count }) => count > 0).map(({ day, count }) => [day, count]));

describe.each([
  ['Pacific/Auckland', 'autumn', '2027-04-02'],
  ['Pacific/Auckland', 'spring', '2027-09-24'],
  ['America/Los_Angeles', 'spring', '2027-03-12'],
  ['America/Los_Angeles', 'autumn', '2027-11-05'],
  // A zone whose offset has quarters of an hour, and one whose clock changes by half an hour.
  ['Pacific/Chatham', 'autumn', '2027-04-02'],
  ['Australia/Lord_Howe', 'spring', '2027-10-01'],
])('around the change of the clock in %s in %s', (zone, _season, from) => {
  const start = Date.parse(from);
  /** Every 15 minutes of five days, and the milliseconds around them. */
  const moments = Array.from({ length: 5 * 96 }, (_each, index) => start + index * 15 * MINUTE_MS).flatMap((ms) => [
    ms - 1,
    ms,
  ]);
  const search = `?from=${localDay('UTC', start - 86_400_000)}&to=${localDay('UTC', start + 6 * 86_400_000)}`;

  test('the days are those of the zone: from the feed, and from a roll-up of it', async () => {
    const own = await createTenant(database());
    const mine = { tenant: own, app: await createInstance({ tenant: own }) };
    try {
      setClock(mine.app, start + 10 * 86_400_000);
      await send(mine.app, 'PATCH', '/tenant', { timeZone: zone });
      await happen(mine, moments);
      const expected = tally(moments, zone);
      const counted = await countsOf(mine, search);
      expect(counted).toMatchObject({ timeZone: zone, total: moments.length });
      expect(asTally(counted)).toEqual(expected);
      expect(await rollUp(mine)).toEqual({
        from: localDay(zone, start - 1),
        to: localDay(zone, start + 9 * 86_400_000),
      });
      expect(await storedZones(mine)).toEqual([zone]);
      // The rows of the roll-up answer from now on: the feed may go.
      await sql(database(), 'DELETE FROM activities WHERE tenant_id = $1', [own.id]);
      expect(asTally(await countsOf(mine, search))).toEqual(expected);
    } finally {
      await mine.app.close();
    }
  });
});

test('a tenant that moves to another zone gets its days at once, and rolled up the next night', async () => {
  const start = Date.parse('2027-03-12');
  const moments = Array.from({ length: 72 }, (_each, index) => start + index * 60 * MINUTE_MS);
  setClock(world.app, start + 10 * 86_400_000);
  await happen(world, moments);
  for (const zone of ['UTC', 'America/Los_Angeles', 'Pacific/Auckland', 'UTC']) {
    await send(world.app, 'PATCH', '/tenant', { timeZone: zone });
    const search = `?from=2027-03-01&to=2027-03-20`;
    expect(asTally(await countsOf(world, search)), zone).toEqual(tally(moments, zone));
    expect(await rollUp(world)).toMatchObject({ from: localDay(zone, start) });
    expect(await storedZones(world)).toEqual([zone]);
    expect(asTally(await countsOf(world, search)), zone).toEqual(tally(moments, zone));
    // Nothing is new, so the following night has no work.
    setClock(world.app, world.app.clock.ahead + Date.now() + 86_400_000);
    expect(await rollUp(world)).toBeNull();
  }
  await send(world.app, 'PATCH', '/tenant', { timeZone: null });
});

test('the range without ends is that of the local today, and a cached one ends at the local midnight', async () => {
  const midnight = Date.parse('2027-03-14T08:00:00Z');
  await happen(world, []);
  await send(world.app, 'PATCH', '/tenant', { timeZone: 'America/Los_Angeles' });
  const get = async () => {
    const response = await world.app.request('/analytics/activity');
    const { from, to } = (await response.json()) as Answer;
    return { from, to, cache: response.headers.get('x-cache') };
  };
  setClock(world.app, midnight - 60_000);
  expect(await get()).toEqual({ from: '2027-02-12', to: '2027-03-13', cache: 'MISS' });
  expect(await get()).toEqual({ from: '2027-02-12', to: '2027-03-13', cache: 'HIT' });
  setClock(world.app, midnight + 1_000);
  expect(await get()).toEqual({ from: '2027-02-13', to: '2027-03-14', cache: 'MISS' });
  await send(world.app, 'PATCH', '/tenant', { timeZone: 'Pacific/Auckland' });
  expect(await get()).toEqual({ from: '2027-02-13', to: '2027-03-14', cache: 'MISS' });
  await send(world.app, 'PATCH', '/tenant', { timeZone: null });
});
