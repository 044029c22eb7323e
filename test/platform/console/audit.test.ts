/** Each action of the console leaves an entry in the audit trail; a refused one leaves none. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ACTIONS, type ActionName, QUESTIONS } from '../../../src/console/addresses.ts';
import { createSchedules, schedule } from '../../../src/platform/jobs/index.ts';
import { type Desk, type DeskBrowser, lanes, open, openDesk, plain } from './desk.ts';

const nightly = schedule(`audited.${randomBytes(4).toString('hex')}`, { cron: '30 4 * * *', run: async () => ({}) });

let desk: Desk;
let browser: DeskBrowser;
let operator: string;
let member: DeskBrowser;
beforeAll(async () => {
  desk = await openDesk({ schedules: createSchedules([nightly]) });
});
beforeEach(async () => {
  await desk.clear();
  desk.operates(true);
  const signedIn = await desk.signedIn();
  browser = signedIn.browser;
  operator = signedIn.person.id;
  member = (await desk.signedIn({ role: 'member' })).browser;
});
afterAll(() => desk.close());

/** The ids of the entries that tests have seen: entries cannot be deleted. */
const seen: string[] = [];

/** The entries since the last call, without their ids and times. */
async function newEntries(): Promise<Record<string, unknown>[]> {
  const entries = await desk.world.query(
    `SELECT id, actor_id, action, outcome, entity_type, entity_id, data FROM audit_entries
     WHERE tenant_id = $1 AND NOT id = ANY($2)`,
    [desk.world.tenant.id, seen],
  );
  seen.push(...entries.map(({ id }) => String(id)));
  return entries.map(({ id: _, ...entry }) => entry);
}

interface Sent {
  path: string;
  fields?: Record<string, string>;
  entry: { action: string; entity_type: string; entity_id: string | null; data: object };
}

const entry = (action: string, type: string, id: string | null, data: object = {}): Sent['entry'] => ({
  ...{ action, entity_type: type, entity_id: id, data },
});
const laneJob = () => desk.enqueue(lanes, 1, { delay: '1h' });
const deadJob = async () => (await desk.dead(1))[0] ?? '';

/** Makes what the action needs, and returns the form to send and the entry to expect. */
const SENT: Record<ActionName, () => Promise<Sent>> = {
  async cancelJob() {
    const id = await laneJob();
    return { path: `/jobs/${id}/cancel`, entry: entry('job.cancelled', 'job', id) };
  },
  async runJob() {
    const id = await laneJob();
    return { path: `/jobs/${id}/run`, entry: entry('job.advanced', 'job', id) };
  },
  async replayJob() {
    const id = await deadJob();
    return { path: `/jobs/${id}/replay`, entry: entry('job.replayed', 'job', id) };
  },
  async replayDead() {
    await desk.dead(2);
    const before = String(desk.world.app.test.platform.scope().system.now());
    const fields = { name: plain.name, most: '2', before };
    return { path: '/dead/replay', fields, entry: entry('jobs.replayed', 'job', plain.name, { jobs: 2 }) };
  },
  pauseQueue: async () => ({ path: '/queues/lanes/pause', entry: entry('queue.paused', 'queue', 'lanes') }),
  resumeQueue: async () => ({ path: '/queues/lanes/resume', entry: entry('queue.resumed', 'queue', 'lanes') }),
  runSchedule: async () => ({
    path: `/schedules/${nightly.name}/run`,
    entry: entry('schedule.run', 'schedule', nightly.name, { jobId: expect.stringMatching(/^job_/) }),
  }),
  pauseSchedule: async () => ({
    path: `/schedules/${nightly.name}/pause`,
    entry: entry('schedule.paused', 'schedule', nightly.name),
  }),
  resumeSchedule: async () => ({
    path: `/schedules/${nightly.name}/resume`,
    entry: entry('schedule.resumed', 'schedule', nightly.name),
  }),
  invalidateTag: async () => ({
    ...{ path: '/cache/invalidate', fields: { tag: 'deals:mine' } },
    entry: entry('tag.invalidated', 'tag', 'deals:mine'),
  }),
  newEra: async () => ({ path: '/cache/new-era', entry: entry('era.begun', 'redis', null) }),
  async endSession() {
    const { person } = await desk.signedIn({ role: 'member' });
    const [session] = await desk.world.app.test.platform.scope().tenant(desk.world.tenant.id).sessions.list(person.id);
    const fields = { user: person.id, id: session?.id ?? '' };
    return {
      path: '/sessions/end',
      fields,
      entry: entry('session.ended', 'user', person.id, { sessionId: fields.id }),
    };
  },
  async endSessions() {
    const { person } = await desk.signedIn({ role: 'member' });
    const fields = { user: person.id };
    return { path: '/sessions/end-all', fields, entry: entry('sessions.ended', 'user', person.id, { sessions: 1 }) };
  },
  async silence() {
    const fields = { name: 'redis-unreachable', minutes: '60', reason: 'A move' };
    const data = { alert: 'redis-unreachable', minutes: 60, reason: 'A move' };
    return {
      ...{ path: '/alerts/silence', fields },
      entry: entry('silence.begun', 'silence', expect.stringMatching(/^silence_/) as string, data),
    };
  },
  async endSilence() {
    const id = `silence_${randomBytes(4).toString('hex')}`;
    await desk.world.query(
      `INSERT INTO alert_silences (id, name, reason, started_by, started_at, ends_at)
       VALUES ($1, 'redis-unreachable', 'A move', 'user_1', now() AT TIME ZONE 'UTC', now() + interval '1 year')`,
      [id],
    );
    return { path: `/alerts/silences/${id}/end`, entry: entry('silence.ended', 'silence', id) };
  },
  verifyTrail: async () => ({
    path: '/audit/verify',
    entry: entry('audit.verified', 'job', expect.stringMatching(/^job_/) as string),
  }),
  async replayEvents() {
    await desk.world.query(
      `INSERT INTO stream_groups (tenant_id, stream, name) VALUES ($1, 'deals', 'stage-history') ON CONFLICT DO NOTHING`,
      [desk.world.tenant.id],
    );
    return {
      path: '/streams/deals/stage-history/replay',
      entry: entry('events.replayed', 'consumer', 'deals:stage-history', { events: 0 }),
    };
  },
};

test.each(Object.keys({ ...ACTIONS, ...QUESTIONS }) as ActionName[])('%s', async (name) => {
  const { path, fields = {}, entry: expected } = await SENT[name]();
  await newEntries();
  const refused = await open(member, `/console${path}`, fields);
  expect([refused.status, await newEntries()]).toEqual([403, []]);
  const done = await open(browser, `/console${path}`, fields);
  expect([done.path, done.status]).toEqual([expect.stringContaining('done='), 200]);
  expect(await newEntries()).toEqual([{ ...expected, actor_id: operator, outcome: 'ok' }]);
});

test('an action that its own rule refuses leaves no entry', async () => {
  await newEntries();
  expect((await open(browser, '/console/jobs/job_none/cancel', {})).status).toBe(404);
  expect((await open(browser, '/console/alerts/silences/silence_none/end', {})).status).toBe(404);
  expect(await newEntries()).toEqual([]);
});

test('an action whose entry cannot be written is not reported as done', async () => {
  const id = await laneJob();
  await desk.world.query(`ALTER TABLE audit_entries ADD CONSTRAINT closed CHECK (entity_id <> '${id}')`, []);
  try {
    const answer = await open(browser, `/console/jobs/${id}/cancel`, {});
    expect([answer.status, answer.path]).toEqual([500, `/console/jobs/${id}/cancel`]);
  } finally {
    await desk.world.query('ALTER TABLE audit_entries DROP CONSTRAINT closed', []);
  }
});
