/**
 * No value of a patient is anywhere outside the answers of the care area: a whole story uses marked values, and then all
 * that was stored, logged or sent is searched. A planted value must be found in each place.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { boardFeed } from '../../../src/care/appointments/feed.ts';
import { roles } from '../../../src/identity/index.ts';
import { readFrames } from '../../support/sse.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { type Collector, startCollector } from '../telemetry/collector.ts';
import { disguises, type Found, MARKS, search } from './marked/marks.ts';
import { plant, plantInDeadLetter, unplant } from './marked/plant.ts';
import { type Queue, startQueue } from './marked/queue.ts';
import { inPostgres, inRedis } from './marked/stored.ts';
import { tellStory } from './marked/story.ts';
import { type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let operator: OwnTenant;
let collector: Collector;
let queue: Queue;
const found: Found[] = [];

beforeAll(async () => {
  operator = await createTenant(inject('cloud').postgres.url);
  [collector, queue] = await Promise.all([startCollector(), startQueue()]);
  clinic = await openClinic({
    ...queue.environment,
    OPERATOR_TENANT: operator.id,
    ...{ COUNTERS_FLUSH_MS: '0', SLOW_SQL_MS: '1', LOG_LEVEL: 'debug', FEEDS_MODE: 'poll' },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '1' },
  });
  queue.connect(clinic);
  for (const name of ['colleague', 'stranger']) await clinic.hire(name, 'clinician');
  recordAnswers();
  const listened = await Promise.all([listen('reception', boardFeed.name), listen('clinician', 'inbox')]);
  await plant(clinic);
  await ask();
  const { deadJob } = await tellStory(clinic, queue);
  await Promise.all([plantInDeadLetter(clinic, deadJob), queue.plant()]);
  for (const role of roles) await clinic.signInAgain(role, role);
  await ask();
  for (const again of listened) await again();
  const mails = await (await fetch(`${inject('cloud').mail.url}/messages`)).text();
  found.push(
    ...clinic.lines.map((text) => ({ place: 'the log', text })),
    { place: 'mails', text: mails },
    ...clinic.bodies.map((text, at) => ({ place: placeOf(clinic.sent[at] ?? ''), text })),
    ...collector.received.map(({ path, text }) => ({ place: `the collector ${path}`, text })),
    ...(await queue.deadLetters()).map((text) => ({ place: 'dead letters of QStash', text })),
    ...(await inRedis([clinic.tenant.id, operator.id])),
    ...(await inPostgres([clinic.tenant.id, operator.id])),
  );
  await unplant(clinic);
});
afterAll(async () => {
  await clinic.close();
  await Promise.all([collector.close(), queue.close()]);
});

/** Records answers to deliveries of jobs, which QStash keeps in its dead letters, and the texts of all problems. */
function recordAnswers(): void {
  const { app } = clinic;
  const answer = app.fetch;
  app.fetch = async (request, ...rest) => {
    const response = await answer(request, ...rest);
    const { pathname } = new URL(request.url);
    const isDelivery = pathname.startsWith('/jobs/run/');
    if (isDelivery || !response.ok) {
      const text = withoutRequest(await response.clone().text());
      found.push({ place: isDelivery ? 'answers to deliveries' : 'problems', text });
    }
    return response;
  };
}

/** Returns a problem without the path and the names of fields, which it repeats from its own request. */
function withoutRequest(text: string): string {
  if (!text.startsWith('{')) return text;
  const { errors = [], ...rest } = JSON.parse(text) as { errors?: object[] };
  // The detail of a validation joins the names of fields with the messages.
  const kept = errors.length > 0 ? { ...rest, detail: '' } : rest;
  return JSON.stringify({ ...kept, instance: '', errors: errors.map((error) => ({ ...error, field: '' })) });
}

function placeOf(url: string): string {
  return url.includes('/v2/batch') ? 'messages to QStash' : 'requests to other services';
}

/** Begins to listen. Returns a function that keeps the frames since then. */
async function listen(name: string, topic: string) {
  const key = () => clinic.people.get(name)?.bearer ?? '';
  const path = `/feeds?topics=${topic}`;
  const hello = await readFrames(await clinic.request(path, { key: key() })).event();
  return async () => {
    const text = await (await clinic.request(`${path}&after=${hello?.id}`, { key: key() })).text();
    found.push({ place: `frames of ${topic}`, text });
  };
}

/** Keeps the answers to those who operate the platform and the tenant. */
async function ask(): Promise<void> {
  const asked: [place: string, key: string, path: string][] = [
    ['metrics', operator.keys.all, '/metrics'],
    ...['/deliveries', '/schedules', '/queues', '/alerts', '/cache/stats'].map((path): [string, string, string] => [
      'answers to operators',
      operator.keys.all,
      path,
    ]),
    ['dead letters', clinic.tenant.keys.all, '/jobs?state=dead'],
    ['answers to operators', clinic.tenant.keys.all, '/jobs'],
    ...['/audit?limit=100', '/audit/fhir?limit=100', '/audit/seals'].map((path): [string, string, string] => [
      'exports of the audit trail',
      clinic.tenant.keys.all,
      path,
    ]),
  ];
  for (const [place, key, path] of asked) {
    const response = await clinic.request(path, { key });
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).toBe(200);
    found.push({ place, text });
  }
}

test.each(Object.entries(MARKS))('the search finds %s in every disguise', (mark, value) => {
  for (const [disguise, text] of Object.entries(disguises(value))) {
    expect(search([{ place: 'here', text }]).join(), disguise).toContain(`here: ${mark} (`);
  }
});

test('the search finds a value that is compressed, and nothing in other texts', async () => {
  const { compress } = await import('../../../src/platform/redis/index.ts');
  const text = await compress(JSON.stringify({ name: MARKS.name, more: 'x'.repeat(200) }));
  expect(search([{ place: 'here', text: JSON.stringify({ text }) }])).toContain('here: name (plain)');
  expect(search([{ place: 'here', text: 'A patient has arrived. '.repeat(100) }])).toEqual([]);
});

test('the planted value is found in every place, and no value of the patient in any', () => {
  const findings = search(found);
  const places = (list: readonly string[]) => [...new Set(list.map((finding) => finding.replace(/: .*/, '')))];
  expect(places(findings.filter((finding) => finding.includes(': planted ')))).toEqual(
    expect.arrayContaining([
      ...['string', 'hash', 'list', 'set', 'zset', 'stream'].map((type) => `Redis, a ${type} of planted:${type}`),
      expect.stringMatching(/^the keys of Redis, /),
      ...['audit_entries', 'notifications'].map((table) => `the table ${table}`),
      ...['the log', 'mails', 'messages to QStash', 'requests to other services', 'metrics'],
      ...['dead letters', 'dead letters of QStash'],
      ...['exports of the audit trail', `frames of ${boardFeed.name}`, 'the collector /v1/traces'],
    ]),
  );
  expect(findings.filter((finding) => !finding.includes(': planted '))).toEqual([]);
});

test('the story was told: its mails, entries, dead letter and answers are in the searched places', () => {
  const textOf = (place: string) =>
    found
      .filter((each) => each.place === place)
      .map(({ text }) => text)
      .join('\n');
  expect(textOf('mails')).toContain('A result is ready');
  expect(textOf('mails')).toContain('A visit was cancelled');
  expect(textOf('dead letters')).toContain('care.export');
  expect(textOf('dead letters of QStash')).toMatch(/care\.export.*SEALED_COLUMN_UNREADABLE/);
  expect(textOf('answers to deliveries')).toContain('SEALED_COLUMN_UNREADABLE');
  expect(textOf('exports of the audit trail')).toContain('break-glass.reviewed');
  expect(textOf('frames of inbox')).toContain('notification.created');
  expect(textOf(`frames of ${boardFeed.name}`)).toContain('appointment.moved');
  for (const code of ['IDEMPOTENCY_KEY_REUSED', 'APPOINTMENTS_OVERLAP', 'NO_CARE_RELATION', 'VALIDATION_FAILED']) {
    expect(textOf('problems'), code).toContain(code);
  }
  for (const table of ['patients', 'medical_record_versions', 'break_glass', 'ledger_transactions', 'appointments']) {
    expect(textOf(`the table ${table}`), table).toContain('s1.');
  }
});
