/** The roll-up of days: each night, in slices, again for late activities, and during writes. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lastEndedDay, rollUpActivities } from '../../../src/crm/activities/roll-up.ts';
import { rollUpDays } from '../../../src/crm/schedules.ts';
import { enqueue, jobServices, readJob } from '../../../src/platform/jobs/index.ts';
import { createTestQueue, runJob } from '../../../src/platform/jobs/testing.ts';
import { runTick } from '../../../src/platform/jobs/tick.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const LOCAL = { APP_URL: 'http://app.test', QSTASH_URL: 'http://qstash.test', QSTASH_CURRENT_SIGNING_KEY: 'sig_days' };
const DAY = 86_400_000;
/** The time of the schedule, in ms after midnight. */
const NIGHTLY = 20 * 60_000;
/** Whether transactions can overlap at all. */
const concurrent = Boolean(process.env['DATABASE_URL']);
let asked = 0;
const queue = createTestQueue({
  environment: LOCAL,
  fetch(...request) {
    asked += 1;
    return fetch(...request);
  },
});
let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
beforeAll(async () => {
  database = await openMigratedDatabase();
  app = createTestApp({
    environment: { ...LOCAL, DATABASE_URL: database.connectionString },
    fetch: queue.fetch,
    outbound: queue.fetch,
    system: queue.system,
  });
});
beforeEach(async () => {
  await query_('DELETE FROM activity_days');
  await query_('DELETE FROM activity_sums');
  await query_('DELETE FROM activities');
  await query_('DELETE FROM outbox');
  tenant = await createTenant(database.connectionString);
  await queue.advance(app.app, untilNight());
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const query_ = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  sql<Row>(database.connectionString, text, values);
const now = () => queue.system.now();
/** The time until the next night; never 0, so that each night differs from the last. */
const untilNight = () => DAY - ((now() - NIGHTLY) % DAY);
/** The day with this distance from today. */
const dayFrom = (days: number) => new Date(now() + days * DAY).toISOString().slice(0, 10);

let inserted = 0;
/** Adds an activity to the feed on each of these days. */
async function happen(days: readonly number[], { actor = null as string | null, tenantId = tenant.id } = {}) {
  const rows = days.map((day) => {
    inserted += 1;
    return { id: `activity_${inserted}`, at: `${dayFrom(day)}T12:00:00` };
  });
  await query_(
    `INSERT INTO activities (tenant_id, id, actor_id, verb, entity_type, entity_id, occurred_at)
     SELECT $1, id, $2, 'won', 'deal', 'deal_x', at FROM jsonb_to_recordset($3) AS t (id text, at timestamp)`,
    [tenantId, actor, JSON.stringify(rows)],
  );
}

/** The number of activities in the rows of each day, by days from today. */
async function rolledUp(tenantId = tenant.id): Promise<Record<string, number>> {
  const rows = await query_<{ day: string; count: number }>(
    `SELECT day::text, sum(count)::int AS count FROM activity_days WHERE tenant_id = $1 GROUP BY day ORDER BY day`,
    [tenantId],
  );
  const today = Date.parse(dayFrom(0));
  return Object.fromEntries(rows.map(({ day, count }) => [(Date.parse(day) - today) / DAY, count]));
}

/** Runs the schedule for the current time and delivers its jobs. */
async function night(tick = now() - (now() % 60_000)) {
  const scope = app.platform.scope();
  const { outcome, detail } = await runTick(scope, rollUpDays, tick, 1);
  await scope.end();
  const inputs = await queue.enqueued(rollUpActivities);
  const delivered = await queue.drain(app.app);
  expect([outcome, delivered.filter(({ status }) => status !== 200)]).toEqual(['ok', []]);
  return { ...(JSON.parse(detail) as { enqueued: number }), inputs, delivered };
}

async function rollUp(from: number, to: number) {
  const scope = app.platform.scope();
  try {
    return (await runJob(scope, tenant.id, rollUpActivities, { from: dayFrom(from), to: dayFrom(to) })).answer;
  } finally {
    await scope.end();
  }
}

test('the first night rolls up the whole past of each tenant, 31 days in a slice', async () => {
  const other = await createTenant(database.connectionString);
  const past = Array.from({ length: 100 }, (_, index) => index - 100).filter((day) => day % 7 !== 0);
  await happen([...past, -1, 0, 0]);
  await happen([-3], { tenantId: other.id });
  const first = await night();
  expect(first.enqueued).toBe(2);
  const id = `activity-days-${dayFrom(-1)}`;
  expect(first.inputs).toContainEqual({ from: dayFrom(-100), to: dayFrom(-1) });
  const runs = first.delivered.filter((each) => each.id === id);
  expect(runs).toHaveLength(4 + 1);
  expect(await rolledUp()).toEqual({ ...Object.fromEntries(past.map((day) => [day, 1])), '-1': 2 });
  expect(await rolledUp(other.id)).toEqual({ '-3': 1 });
  const scope = app.platform.scope();
  expect(await readJob(jobServices(scope), tenant.id, id)).toMatchObject({
    state: 'done',
    slice: 3,
    result: { to: dayFrom(-1) },
  });
  await scope.end();
});

test('a job between slices reports its progress', async () => {
  const scope = app.platform.scope();
  const range = { from: dayFrom(-100), to: dayFrom(-1) };
  const { id, answer } = await runJob(scope, tenant.id, rollUpActivities, range);
  expect(answer).toMatchObject({ state: 'queued' });
  const progress = { day: dayFrom(-70), of: dayFrom(-1) };
  expect(await readJob(jobServices(scope), tenant.id, id)).toMatchObject({ progress });
  await scope.end();
});

test('a night is enqueued once; the next one repeats the last day for late activities', async () => {
  await happen([-2, -1, 0]);
  await night();
  expect((await night()).delivered).toEqual([]);
  await queue.advance(app.app, untilNight());
  // The last rolled-up day, and an earlier one.
  await happen([-2, -3]);
  expect((await night()).inputs).toEqual([{ from: dayFrom(-2), to: dayFrom(-1) }]);
  expect(await rolledUp()).toEqual({ '-3': 1, '-2': 2, '-1': 1 });
  const scope = app.platform.scope();
  await enqueue(scope.tenant(tenant.id), rollUpActivities, { from: dayFrom(-3), to: dayFrom(-3) });
  await scope.end();
  await queue.drain(app.app);
  expect(await rolledUp()).toEqual({ '-3': 2, '-2': 2, '-1': 1 });
});

test('the next night makes up for missed ones; a night without activities enqueues no job', async () => {
  await happen([-1]);
  await night();
  await queue.advance(app.app, 4 * DAY + untilNight());
  await happen([-5, -2]);
  expect((await night()).inputs).toEqual([{ from: dayFrom(-6), to: dayFrom(-1) }]);
  expect(await rolledUp()).toEqual({ '-6': 1, '-5': 1, '-2': 1 });
  await queue.advance(app.app, untilNight());
  expect((await night()).enqueued).toBe(0);
});

test('a day counts as ended five minutes after midnight, when its writes have ended', async () => {
  expect(lastEndedDay(Date.parse('2027-03-01T00:04:59Z'), 'UTC')).toBe('2027-02-27');
  expect(lastEndedDay(Date.parse('2027-03-01T00:05:00Z'), 'UTC')).toBe('2027-02-28');
  expect(lastEndedDay(Date.parse('2027-03-01T23:59:59Z'), 'UTC')).toBe('2027-02-28');
  await happen([-1, 0]);
  expect(await rollUp(-1, 0)).toEqual({ kind: 'settled', state: 'done' });
  expect(await rolledUp()).toEqual({ '-1': 1 });
  expect(await rollUp(0, 5)).toEqual({ kind: 'settled', state: 'done' });
  expect(await rolledUp()).toEqual({ '-1': 1 });
});

test('rows follow activities that are deleted from the feed; other days stay unchanged', async () => {
  await happen([-3, -2, -1]);
  await happen([-2, -2], { actor: tenant.userId });
  await rollUp(-3, -1);
  expect(await rolledUp()).toEqual({ '-3': 1, '-2': 3, '-1': 1 });
  await query_('DELETE FROM activities WHERE tenant_id = $1 AND (actor_id IS NULL OR id = $2)', [
    tenant.id,
    `activity_${inserted}`,
  ]);
  await rollUp(-2, -2);
  expect(await rolledUp()).toEqual({ '-3': 1, '-2': 1, '-1': 1 });
  await rollUp(-3, -1);
  expect(await rolledUp()).toEqual({ '-2': 1 });
});

test('a roll-up waits for another one and counts after it, so that older numbers never replace newer ones', async () => {
  await happen([-1]);
  const other = new pg.Client({ connectionString: database.connectionString });
  await other.connect();
  await other.query('BEGIN');
  await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`activity-days:${tenant.id}`]);
  const rolling = rollUp(-1, -1);
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  // The embedded Postgres begins no transaction before the other has ended.
  if (concurrent) await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1);
  await other.query(`INSERT INTO activities (tenant_id, id, verb, entity_type, entity_id, occurred_at)
    SELECT tenant_id, 'activity_late', verb, entity_type, entity_id, occurred_at FROM activities`);
  await other.query('COMMIT');
  await other.end();
  await rolling;
  expect(await rolledUp()).toEqual({ '-1': 2 });
});

test('several roll-ups during writes: one that begins after the writes counts all of them', async () => {
  for (let round = 0; round < 5; round += 1) {
    const writes = [1, 2, 3].map(() => happen([-2, -1]));
    await Promise.all([...writes, rollUp(-2, -1), rollUp(-1, -1), rollUp(-3, -1)]);
    expect((await rolledUp())['-1'] ?? 0).toBeLessThanOrEqual(3 * (round + 1));
  }
  await rollUp(-2, -1);
  expect(await rolledUp()).toEqual({ '-2': 15, '-1': 15 });
});

test('a slice costs five requests to Redis, the last one four', async () => {
  const inTwoSlices = async () => {
    const scope = app.platform.scope();
    await enqueue(scope.tenant(tenant.id), rollUpActivities, { from: dayFrom(-32), to: dayFrom(-1) });
    await scope.end();
    asked = 0;
    expect(await queue.drain(app.app)).toMatchObject([{ status: 200 }, { status: 200 }]);
    return asked;
  };
  // The first run loads the scripts.
  await inTwoSlices();
  expect(await inTwoSlices()).toBe(5 + 4);
});
