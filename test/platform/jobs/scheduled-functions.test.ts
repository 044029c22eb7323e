/** The work of the CRM's schedules: each with its effect, and with a second run. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setUpDatabase } from '../../../prisma/setup.ts';
import { crm } from '../../../src/crm/index.ts';
import { identity } from '../../../src/identity/index.ts';
import { query } from '../../../src/platform/cache/index.ts';
import type { DataContext } from '../../../src/platform/http/index.ts';
import { createJobs, flushSchedule, job, platformSchedules, type Schedule } from '../../../src/platform/jobs/index.ts';
import { indexKey } from '../../../src/platform/jobs/keys.ts';
import { runTick } from '../../../src/platform/jobs/tick.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openTestDatabase, type TestDatabase } from '../db/database.ts';

const DAY = 86_400_000;
const TICK = Date.parse('2027-02-01T06:00:00Z');
let database: TestDatabase;
let app: ReturnType<typeof createTestApp>;
let tenant: OwnTenant;
let now = TICK;
beforeAll(async () => {
  database = await openTestDatabase();
  await setUpDatabase({ connectionString: database.connectionString, seed: false });
  app = createTestApp({
    environment: { DATABASE_URL: database.connectionString },
    system: { now: () => now, redisAhead: () => now - Date.now() },
  });
});
beforeEach(async () => {
  now = TICK;
  tenant = await createTenant(database.connectionString);
  await query_('UPDATE users SET last_active_at = $1', [new Date(TICK)]);
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const query_ = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  sql<Row>(database.connectionString, text, values);
const noted = query('test-noted', {
  ttl: '1m',
  tags: () => [],
  load: async ({ id }: { id: string }, { tenant, db }: DataContext) =>
    (await (await db()).company.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } }))?.name ?? null,
  async flush(writes, tx) {
    for (const { tenant, args, value } of writes) {
      await tx.company.create({ data: { tenantId: tenant, id: args.id, name: value ?? '' } });
    }
  },
});
const known = job('test.known', { input: z.object({}), run: async () => {} });
const schedules = [...platformSchedules(createJobs([known])), ...identity.schedules, ...crm.schedules];
const named = (name: string): Schedule =>
  schedules.find((each) => each.name === name) ?? expect.fail(`There is no schedule ${name}`);

/** Runs a schedule for a tick and returns its stored result. */
async function run(schedule: Schedule, tick = now): Promise<unknown> {
  const scope = app.platform.scope();
  try {
    const { outcome, detail } = await runTick(scope, schedule, tick, 1);
    return outcome === 'ok' ? JSON.parse(detail || 'null') : `${outcome}: ${detail}`;
  } finally {
    await scope.end();
  }
}

async function addUser(name: string, role = 'member'): Promise<string> {
  const id = `user_${name}_${randomBytes(4).toString('hex')}`;
  await query_(
    `INSERT INTO users (tenant_id, id, email, name, role, updated_at) VALUES ($1, $2, $2, $3, $4::user_role, now())`,
    [tenant.id, id, name, role],
  );
  return id;
}
async function addTask(assignee: string | null, due: string | null, status = 'todo') {
  await query_(
    `INSERT INTO tasks (tenant_id, id, title, status, due_date, assignee_id, updated_at)
     VALUES ($1, $2, 'Task', $3::task_status, $4, $5, now())`,
    [tenant.id, `task_${randomBytes(8).toString('hex')}`, status, due, assignee],
  );
}

describe('due tasks', () => {
  // The schedule counts the notifications of all tenants, also those of earlier tests.
  beforeEach(() => query_('DELETE FROM tasks'));
  const notify = named('crm.due-tasks');
  const notified = () =>
    query_<{ user_id: string; title: string }>(
      'SELECT user_id, title, data FROM notifications WHERE tenant_id = $1 ORDER BY title',
      [tenant.id],
    );

  test('each assignee is notified once a day, and only of open due tasks', async () => {
    const [kelp, reef, gone] = [await addUser('kelp'), await addUser('reef'), await addUser('gone')];
    await query_('UPDATE users SET disabled_at = now() WHERE id = $1', [gone]);
    await addTask(kelp, '2027-02-01');
    await addTask(kelp, '2027-01-30', 'doing');
    await addTask(kelp, '2027-01-30', 'done');
    await addTask(reef, '2027-01-01', 'blocked');
    await addTask(reef, '2027-02-02');
    await addTask(reef, null);
    await addTask(gone, '2027-02-01');
    await addTask(null, '2027-02-01');
    const [first, second] = await Promise.all([run(notify), run(notify)]);
    expect([first, second]).toEqual(
      expect.arrayContaining([expect.objectContaining({ notified: 2 }), expect.objectContaining({ notified: 0 })]),
    );
    expect(await notified()).toEqual([
      { user_id: kelp, title: 'Tasks: 1 due today, 1 overdue', data: { day: '2027-02-01', due: 1, overdue: 1 } },
      { user_id: reef, title: 'Tasks: 1 overdue', data: { day: '2027-02-01', due: 0, overdue: 1 } },
    ]);
    // Late, but for the same tick, so for the same day.
    now += 20 * 3_600_000;
    await run(notify, TICK);
    expect(await notified()).toHaveLength(2);
    await run(notify, TICK + DAY);
    expect(await notified()).toHaveLength(4);
  });

  test('each is notified at 06:00 in the time zone of the user, else of the tenant, on both sides of DST', async () => {
    const setZone = (user: string, zone: string) =>
      query_('UPDATE users SET time_zone = $2 WHERE id = $1', [user, zone]);
    const zones = [
      'America/Los_Angeles',
      'Asia/Kathmandu',
      'Pacific/Kiritimati',
      'Pacific/Honolulu',
      'Pacific/Auckland',
    ];
    await query_('UPDATE tenants SET time_zone = $2 WHERE id = $1', [tenant.id, 'Pacific/Auckland']);
    const zoneOf = new Map<string, string>();
    for (const zone of zones) {
      const user = await addUser('zoned');
      if (zone !== 'Pacific/Auckland') await setZone(user, zone);
      zoneOf.set(user, zone);
      await addTask(user, '2027-01-01');
    }
    const seen = new Set<string>();
    const found: Record<string, string[]> = Object.fromEntries(zones.map((zone) => [zone, []]));
    // The clock of Los Angeles changes on 2027-03-14.
    const start = Date.parse('2027-03-13T00:00:00Z');
    for (now = start; now < start + 3 * DAY; now += 900_000) {
      await run(notify);
      for (const row of await query_<{ id: string; user_id: string; data: { day: string } }>(
        'SELECT id, user_id, data FROM notifications WHERE tenant_id = $1',
        [tenant.id],
      )) {
        const zone = zoneOf.get(row.user_id) ?? '';
        if (!seen.has(row.id))
          found[zone]?.push(new Date(now).toLocaleString('sv-SE', { timeZone: zone }), row.data.day);
        seen.add(row.id);
      }
    }
    const mornings = (...days: number[]) => days.flatMap((day) => [`2027-03-${day} 06:00:00`, `2027-03-${day}`]);
    expect(found).toEqual({
      'America/Los_Angeles': mornings(13, 14, 15),
      'Asia/Kathmandu': mornings(13, 14, 15),
      'Pacific/Kiritimati': mornings(14, 15, 16),
      'Pacific/Honolulu': mornings(13, 14, 15),
      'Pacific/Auckland': mornings(14, 15, 16),
    });
  });

  test('a tick that is late still notifies on the same local day, and not after it', async () => {
    const user = await addUser('late');
    await query_('UPDATE users SET time_zone = $2 WHERE id = $1', [user, 'America/Los_Angeles']);
    await addTask(user, '2027-01-01');
    const tick = Date.parse('2027-02-01T14:00:00Z');
    now = Date.parse('2027-02-02T08:00:00Z');
    await run(notify, tick);
    expect(await notified()).toEqual([]);
    now = Date.parse('2027-02-02T07:59:00Z');
    await run(notify, tick);
    expect(await notified()).toMatchObject([{ user_id: user, data: { day: '2027-02-01' } }]);
  });

  test('the dashboards of assignees show it immediately', async () => {
    const user = await addUser('tide');
    await addTask(user, '2027-02-01');
    const unread = async () => {
      const answer = await app.request(`/users/${user}/dashboard`, { key: tenant.keys.all });
      const { unreadNotifications } = (await answer.json()) as { unreadNotifications: number };
      return [unreadNotifications, answer.headers.get('x-cache')];
    };
    await unread();
    expect(await unread()).toEqual([0, 'HIT']);
    await run(notify);
    expect(await unread()).toEqual([1, 'MISS']);
  });
});

describe('warming', () => {
  test('loads the entries that are read next; a second run has nothing to load', async () => {
    expect(await run(named('crm.warm'))).toMatchObject({ loaded: expect.any(Number) });
    const answer = await app.request('/deals/pipeline', { key: tenant.keys.all });
    expect(answer.headers.get('x-cache')).toBe('HIT');
    expect(await run(named('crm.warm'))).toMatchObject({ loaded: 0 });
  });

  test('loads the analytics of the last month', async () => {
    await query_(`INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, 'company_a', 'A', now())`, [
      tenant.id,
    ]);
    await query_(
      `INSERT INTO deals (tenant_id, id, title, stage, value, company_id, closed_at, updated_at)
       VALUES ($1, 'deal_a', 'Won', 'won', 5, 'company_a', '2027-01-15', now())`,
      [tenant.id],
    );
    expect(await run(named('crm.analytics'))).toMatchObject({ month: '2027-01' });
    now = Date.parse('2027-01-31T12:00:00Z');
    const answer = await app.request('/analytics/companies/company_a/monthly', { key: tenant.keys.all });
    expect([answer.status, answer.headers.get('x-cache')]).toEqual([200, 'HIT']);
  });
});

describe('sign-ups', () => {
  async function signUp(daysAgo: number, also: (id: string) => Promise<unknown> = async () => {}): Promise<string> {
    const id = `s-${randomBytes(6).toString('hex')}`;
    const at = new Date(now - daysAgo * DAY);
    await query_(`INSERT INTO tenants VALUES ($1, $1, 'EUR', $2, $2)`, [id, at]);
    await query_(
      `INSERT INTO users (tenant_id, id, email, name, role, password_hash, updated_at)
       VALUES ($1, $2, $2, 'Owner', 'owner', 'hash', $3)`,
      [id, `user_${id}`, at],
    );
    await also(id);
    return id;
  }
  const isThere = async (id: string) => (await query_('SELECT 1 FROM tenants WHERE id = $1', [id])).length === 1;

  test('without a sign-in for a week are deleted; others are kept', async () => {
    const update = (what: string) => (id: string) => query_(`UPDATE users SET ${what} WHERE tenant_id = $1`, [id]);
    const abandoned = await signUp(8);
    const kept = [
      await signUp(6),
      await signUp(8, update('verified_at = now()')),
      await signUp(8, update('last_active_at = now()')),
      await signUp(8, update(`role = 'member'`)),
      // A tenant of the command line: its owner has an invitation and no password yet.
      await signUp(8, update('password_hash = NULL')),
      await signUp(8, (id) =>
        query_(`INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, 'c', 'C', now())`, [id]),
      ),
      await signUp(8, (id) =>
        query_(
          `INSERT INTO users (tenant_id, id, email, name, role, updated_at) VALUES ($1, 'u', 'u', 'U', 'owner', now())`,
          [id],
        ),
      ),
      tenant.id,
    ];
    expect(await run(named('auth.forget-sign-ups'))).toEqual({ forgotten: 1 });
    expect(await isThere(abandoned)).toBe(false);
    expect(await Promise.all(kept.map(isThere))).toEqual(kept.map(() => true));
  });
});

test('cleaning up deletes steps and lists of jobs that are older than any message', async () => {
  const step = (name: string, daysAgo: number) =>
    query_('INSERT INTO job_steps (tenant_id, job_id, step, result, applied_at) VALUES ($1, $2, $2, $2, $3)', [
      tenant.id,
      name,
      new Date(now - daysAgo * DAY).toISOString().replace('Z', ''),
    ]);
  await Promise.all([step('old', 31), step('young', 29)]);
  const scope = app.platform.scope();
  const { redis } = scope;
  for (const state of ['done', 'dead', 'queued'] as const) {
    for (const days of [7, 9, 31]) {
      const list = indexKey(tenant.id, 'test.known', state);
      await redis.exec(['ZADD', list, String(now - days * DAY), `job_${days}`]);
    }
  }
  expect(await run(named('jobs.clean-up'))).toEqual({ steps: 1, calls: 0, listed: 3 });
  const left = (state: 'done' | 'dead' | 'queued') =>
    redis.exec<string[]>(['ZRANGE', indexKey(tenant.id, 'test.known', state), '0', '-1']);
  expect(await left('done')).toEqual(['job_7']);
  expect(await left('dead')).toEqual(['job_9', 'job_7']);
  expect(await left('queued')).toHaveLength(3);
  await scope.end();
  expect(await query_('SELECT step FROM job_steps WHERE tenant_id = $1', [tenant.id])).toEqual([{ step: 'young' }]);
});

test('write-behind values reach the database once', async () => {
  const scope = app.platform.scope();
  const { cache } = scope.tenant(tenant.id);
  for (const id of ['company_x', 'company_y']) await cache.writeBehind(noted, { id }, `Name of ${id}`);
  await scope.end();
  const flush = flushSchedule(noted);
  const written = await Promise.all([run(flush), run(flush)]);
  expect(written).toEqual(expect.arrayContaining([{ written: 2 }]));
  expect(await query_('SELECT name FROM companies WHERE tenant_id = $1 ORDER BY id', [tenant.id])).toEqual([
    { name: 'Name of company_x' },
    { name: 'Name of company_y' },
  ]);
  expect(await run(flush)).toBeNull();
});

test('work that fails for one tenant is done for the others, and the run counts as failed', async () => {
  const other = await createTenant(database.connectionString);
  const user = await addUser('surf');
  await addTask(user, '2027-02-01');
  // No row of this tenant can be written.
  await query_(`ALTER TABLE notifications ADD CONSTRAINT refuse CHECK (tenant_id <> '${tenant.id}') NOT VALID`);
  const mine = tenant;
  tenant = other;
  const fine = await addUser('sand');
  await addTask(fine, '2027-02-01');
  try {
    expect(await run(named('crm.due-tasks'))).toBe('failed: JobError JOB_PARTLY_FAILED');
    expect(await query_('SELECT user_id FROM notifications WHERE tenant_id = $1', [other.id])).toEqual([
      { user_id: fine },
    ]);
    expect(await query_('SELECT user_id FROM notifications WHERE tenant_id = $1', [mine.id])).toEqual([]);
  } finally {
    await query_('ALTER TABLE notifications DROP CONSTRAINT refuse');
  }
});
