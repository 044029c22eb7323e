/**
 * Every operation of the care area with invalid input, as a person who may call it: a problem that names
 * the field, and never data or a row of another tenant.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/identity/index.ts';
import { roles } from '../../../src/identity/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { describedOperations, type Operation } from '../http/described-api.ts';
import { ofTenant } from './marked/stored.ts';
import { ADA, type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let other: Clinic;
let operations: Operation[];
/** A patient, and a record of it, in each tenant. */
let own: Record<string, string>;
let foreign: Record<string, string>;
beforeAll(async () => {
  [clinic, other] = [await openClinic(), await openClinic()];
  [own, foreign] = [await rowsOf(clinic), await rowsOf(other)];
  operations = (await describedOperations(clinic)).filter(({ path }) => path.startsWith('/care/'));
});
afterAll(() => Promise.all([clinic.close(), other.close()]));
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
});

async function rowsOf(of: Clinic): Promise<Record<string, string>> {
  const id = await of.patient({ name: 'Marked Foreign' });
  await of.must('reception', 'PUT', `/care/patients/${id}/team/${of.idOf('clinician')}`, {});
  const record = await of.must('clinician', 'POST', `/care/patients/${id}/records`, {
    kind: 'note',
    text: 'Marked text',
  });
  const consent = await of.must('reception', 'POST', `/care/patients/${id}/consents`, {
    decision: 'permit',
    recordClass: 'normal',
  });
  const emergency = await of.must('clinician', 'POST', `/care/patients/${id}/break-glass`, {
    reason: 'Marked reason',
    purpose: 'ETREAT',
  });
  const file = await of.must('clinician', 'POST', `/care/patients/${id}/exports`);
  const visitId = await of.visit(id, 'clinician');
  const account = await of.must('biller', 'POST', `/care/patients/${id}/accounts`);
  const { body: posted } = await of.send<{ id: string }>(
    ...(['biller', 'POST', `/care/accounts/${account.id}/entries`] as const),
    ...([{ kind: 'charge', amount: '1', memo: 'Marked memo' }, { 'idempotency-key': randomUUID() }] as const),
  );
  const userId = of.idOf('clinician');
  return {
    ...{ id, recordId: record.id, consentId: consent.id, exportId: file.id, emergencyId: emergency.id, userId },
    ...{ visitId, accountId: account.id, transactionId: posted.id },
  };
}

/** A role that may call the operations with a path, the first one that matches. */
const CALLERS: [path: RegExp, role: Role][] = [
  [/\/(?:records|exports)|\/break-glass$|\/confirm$/, 'clinician'],
  [/\/accesses$|\/care\/break-glass/, 'care_auditor'],
  [/\/accounts|\/ledger/, 'biller'],
  [/\/appointments|\/board/, 'reception'],
  [/^\/care\/(?:patients|staff)/, 'reception'],
];
const callerOf = ({ method, path }: Operation): Role =>
  method === 'GET' && path === '/care/break-glass'
    ? 'care_auditor'
    : (CALLERS.find(([route]) => route.test(path))?.[1] ?? 'owner');

const BODIES: Readonly<Record<string, object>> = {
  'POST /care/patients': { ...ADA, number: 'B-1' },
  'PATCH /care/patients/{id}': { phone: '+49 2' },
  'POST /care/patients/search': { name: 'marked' },
  'POST /care/patients/{id}/merge': { duplicateId: 'patient_none' },
  'POST /care/patients/{id}/consents': { decision: 'permit', recordClass: 'normal' },
  'PUT /care/patients/{id}/team/{userId}': {},
  'POST /care/patients/{id}/records': { kind: 'note', text: 'x' },
  'POST /care/patients/{id}/records/{recordId}/amend': { version: 1, text: 'x' },
  'POST /care/patients/{id}/break-glass': { reason: 'unconscious', purpose: 'ETREAT' },
  'POST /care/break-glass/{id}/review': { verdict: 'justified' },
  'POST /care/appointments': {
    ...{ patientId: 'patient_none', clinicianId: 'user_none', department: 'X' },
    ...{ start: '2027-01-04T09:00', minutes: 20 },
  },
  ...Object.fromEntries(
    ['arrive', 'room', 'start', 'finish', 'cancel', 'miss', 'leave', 'undo'].map((step) => [
      `POST /care/appointments/{id}/${step}`,
      { expected: 'left' },
    ]),
  ),
  'PUT /care/staff/{userId}': { departments: [] },
  'POST /care/accounts/{id}/entries': { kind: 'charge', amount: '1' },
  'POST /care/ledger/{id}/reverse': {},
};

/** The kind of the row of each collection whose `{id}` is not that of a patient. */
const ROWS: Readonly<Record<string, string>> = {
  ...{ 'break-glass': 'emergencyId', appointments: 'visitId', accounts: 'accountId', ledger: 'transactionId' },
};
const rowOf = ({ path }: Operation) => ROWS[path.split('/')[2] ?? ''] ?? 'id';

function pathOf(operation: Operation, ids: Record<string, string>): string {
  const id = ids[rowOf(operation)];
  return operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => (name === 'id' ? (id ?? '') : (ids[name] ?? '')));
}

interface Problem {
  errors?: { field: string }[];
}
const send = (operation: Operation, path: string, json: object | undefined = BODIES[operation.name]) =>
  clinic.send<Problem>(callerOf(operation), operation.method, path, json, { 'idempotency-key': randomUUID() });

test('each operation has a caller, and those with a body have one here', () => {
  expect(operations.length).toBeGreaterThanOrEqual(40);
  expect(
    operations
      .filter(({ body }) => body)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(BODIES).sort());
});

test('ids that are no ids are refused by their field', async () => {
  for (const operation of operations) {
    for (const { name } of operation.parameters.filter((each) => each.in === 'path')) {
      for (const bad of ['a:b', '*', '%00', "';--", 'x'.repeat(65)]) {
        const path = pathOf(operation, { ...own, [name === 'id' ? rowOf(operation) : name]: bad });
        const { status, body } = await send(operation, path);
        expect([status, body.errors?.[0]?.field], `${operation.name} ${name}=${bad}`).toEqual([400, name]);
      }
    }
  }
});

/** All that the other tenant has: its rows, with those that its log of reads still has, and its keys in Redis. */
async function theirs() {
  await other.entries();
  const keys = await cloudRedis().keys(`hf:${other.tenant.id}:*`);
  return { keys: new Set(keys), rows: await ofTenant(other.tenant.id) };
}

/** Runs requests, and checks that they have changed nothing of the other tenant. Keys may end meanwhile. */
async function withoutTrace(requests: () => Promise<void>): Promise<void> {
  const before = await theirs();
  expect(before.rows.length).toBeGreaterThan(30);
  await requests();
  const after = await theirs();
  expect(after.rows).toEqual(before.rows);
  expect([...after.keys].filter((key) => !before.keys.has(key))).toEqual([]);
}

describe('rows of another tenant', () => {
  const withId = () => operations.filter(({ path }) => path.includes('{'));

  test('do not exist in paths, and get no trace of the requests', async () => {
    await withoutTrace(async () => {
      for (const operation of withId()) {
        const answer = await send(operation, pathOf(operation, foreign));
        // A path with the id of a user only refers to the user.
        expect(answer.status, operation.name).toBe(operation.path === '/care/staff/{userId}' ? 409 : 404);
        expect(JSON.stringify(answer.body)).not.toContain('Marked');
        for (const { name } of operation.parameters.filter((each) => each.in === 'path' && each.name !== 'id')) {
          const mixed = pathOf(operation, { ...own, [name]: foreign[name] ?? '' });
          const { status } = await send(operation, mixed);
          // A user who is in no team of the patient may be removed from it.
          const expected = operation.name === 'DELETE /care/patients/{id}/team/{userId}' ? [204] : [404, 409];
          expect(expected, `${operation.name} ${name}`).toContain(status);
        }
      }
    });
  });

  test('are refused to keys: with all rights of the care area as in paths or as no person, without them as not allowed', async () => {
    const star = await clinic.keyOf(clinic.tenant.id);
    const key = clinic.people.get('key')?.bearer ?? '';
    await withoutTrace(async () => {
      for (const operation of operations) {
        const { method, name, body } = operation;
        const init = { method, ...(body ? { json: BODIES[name] } : {}) };
        const path = pathOf(operation, foreign);
        expect((await clinic.request(path, { ...init, key: star })).status, name).toBe(403);
        if (!operation.path.includes('{')) continue;
        const headers = { 'idempotency-key': randomUUID() };
        const { status } = await clinic.request(path, { ...init, key, headers });
        expect(operation.path === '/care/staff/{userId}' ? [409] : [403, 404], name).toContain(status);
      }
    });
  });

  test('do not exist in bodies and filters', async () => {
    const day = '2029-01-04';
    const booking = { department: 'X', start: `${day}T09:00`, minutes: 20 };
    const record = { kind: 'result', text: 'x', orderedBy: foreign['userId'] };
    const consent = { decision: 'permit', recordClass: 'normal', userId: foreign['userId'] };
    const refused: [name: string, json: object, status: number][] = [
      ['POST /care/appointments', { ...booking, patientId: foreign['id'], clinicianId: own['userId'] }, 404],
      ['POST /care/appointments', { ...booking, patientId: own['id'], clinicianId: foreign['userId'] }, 409],
      ['POST /care/patients/{id}/merge', { duplicateId: foreign['id'] }, 404],
      ['POST /care/patients/{id}/consents', consent, 409],
      ['POST /care/patients/{id}/records', record, 409],
    ];
    await withoutTrace(async () => {
      for (const [name, json, status] of refused) {
        const operation = operations.find((each) => each.name === name) ?? expect.fail(name);
        const answer = await send(operation, pathOf(operation, own), json);
        expect([name, answer.status]).toEqual([name, status]);
      }
      const search = new URLSearchParams({ day, clinicianId: foreign['userId'] ?? '' });
      const listed = await clinic.send<{ items: object[] }>('reception', 'GET', `/care/appointments?${search}`);
      expect([listed.status, listed.body.items]).toEqual([200, []]);
    });
  });
});

test('unknown fields and wrong types are refused by their field', async () => {
  for (const operation of operations.filter(({ body }) => body)) {
    const right = BODIES[operation.name] ?? {};
    const path = pathOf(operation, own);
    for (const name of ['tenantId', 'createdAt', 'sealedName', 'constructor']) {
      const { status, body } = await send(operation, path, { ...right, [name]: 'x' });
      expect([status, body.errors?.[0]?.field], `${operation.name} ${name}`).toEqual([400, name]);
    }
    for (const field of Object.keys(right)) {
      for (const wrong of [0, [], {}, '', 'a\u0000b', 'x'.repeat(30_000)]) {
        const { status, body } = await send(operation, path, { ...right, [field]: wrong });
        // An empty list of departments is a list.
        if (status !== 400 && (typeof wrong === 'number' || field === 'departments')) continue;
        expect([status, body.errors?.[0]?.field], `${operation.name} ${field}=${String(wrong).slice(0, 9)}`).toEqual([
          400,
          field,
        ]);
      }
    }
  }
});

test('unknown parameters of a query are refused by their name', async () => {
  const withQuery = operations.filter(({ parameters }) => parameters.some((each) => each.in === 'query'));
  expect(withQuery.length).toBeGreaterThanOrEqual(6);
  for (const operation of withQuery) {
    for (const name of ['nonsense', 'tenantId', 'constructor']) {
      const { status, body } = await send(operation, `${pathOf(operation, own)}?${name}=1`);
      expect(status, operation.name).toBe(400);
      expect(
        body.errors?.map(({ field }) => field),
        operation.name,
      ).toContain(name);
    }
  }
});

test('a write that is repeated with its idempotency key is made once, also after a refusal', async () => {
  await clinic.hire('late', 'clinician');
  const path = `/care/patients/${own['id']}/records`;
  const headers = { 'idempotency-key': 'repeat-1' };
  const write = () => clinic.send<{ id: string }>('late', 'POST', path, { kind: 'note', text: 'Once' }, headers);
  expect((await write()).code).toBe('NO_CARE_RELATION');
  await clinic.must('reception', 'PUT', `/care/patients/${own['id']}/team/${clinic.idOf('late')}`, {});
  const [first, second] = [await write(), await write()];
  expect([first.status, second.code]).toEqual([201, 'ANSWER_NOT_REPEATED']);
  // The repeat leads to the record, and does not show it: its reader may have lost the right.
  expect(second.body).toMatchObject({ location: `${path}/${first.body.id}` });
  expect(JSON.stringify(second.body)).not.toContain('Once');
  const list = await clinic.must<{ items: object[] }>('late', 'GET', path);
  expect(list.items).toHaveLength(2);
});
