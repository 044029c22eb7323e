/**
 * The rights in the care area: role × route. The expected answers are written by hand. Each answer with data, and each
 * refusal, has its entry in the audit trail.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { describedOperations } from '../http/described-api.ts';
import { ADA, type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
/** A patient of the clinician, the nurse and the author; records of the author; visits of both; an account. */
let subject: Record<'patient' | 'note' | 'diagnosis' | 'visit' | 'visitOfAuthor' | 'account', string>;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.hire('author', 'clinician');
  const patient = await clinic.patient();
  for (const name of ['author', 'clinician', 'nurse']) {
    await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf(name)}`, {});
  }
  const write = async (kind: string) =>
    (await clinic.must('author', 'POST', `/care/patients/${patient}/records`, { kind, text: 'Rest' })).id;
  subject = {
    ...{ patient, note: await write('note'), diagnosis: await write('diagnosis') },
    ...{ visit: await clinic.visit(patient, 'clinician'), visitOfAuthor: await clinic.visit(patient, 'author') },
    account: (await clinic.must('biller', 'POST', `/care/patients/${patient}/accounts`)).id,
  };
});
afterAll(() => clinic.close());
// Access tokens are valid for five minutes.
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
});

type Line = [operation: string, marks: string, path: () => string, json?: object];
const CALLERS = [...roles, 'key'] as const;
const NONE = 'none_0';
// `+` passes, `-` 403 NOT_ALLOWED, `p` 403 NOT_A_PERSON, `y` 403 NOT_YOUR_APPOINTMENT. The columns are CALLERS.
//                            owner admin member clinician auditor reception nurse biller care_auditor key
const TABLE: Line[] = [
  ['POST /care/patients/search', '- - - + - + + + - +', () => '/care/patients/search', { number: 'A-0' }],
  ['GET /care/patients/{id}', '   - - - + - + + + - +', () => `/care/patients/${subject.patient}`],
  ['POST /care/patients', '       - - - - - + - - - +', () => '/care/patients', { ...ADA, birth: '2000-02-29' }],
  ['PATCH /care/patients/{id}', ' - - - - - + - - - +', () => `/care/patients/${subject.patient}`, { phone: null }],
  [
    'POST /care/patients/{id}/merge',
    '- - - - - + - - - +',
    () => `/care/patients/${subject.patient}/merge`,
    { duplicateId: NONE },
  ],
  ['GET /care/patients/{id}/accesses', '- - - - - - - - + +', () => `/care/patients/${subject.patient}/accesses`],
  [
    'GET /care/patients/{id}/appointments',
    '- - - + - + + - - +',
    () => `/care/patients/${subject.patient}/appointments`,
  ],
  ['GET /care/patients/{id}/consents', '- - - - - + - - - +', () => `/care/patients/${subject.patient}/consents`],
  [
    'POST /care/patients/{id}/consents',
    '- - - - - + - - - +',
    () => `/care/patients/${subject.patient}/consents`,
    { decision: 'permit', recordClass: 'normal' },
  ],
  [
    'POST /care/patients/{id}/consents/{consentId}/revoke',
    '- - - - - + - - - +',
    () => `/care/patients/${subject.patient}/consents/${NONE}/revoke`,
  ],
  ['GET /care/patients/{id}/team', '- - - - - + - - - +', () => `/care/patients/${subject.patient}/team`],
  [
    'PUT /care/patients/{id}/team/{userId}',
    '- - - - - + - - - +',
    () => `/care/patients/${subject.patient}/team/${clinic.idOf('author')}`,
    {},
  ],
  [
    'DELETE /care/patients/{id}/team/{userId}',
    '- - - - - + - - - +',
    () => `/care/patients/${subject.patient}/team/${NONE}`,
  ],
  ['GET /care/staff', '- - - - - + - - - +', () => '/care/staff'],
  ['PUT /care/staff/{userId}', '- - - - - + - - - +', () => `/care/staff/${clinic.idOf('nurse')}`, { departments: [] }],
  ['GET /care/patients/{id}/records', '- - - + - - + - - p', () => `/care/patients/${subject.patient}/records`],
  [
    'GET /care/patients/{id}/records/{recordId}',
    '- - - + - - + - - p',
    () => `/care/patients/${subject.patient}/records/${subject.note}`,
  ],
  [
    'GET /care/patients/{id}/records/{recordId}',
    '- - - + - - - - - p',
    () => `/care/patients/${subject.patient}/records/${subject.diagnosis}`,
  ],
  [
    'POST /care/patients/{id}/records',
    '- - - + - - + - - p',
    () => `/care/patients/${subject.patient}/records`,
    { kind: 'note', text: 'Rest' },
  ],
  [
    'POST /care/patients/{id}/records',
    '- - - + - - - - - p',
    () => `/care/patients/${subject.patient}/records`,
    { kind: 'result', text: 'Rest' },
  ],
  [
    'POST /care/patients/{id}/records/{recordId}/amend',
    '- - - + - - + - - p',
    () => `/care/patients/${subject.patient}/records/${subject.note}/amend`,
    { version: 99, text: 'Rest' },
  ],
  [
    'POST /care/patients/{id}/records/{recordId}/amend',
    '- - - + - - - - - p',
    () => `/care/patients/${subject.patient}/records/${subject.diagnosis}/amend`,
    { version: 99, text: 'Rest' },
  ],
  [
    'POST /care/patients/{id}/break-glass',
    '- - - + - - - - - p',
    () => `/care/patients/${NONE}/break-glass`,
    { reason: 'unconscious', purpose: 'ETREAT' },
  ],
  ['POST /care/break-glass/{id}/confirm', '- - - + - - - - - p', () => `/care/break-glass/${NONE}/confirm`],
  ['POST /care/patients/{id}/exports', '- - - + - - - - - p', () => `/care/patients/${subject.patient}/exports`],
  [
    'GET /care/patients/{id}/exports/{exportId}',
    '- - - + - - - - - +',
    () => `/care/patients/${subject.patient}/exports/${NONE}`,
  ],
  [
    'GET /care/patients/{id}/exports/{exportId}/file',
    '- - - + - - - - - p',
    () => `/care/patients/${subject.patient}/exports/${NONE}/file`,
  ],
  ['GET /care/break-glass', '- - - - - - - - + +', () => '/care/break-glass'],
  [
    'POST /care/break-glass/{id}/review',
    '- - - - - - - - + p',
    () => `/care/break-glass/${NONE}/review`,
    { verdict: 'justified' },
  ],
  ['GET /care/appointments', '     - - - + - + + - - +', () => '/care/appointments?day=2027-01-04'],
  ['GET /care/appointments/{id}', '- - - + - + + - - +', () => `/care/appointments/${subject.visit}`],
  [
    'POST /care/appointments',
    '- - - - - + - - - +',
    () => '/care/appointments',
    { patientId: NONE, clinicianId: NONE, department: 'X', start: '2027-01-04T09:00', minutes: 20 },
  ],
  ...['arrive', 'room', 'start', 'finish', 'cancel', 'miss', 'leave', 'undo'].flatMap((step): Line[] => [
    // No visit has this status, so nothing moves.
    [
      `POST /care/appointments/{id}/${step}`,
      '- - - + - + + - - +',
      () => `/care/appointments/${subject.visit}/${step}`,
      { expected: 'left' },
    ],
    [
      `POST /care/appointments/{id}/${step}`,
      '- - - y - + + - - +',
      () => `/care/appointments/${subject.visitOfAuthor}/${step}`,
      { expected: 'left' },
    ],
  ]),
  ['GET /care/board', '        - - - + - + + - - +', () => '/care/board?department=General%20practice'],
  ['GET /care/board/hallway', '- - - + - + + - - +', () => '/care/board/hallway?department=General%20practice'],
  ['GET /care/patients/{id}/accounts', '- - - - - + - + - +', () => `/care/patients/${subject.patient}/accounts`],
  ['POST /care/patients/{id}/accounts', '- - - - - - - + - +', () => `/care/patients/${NONE}/accounts`],
  ['GET /care/accounts/{id}', '- - - - - + - + - +', () => `/care/accounts/${subject.account}`],
  ['GET /care/accounts/{id}/entries', '- - - - - - - + - +', () => `/care/accounts/${subject.account}/entries`],
  [
    'POST /care/accounts/{id}/entries',
    '- - - - - - - + - +',
    () => `/care/accounts/${NONE}/entries`,
    { kind: 'charge', amount: '1' },
  ],
  ['GET /care/ledger', '       - - - - - - - + - +', () => '/care/ledger'],
  ['POST /care/ledger/{id}/reverse', '- - - - - - - + - +', () => `/care/ledger/${NONE}/reverse`, {}],
];
const REFUSED: Readonly<Record<string, string>> = { NOT_ALLOWED: '-', NOT_A_PERSON: 'p', NOT_YOUR_APPOINTMENT: 'y' };

test('the table has each operation of the care area', async () => {
  const own = (await describedOperations(clinic)).map(({ name }) => name).filter((name) => name.includes(' /care/'));
  expect([...new Set(TABLE.map(([operation]) => operation))].sort()).toEqual(own.sort());
});

test.each(TABLE)('%s: %s', async (operation, marks, path, json) => {
  const found: string[] = [];
  await clinic.entries();
  for (const caller of CALLERS) {
    const unique = operation === 'POST /care/patients' ? { ...json, number: randomUUID() } : json;
    const [method = ''] = operation.split(' ');
    // Entries of the ledger need a name of the request.
    const headers: Record<string, string> = /accounts|ledger/.test(operation)
      ? { 'idempotency-key': randomUUID() }
      : {};
    const answer = await clinic.send(caller, method, path(), unique, headers);
    found.push(answer.status === 403 ? (REFUSED[answer.code] ?? answer.code) : '+');
    const entries = await clinic.entries();
    const outcome = answer.status === 409 ? [] : [answer.status < 300 ? 'ok' : 'refused'];
    // The first call of a command that may be repeated has an effect, and the others have none.
    if (method !== 'DELETE')
      expect(
        entries.map((entry) => entry.outcome),
        `${caller}: ${answer.status} ${answer.code}`,
      ).toEqual(outcome);
    if (answer.status === 403) expect(entries).toMatchObject([{ data: { code: answer.code } }]);
    for (const entry of entries) if (caller !== 'key') expect(entry.actorId).toBe(clinic.idOf(caller));
  }
  expect(found).toEqual(marks.trim().split(/\s+/));
});

test('a caller without credentials gets no data', async () => {
  const patient = await clinic.patient();
  for (const path of [`/care/patients/${patient}`, `/care/patients/${patient}/records`]) {
    expect((await clinic.request(path, { key: null })).status).toBe(401);
  }
});
