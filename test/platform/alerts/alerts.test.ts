/** Alerts from the measure to the message, on a database of their own, with receivers that listen on sockets. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Alert, alert, alertSchedule, type Reading, standardAlerts } from '../../../src/platform/alerts/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { openMigratedDatabase, type TestDatabase } from '../db/database.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 20, 9);
const SECRET = `whsec_${Buffer.from('the secret of the alerts').toString('base64')}`;

/** The value of each alert of the tests; `null` for no value. */
const values: Record<string, Reading | null> = {};
const common = { severity: 'warning', unit: 'share', above: 0.5, clear: 0.4, keep: 0 } as const;
const one = alert('test-one', { ...common, summary: 'One is high.', measure: async () => values['one'] ?? null });
const two = alert('test-two', { ...common, summary: 'Two is high.', measure: async () => values['two'] ?? null });
const muting = alert('test-muting', {
  ...common,
  summary: 'The cause of one.',
  mutes: ['test-one'],
  measure: async () => values['muting'] ?? null,
});
const broken = alert('test-broken', {
  ...common,
  summary: 'Never measured.',
  measure: async () => {
    throw new Error('no measure');
  },
});

interface Received {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

let database: TestDatabase;
let tenant: OwnTenant;
let receiver: { url: string; received: Received[]; status: number; close(): Promise<unknown> };
let mailTo: string;
let now = START;

beforeAll(async () => {
  database = await openMigratedDatabase();
  tenant = await createTenant(database.connectionString);
  receiver = await listen();
});
afterAll(async () => {
  await receiver.close();
  await database.close();
});
beforeEach(async () => {
  now = START;
  for (const name of Object.keys(values)) delete values[name];
  receiver.received.length = 0;
  receiver.status = 200;
  mailTo = `ops-${crypto.randomUUID()}@example.com`;
  for (const table of ['alert_states', 'alert_changes', 'alert_silences', 'alert_messages']) {
    await sql(database.connectionString, `DELETE FROM ${table}`);
  }
});

async function listen() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ path: request.url ?? '', headers: request.headers, body });
    response.writeHead(state.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    status: 200,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return state;
}

function open(alerts: readonly Alert[], environment: Record<string, string> = {}) {
  return createTestApp({
    environment: {
      DATABASE_URL: database.connectionString,
      OPERATOR_TENANT: tenant.id,
      ALERT_MAIL_TO: mailTo,
      ALERT_WEBHOOK_URL: `${receiver.url}/webhook`,
      ALERT_WEBHOOK_SECRET: SECRET,
      ALERT_SLACK_URL: `${receiver.url}/slack`,
      ALERT_HEARTBEAT_URL: `${receiver.url}/heartbeat`,
      ...environment,
    },
    system: { now: () => now },
    schedules: createSchedules([alertSchedule(alerts)]),
    alerts,
    key: tenant.keys.all,
  });
}

/** Triggers one minute after the other, with the value of `one` in each. */
async function minutes(app: ReturnType<typeof open>, ...readings: (number | null)[]) {
  for (const value of readings) {
    values['one'] = value === null ? null : { value };
    await app.platform.scheduled(now);
    now += MINUTE;
  }
}

const slackTexts = () =>
  receiver.received
    .filter(({ path }) => path === '/slack')
    .map(({ body }) => (JSON.parse(body) as { text: string }).text);
const mails = async () => {
  const messages = (await (await fetch(`${inject('cloud').mail.url}/messages`)).json()) as {
    to: string | string[];
    subject: string;
    text: string;
  }[];
  return messages.filter(({ to }) => [to].flat().includes(mailTo));
};
const historyOf = async (app: ReturnType<typeof open>) => {
  const answer = (await (await app.request('/alerts/history')).json()) as { items: { name: string; change: string }[] };
  return answer.items.map(({ name, change }) => `${name} ${change}`);
};

describe('a firing alert', () => {
  test('is told once by mail, by a signed webhook and by Slack, and its end is told once', async () => {
    const app = open([one]);
    await minutes(app, 0.3, 0.6, 0.7, 0.45, 0.3, 0.3);
    expect(slackTexts()).toEqual([
      'warning: test-one fired at 2026-11-20T09:01:00.000Z\nOne is high.\nValue: 60 % (above 50 %)',
      'warning: test-one ended at 2026-11-20T09:04:00.000Z\nOne is high.\nValue: 30 % (above 50 %)',
    ]);
    expect((await mails()).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['warning: test-one fired', 'warning: test-one ended']),
    );
    const hooks = receiver.received.filter(({ path }) => path === '/webhook');
    expect(hooks).toHaveLength(2);
    for (const { headers, body } of hooks) {
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
      const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
    }
    expect(await historyOf(app)).toEqual(['test-one resolved', 'test-one fired']);
    expect(receiver.received.filter(({ path }) => path === '/heartbeat')).toHaveLength(6);
    await app.close();
  });

  test('is told again after 4 h', async () => {
    const app = open([one]);
    await minutes(app, 0.6, 0.6);
    now = START + 4 * HOUR - MINUTE;
    await minutes(app, 0.6);
    expect(slackTexts()).toHaveLength(1);
    await minutes(app, 0.6, 0.6);
    expect(slackTexts().map((text) => text.split('\n')[0])).toEqual([
      'warning: test-one fired at 2026-11-20T09:00:00.000Z',
      'warning: test-one still fires at 2026-11-20T09:00:00.000Z',
    ]);
    await app.close();
  });

  test('is told once if two instances evaluate the same minute at the same time', async () => {
    const apps = [open([one]), open([one])];
    values['one'] = { value: 0.6 };
    await Promise.all(apps.map((app) => app.platform.scheduled(now)));
    expect(slackTexts()).toHaveLength(1);
    expect(await mails()).toHaveLength(1);
    await Promise.all(apps.map((app) => app.close()));
  });

  test('is not changed by a late evaluation of an earlier minute', async () => {
    const app = open([one]);
    await minutes(app, 0.6, 0.6, 0.6);
    values['one'] = { value: 0.1 };
    await app.platform.scheduled(START + MINUTE);
    expect(await historyOf(app)).toEqual(['test-one fired']);
    await app.close();
  });

  test('shares its message with others that fire in the same minute', async () => {
    const app = open([one, two]);
    values['two'] = { value: 0.9 };
    await minutes(app, 0.6);
    expect(slackTexts()).toHaveLength(1);
    expect((await mails()).map(({ subject }) => subject)).toEqual(['warning: test-one fired; 1 more']);
    await app.close();
  });

  test('sends nothing while another firing alert mutes it, and is told after that', async () => {
    const app = open([one, muting]);
    values['muting'] = { value: 0.9 };
    await minutes(app, 0.6, 0.6);
    expect(slackTexts().map((text) => text.split('\n')[0])).toEqual([
      'warning: test-muting fired at 2026-11-20T09:00:00.000Z',
    ]);
    values['muting'] = { value: 0.1 };
    await minutes(app, 0.6);
    expect(slackTexts()[1]).toContain('test-muting ended');
    expect(slackTexts()[1]).toContain('test-one fired at 2026-11-20T09:00:00.000Z');
    await app.close();
  });
});

describe('a measure', () => {
  test('that fails leaves its alert unknown since the first evaluation, and the others measured', async () => {
    const app = open([broken, one]);
    await minutes(app, 0.6, 0.6);
    const { items } = (await (await app.request('/alerts')).json()) as {
      items: { name: string; state: string; since: string }[];
    };
    expect(items.find(({ name }) => name === 'test-broken')?.since).toBe(new Date(START).toISOString());
    const states = Object.fromEntries(items.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ 'test-broken': 'unknown', 'test-one': 'firing' });
    expect(app.lines.join('\n')).toContain('alerts.not_measured');
    await app.close();
  });

  test('of Redis has no value while Redis is down: redis-unreachable fires and is mailed, and mutes the others', async () => {
    const app = open(standardAlerts, { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9', REDIS_MEMORY_LIMIT: '1000' });
    await minutes(app, null, null, null);
    expect((await mails()).map(({ subject }) => subject)).toEqual(['critical: redis-unreachable fired']);
    expect(slackTexts()).toHaveLength(1);
    const states = await sql<{ name: string; state: string }>(
      database.connectionString,
      'SELECT name, state FROM alert_states',
    );
    const others = states.filter(({ state }) => state !== 'unknown').map(({ name, state }) => `${name} ${state}`);
    expect(others.sort()).toEqual(['outbox-age ok', 'redis-unreachable firing']);
    expect(states).toHaveLength(standardAlerts.length);
    await app.close();
  });
});

describe('a message', () => {
  test('that its channel refuses is repeated after a minute, and the other channels get nothing twice', async () => {
    const app = open([one]);
    receiver.status = 500;
    await minutes(app, 0.6);
    expect(slackTexts()).toHaveLength(1);
    expect(app.lines.join('\n')).toContain('alerts.not_sent');
    expect(app.lines.join('\n')).not.toContain(receiver.url);
    receiver.status = 200;
    await minutes(app, 0.6, 0.6);
    expect(slackTexts()).toHaveLength(2);
    expect(await mails()).toHaveLength(1);
    expect(await sql(database.connectionString, 'SELECT id FROM alert_messages')).toEqual([]);
    await app.close();
  });

  test('of a channel that the settings no longer have is dropped', async () => {
    receiver.status = 500;
    const before = open([one]);
    await minutes(before, 0.6);
    await before.close();
    const after = open([one], { ALERT_SLACK_URL: '', ALERT_WEBHOOK_URL: '' });
    await minutes(after, 0.6);
    expect(await sql(database.connectionString, 'SELECT id FROM alert_messages')).toEqual([]);
    await after.close();
  });
});

describe('a silence', () => {
  const silence = (app: ReturnType<typeof open>, body: object) =>
    app.request('/alerts/silences', { method: 'POST', json: body });

  test.each(['test-one', '*'])('of %s holds messages back until its end', async (name) => {
    const app = open([one]);
    const answer = await silence(app, { name, minutes: 2, reason: 'A planned restart' });
    expect(answer.status).toBe(200);
    await minutes(app, 0.6, 0.6);
    expect(slackTexts()).toEqual([]);
    await minutes(app, 0.6);
    expect(slackTexts()).toHaveLength(1);
    await app.close();
  });

  test('can be ended early, once', async () => {
    const app = open([one]);
    const answer = await silence(app, { name: '*', minutes: 60, reason: 'A planned restart' });
    const { id, by } = (await answer.json()) as { id: string; by: string };
    expect(by).not.toBe('');
    expect((await app.request(`/alerts/silences/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await app.request(`/alerts/silences/${id}`, { method: 'DELETE' })).status).toBe(404);
    await minutes(app, 0.6);
    expect(slackTexts()).toHaveLength(1);
    await app.close();
  });

  test.each([
    ['an unknown alert', { name: 'test-none', minutes: 1, reason: 'x' }, 'name'],
    ['no time', { name: '*', minutes: 0, reason: 'x' }, 'minutes'],
    ['more than 30 days', { name: '*', minutes: 30 * 24 * 60 + 1, reason: 'x' }, 'minutes'],
    ['no reason', { name: '*', minutes: 1, reason: '' }, 'reason'],
  ])('of %s is refused', async (_title, body, field) => {
    const app = open([one]);
    const answer = await silence(app, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(`^${field} must`) });
    await app.close();
  });
});

test('a test message reaches every channel', async () => {
  const app = open([]);
  const answer = await app.request('/alerts/test', { method: 'POST' });
  expect(await answer.json()).toEqual({ channels: [`mail:${mailTo}`, 'webhook', 'slack'], sent: 3 });
  expect(slackTexts()[0]).toContain('warning: test is a test');
  await app.close();
});

test.each([
  ['GET', '/alerts'],
  ['GET', '/alerts/history'],
  ['POST', '/alerts/test'],
])('%s %s is for operators only', async (method, path) => {
  const app = open([one], { OPERATOR_TENANT: 'another' });
  const answer = await app.request(path, { method });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ code: 'NOT_OPERATOR' });
  await app.close();
});
