/**
 * The report of activities reads as many rows for a busy tenant as for a quiet one: the sums of its form, and the feed of
 * the days that are not rolled up. PostgreSQL expects that too, so its cost stays far below the one from which it compiles
 * a statement (JIT).
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rollUpActivities } from '../../../src/crm/activities/roll-up.ts';
import { activityCounts } from '../../../src/crm/analytics/activity.ts';
import { runJob } from '../../../src/platform/jobs/testing.ts';
import { addDays } from '../../../src/platform/rest/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';
import { readingOf, statementsOf } from './plans.ts';

const DAYS = 366;
const [PERSONS, KINDS] = [3, 4];
/** The activities of a day: each person with each kind, once or twenty times. */
const [QUIET, BUSY] = [PERSONS * KINDS, 20 * PERSONS * KINDS];

let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
let client: pg.Client;
let today: string;
let tenants: { quiet: string; busy: string };
beforeAll(async () => {
  database = await openMigratedDatabase();
  app = createTestApp({ environment: { DATABASE_URL: database.connectionString } });
  client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  today = new Date().toISOString().slice(0, 10);
  tenants = { quiet: await createBusy(QUIET), busy: await createBusy(BUSY) };
  await client.query('ANALYZE');
});
afterAll(async () => {
  await client.end();
  await app.close();
  await database.close();
});

/** Creates a tenant with activities on each day of a year, of which all but today are rolled up. */
async function createBusy(activities: number): Promise<string> {
  const { id } = await createTenant(database.connectionString);
  await client.query(
    `INSERT INTO users (tenant_id, id, email, name, role, updated_at)
     SELECT $1, 'user_' || i, $1 || i, 'Ada', 'member', now() FROM generate_series(0, $2::int - 1) AS i`,
    [id, PERSONS],
  );
  await client.query(
    `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, occurred_at)
     SELECT $1, 'a_' || day || '_' || i, 'user_' || i % $3, 'verb_' || i / $3 % $4, 'deal', 'deal_x',
       $5::timestamp - interval '1 day' * day + interval '1 second' * i
     FROM generate_series(0, ${DAYS - 1}) AS day, generate_series(0, $2::int - 1) AS i`,
    [id, activities, PERSONS, KINDS, today],
  );
  for (let day = 1; day < DAYS; day += 31) {
    const scope = app.platform.scope();
    const days = { from: addDays(today, -day - 30), to: addDays(today, -day) };
    expect((await runJob(scope, id, rollUpActivities, days)).answer).toMatchObject({ state: 'done' });
    await scope.end();
  }
  return id;
}

type By = 'day' | 'person' | 'kind';

/** Loads a report of the year and returns its total, the rows that its statements read by table, and their cost. */
async function read(tenant: string, by: By, to = today) {
  const scope = app.platform.scope();
  let total = 0;
  const statements = await statementsOf(async () => {
    const args = { from: addDays(today, 1 - DAYS), to, by, open: true };
    const [counts] = await activityCounts.load([args], scope.tenant(tenant));
    total = counts?.total ?? 0;
  });
  await scope.end();
  const own = statements.filter((each) => each.text.includes('activit'));
  return { total, ...(await readingOf(client, own, /^activit/)), statements: statements.length };
}

describe.each<[By, groups: number]>([
  ['day', 1],
  ['person', PERSONS],
  ['kind', KINDS],
])('a year by %s', (by, groups) => {
  /** The rows that tell which days are rolled up, and those of the form. */
  const sums = (DAYS - 1) * (1 + groups);

  test.each(['quiet', 'busy'] as const)('reads the sums and the feed of today: a %s tenant', async (name) => {
    const ofToday = { quiet: QUIET, busy: BUSY }[name];
    expect(await read(tenants[name], by)).toMatchObject({
      total: DAYS * ofToday,
      // One activity shows that today has any.
      rows: { activity_sums: sums, activities: ofToday + 1 },
      statements: 3,
    });
  });

  test('up to yesterday reads no activity', async () => {
    const { rows, statements } = await read(tenants.busy, by, addDays(today, -1));
    expect([rows, statements]).toEqual([{ activity_sums: sums, activities: 0 }, 2]);
  });

  test('has about the same cost for PostgreSQL, whether a day has few or many activities', async () => {
    const [quiet, busy] = [await read(tenants.quiet, by), await read(tenants.busy, by)];
    expect(busy.cost / quiet.cost).toBeLessThan(2);
  });
});
