/**
 * No write of the care area leaves a cached answer stale: every path that a key may read is read until it is a hit; then
 * another instance writes, and each path must answer as an instance that reads the database. Records are for people, and
 * have this test in freshness.test.ts.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInstance, createTruth, type Instance } from '../../support/instance.ts';
import { describedOperations } from '../http/described-api.ts';
import { type Clinic, openClinic } from './world.ts';

const DEPARTMENT = 'General practice';

let clinic: Clinic;
let reader: Instance;
let truth: Instance;
let patient: string;
let duplicate: string;
let visit: string;
let account: string;
let posted: string;
let paths: string[];
beforeAll(async () => {
  clinic = await openClinic();
  const tenant = {
    ...clinic.tenant,
    keys: { ...clinic.tenant.keys, all: clinic.people.get('key')?.bearer ?? '' },
  };
  [reader, truth] = await Promise.all([createInstance({ tenant }), createTruth({ tenant })]);
  [patient, duplicate] = [await clinic.patient(), await clinic.patient()];
  visit = (await book(60)).id;
  account = (await clinic.must('biller', 'POST', `/care/patients/${patient}/accounts`)).id;
  const day = new Date().toISOString().slice(0, 10);
  paths = [
    ...[patient, duplicate].flatMap((id) => [
      ...['', '/consents', '/team', '/accounts', '/appointments'].map((end) => `/care/patients/${id}${end}`),
    ]),
    ...[`/care/appointments/${visit}`, `/care/appointments?day=${day}`],
    ...[`/care/appointments?day=${day}&department=General%20practice`],
    ...['', '/hallway'].map((end) => `/care/board${end}?department=General%20practice`),
    ...[`/care/accounts/${account}`, `/care/accounts/${account}/entries`, '/care/ledger'],
  ];
});
afterAll(() => Promise.all([clinic.close(), reader.close(), truth.close()]));

/** Books a visit of today, in minutes since midnight. */
const book = (minutes: number) =>
  clinic.must('reception', 'POST', '/care/appointments', {
    ...{ patientId: patient, clinicianId: clinic.idOf('clinician'), department: DEPARTMENT, minutes: 5 },
    start: `${new Date().toISOString().slice(0, 10)}T${new Date(minutes * 60_000).toISOString().slice(11, 16)}`,
  });
const move = (step: string, expected: string) =>
  clinic.must('nurse', 'POST', `/care/appointments/${visit}/${step}`, { expected });
const post = (path: string, json: object) =>
  clinic.send<{ id: string }>('biller', 'POST', path, json, { 'idempotency-key': randomUUID() });

/** Every path with its answer, and whether it was cached; waits grow while a test runs, so their length is left out. */
async function readAll(instance: Instance) {
  const answers = new Map<string, { text: string; cache: string | null }>();
  for (const path of paths) {
    const response = await instance.request(path);
    const text = (await response.text()).replace(/"longestWaitMs":\d+/, '"longestWaitMs":0');
    expect(response.status, `${path}: ${text}`).toBe(200);
    answers.set(path, { text, cache: response.headers.get('x-cache') });
  }
  return answers;
}

/** Each write, and a part of each path whose answer it changes. */
const WRITES: [name: string, write: () => Promise<unknown>, changes: string[]][] = [
  [
    'a changed name',
    () => clinic.must('reception', 'PATCH', `/care/patients/${patient}`, { name: 'Eve Marker' }),
    ['/care/patients/', '/care/board?'],
  ],
  [
    'a consent',
    () =>
      clinic.must('reception', 'POST', `/care/patients/${patient}/consents`, {
        decision: 'deny',
        recordClass: 'normal',
      }),
    ['/consents'],
  ],
  [
    'an assignment',
    () => clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('nurse')}`, {}),
    ['/team'],
  ],
  ['a visit', () => book(120), ['/care/board', '/care/appointments?']],
  ['an arrival', () => move('arrive', 'booked'), ['/care/board', '/care/appointments?', '/care/appointments/']],
  ['an undo', () => move('undo', 'arrived'), ['/care/board', '/care/appointments/']],
  ['a cancellation', () => move('cancel', 'booked'), ['/care/board?', '/care/appointments?', '/care/appointments/']],
  ['an account', () => clinic.must('biller', 'POST', `/care/patients/${duplicate}/accounts`), ['/accounts']],
  [
    'a charge',
    async () => {
      posted = (await post(`/care/accounts/${account}/entries`, { kind: 'charge', amount: '7' })).body.id;
    },
    ['/care/accounts/', '/entries', '/accounts', '/care/ledger'],
  ],
  ['a reversal', () => post(`/care/ledger/${posted}/reverse`, {}), ['/care/accounts/', '/entries', '/accounts']],
  [
    'a merge',
    () => clinic.must('reception', 'POST', `/care/patients/${patient}/merge`, { duplicateId: duplicate }),
    ['/care/patients/'],
  ],
];

// In order: a write uses the rows of those before.
describe('no write leaves a cached answer stale', { shuffle: false }, () => {
  test.each(WRITES)('%s', async (_name, write, changes) => {
    await readAll(reader);
    const warm = await readAll(reader);
    expect([...warm.values()].filter(({ cache }) => cache === 'HIT').length).toBeGreaterThan(8);

    await write();

    const cached = await readAll(reader);
    const fresh = await readAll(truth);
    const at = (path: string) => ({ path, cached: cached.get(path)?.text, fresh: fresh.get(path)?.text });
    expect(paths.filter((path) => cached.get(path)?.text !== fresh.get(path)?.text).map(at)).toEqual([]);
    const changed = paths.filter((path) => fresh.get(path)?.text !== warm.get(path)?.text);
    for (const part of changes)
      expect(
        changed.filter((path) => path.includes(part)),
        part,
      ).not.toEqual([]);
  });
});

test('the paths are all that a key may read of one patient, visit, board and account', async () => {
  /** Not cached: lists of those who looked, of emergencies, exports and nurses. For people: records and files. */
  const others = /\/(?:accesses|records|exports|break-glass|staff)\b/;
  const operations = (await describedOperations(reader)).filter(({ name }) => name.startsWith('GET /care/'));
  const patterns = operations.map(({ path }) => path).filter((path) => !others.test(path));
  const isRead = (pattern: string) =>
    paths.some((path) => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''));
  expect(patterns.length).toBeGreaterThanOrEqual(11);
  expect(patterns.filter((pattern) => !isRead(pattern))).toEqual([]);
});
