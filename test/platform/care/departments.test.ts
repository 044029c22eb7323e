/** Nurses and their departments: the notes of the department's patients, and no more. The expected answers are written by hand. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  await clinic.hire('nurse', 'nurse');
});

const setDepartments = (name: string, departments: string[]) =>
  clinic.send('reception', 'PUT', `/care/staff/${clinic.idOf(name)}`, { departments });

/** A patient with a note, a diagnosis and a restricted note, and with a visit in General practice in some days. */
async function subject(days: number | null, status = 'booked') {
  const patient = await clinic.patient();
  await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('clinician')}`, {});
  // Before the first read of the access, because the row is not written by the API.
  if (days !== null) {
    const visit = await clinic.visit(patient, 'clinician', days);
    await sql(clinic.database, 'UPDATE appointments SET status = $2::appointment_status WHERE id = $1', [
      visit,
      status,
    ]);
  }
  const write = async (kind: string, recordClass = 'normal') =>
    (await clinic.must('clinician', 'POST', `/care/patients/${patient}/records`, { kind, recordClass, text: 'Rest' }))
      .id;
  const records = [await write('note'), await write('diagnosis'), await write('note', 'restricted')];
  return { patient, records };
}

/** The marks of a nurse's reads: a note, a diagnosis, a restricted note. */
async function reads({ patient, records }: Awaited<ReturnType<typeof subject>>): Promise<string> {
  const MARKS: Readonly<Record<string, string>> = {
    ...{ ok: '+', NOT_ALLOWED: '-', NO_CARE_RELATION: 'r', CONSENT_DENIED: 'c', RECORD_RESTRICTED: 'x' },
  };
  let marks = '';
  for (const id of records) {
    const { code } = await clinic.send('nurse', 'GET', `/care/patients/${patient}/records/${id}`);
    marks += MARKS[code] ?? code;
  }
  return marks;
}

test.each([
  ['General practice', 0, 'booked', '+-x'],
  ['General practice', 6, 'booked', '+-x'],
  ['General practice', -6, 'finished', '+-x'],
  ['General practice', 8, 'booked', 'rrr'],
  ['General practice', -8, 'finished', 'rrr'],
  ['General practice', 0, 'cancelled', 'rrr'],
  ['General practice', null, '', 'rrr'],
  ['Surgery', 0, 'booked', 'rrr'],
  [null, 0, 'booked', 'rrr'],
])('a nurse of %s reads of a patient with a visit in General practice in %s days (%s): %s', async (...line) => {
  const [department, days, status, marks] = line;
  if (department !== null) expect((await setDepartments('nurse', [department, 'Another'])).status).toBe(204);
  expect(await reads(await subject(days, status || undefined))).toBe(marks);
});

test('without a relation, a nurse does not learn which record is restricted', async () => {
  await setDepartments('nurse', ['Surgery']);
  const { patient, records } = await subject(0);
  const refusals = [];
  for (const id of [records[0], records[2]]) {
    const { status, body } = await clinic.send('nurse', 'GET', `/care/patients/${patient}/records/${id}`);
    refusals.push({ ...(body as object), status, requestId: '', instance: '' });
  }
  expect(refusals[0]).toMatchObject({ status: 403, code: 'NO_CARE_RELATION', canBreakGlass: false });
  expect(refusals[1]).toEqual(refusals[0]);
});

test('a nurse of the department writes notes, and is refused other kinds', async () => {
  await setDepartments('nurse', ['General practice']);
  const { patient } = await subject(0);
  const write = (kind: string) =>
    clinic.send('nurse', 'POST', `/care/patients/${patient}/records`, { kind, text: 'Rest' });
  expect([(await write('note')).code, (await write('diagnosis')).code]).toEqual(['ok', 'NOT_ALLOWED']);
});

test('a nurse moves visits of every department, and a move opens no record', async () => {
  await setDepartments('nurse', ['Surgery']);
  const one = await subject(null);
  const visit = await clinic.visit(one.patient, 'clinician');
  for (const [step, expected] of [
    ['arrive', 'booked'],
    ['room', 'arrived'],
  ]) {
    const moved = await clinic.send('nurse', 'POST', `/care/appointments/${visit}/${step}`, { expected });
    expect(moved.code).toBe('ok');
  }
  expect(await reads(one)).toBe('rrr');
});

test('a denial of the patient is stronger than the department', async () => {
  await setDepartments('nurse', ['General practice']);
  const one = await subject(0);
  const denial = { decision: 'deny', recordClass: 'normal' };
  await clinic.must('reception', 'POST', `/care/patients/${one.patient}/consents`, denial);
  expect(await reads(one)).toBe('ccx');
});

test('the end of a place in the department ends the access at once', async () => {
  await setDepartments('nurse', ['General practice']);
  const one = await subject(0);
  expect(await reads(one)).toBe('+-x');
  await setDepartments('nurse', ['Surgery']);
  expect(await reads(one)).toBe('rrr');
});

test('a nurse who becomes a clinician keeps no access by the department', async () => {
  await setDepartments('nurse', ['General practice']);
  const one = await subject(0);
  await clinic.must('owner', 'PATCH', `/users/${clinic.idOf('nurse')}`, { role: 'clinician' });
  await clinic.signInAgain('nurse', 'clinician');
  expect(await reads(one)).toBe('rrr');
});

test('a nurse who gets another role and returns has no department', async () => {
  await setDepartments('nurse', ['General practice']);
  const one = await subject(0);
  const become = (role: string) => clinic.must('owner', 'PATCH', `/users/${clinic.idOf('nurse')}`, { role });
  await become('reception');
  await become('nurse');
  await clinic.signInAgain('nurse', 'nurse');
  expect(await reads(one)).toBe('rrr');
  const members = await sql(clinic.database, 'SELECT 1 FROM department_members WHERE user_id = $1', [
    clinic.idOf('nurse'),
  ]);
  expect(members).toEqual([]);
});

test('only nurses have departments, and the list has them', async () => {
  const answer = await setDepartments('clinician', ['General practice']);
  expect([answer.status, answer.code]).toEqual([409, 'NO_SUCH_REFERENCE']);
  await setDepartments('nurse', ['Surgery', 'General practice', 'Surgery']);
  const { items } = await clinic.must<{ items: { userId: string; departments: string[] }[] }>(
    ...(['reception', 'GET', '/care/staff'] as const),
  );
  expect(items).toContainEqual({ userId: clinic.idOf('nurse'), departments: ['General practice', 'Surgery'] });
  await clinic.entries();
  await setDepartments('nurse', []);
  expect(await clinic.entries()).toMatchObject([
    { action: 'staff.changed', entityId: clinic.idOf('nurse'), data: { departments: [] } },
  ]);
});
