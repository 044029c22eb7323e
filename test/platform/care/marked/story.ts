/**
 * The story of a patient with marked values, through every part of the care area, with repeats, wrong requests and a
 * fault. It reads as a clinic works: each request is one of its people's.
 */
import { sql } from '../../../support/tenant.ts';
import type { Clinic } from '../world.ts';
import { MARKS } from './marks.ts';
import type { Queue } from './queue.ts';

const PATIENT = {
  ...{ number: MARKS.number, name: MARKS.name, birth: MARKS.birth },
  ...{ address: MARKS.address, phone: MARKS.phone, email: MARKS.email },
};

/** The ids of the story's rows. */
export interface Told {
  patient: string;
  note: string;
  deadJob: string;
}

/** Tells the story, and returns its ids. Ends with an export that is a dead letter, of the app and of QStash. */
export async function tellStory(clinic: Clinic, queue: Queue): Promise<Told> {
  const patient = await receive(clinic);
  await visit(clinic, patient);
  const note = await write(clinic, patient);
  await breakGlass(clinic, patient, note);
  await bill(clinic, patient);
  await read(clinic, patient, note);
  await makeMistakes(clinic, patient);
  return { patient, note, deadJob: await exportTwice(clinic, queue, patient, note) };
}

/** The patient is received, found, changed, and merged with a duplicate. */
async function receive({ must, send, idOf }: Clinic): Promise<string> {
  const repeated = { 'idempotency-key': 'receive' };
  const { body } = await send<{ id: string }>('reception', 'POST', '/care/patients', PATIENT, repeated);
  await send('reception', 'POST', '/care/patients', PATIENT, repeated);
  await send('reception', 'POST', '/care/patients', { ...PATIENT, name: MARKS.word }, repeated);
  await send('reception', 'POST', '/care/patients', PATIENT);
  const duplicate = await must('reception', 'POST', '/care/patients', { ...PATIENT, number: `${MARKS.number}-B` });
  await must('reception', 'POST', `/care/patients/${body.id}/merge`, { duplicateId: duplicate.id });
  await must('reception', 'PATCH', `/care/patients/${body.id}`, { address: `${MARKS.address}, back door` });
  for (const found of [{ number: MARKS.number }, { name: MARKS.name, birthYear: 1911 }, { name: MARKS.word }]) {
    await must('nurse', 'POST', '/care/patients/search', found);
  }
  for (const name of ['clinician', 'nurse', 'colleague']) {
    await must('reception', 'PUT', `/care/patients/${body.id}/team/${idOf(name)}`, {});
  }
  const consent = { decision: 'permit', recordClass: 'restricted', userId: idOf('clinician') };
  await must('reception', 'POST', `/care/patients/${body.id}/consents`, consent);
  return body.id;
}

/** A visit passes through its flow, another is cancelled, and a third overlaps. */
async function visit(clinic: Clinic, patientId: string): Promise<void> {
  const { must, send, idOf, clock } = clinic;
  const soon = (minutes: number) => new Date(Date.now() + clock.ahead + minutes * 60_000).toISOString().slice(0, 16);
  const booking = {
    ...{ patientId, clinicianId: idOf('clinician'), department: 'General practice', minutes: 20 },
    ...{ start: soon(60), reason: MARKS.visit },
  };
  const key = { 'idempotency-key': 'book' };
  const booked = await send<{ id: string }>('reception', 'POST', '/care/appointments', booking, key);
  await send('reception', 'POST', '/care/appointments', booking, key);
  await send('reception', 'POST', '/care/appointments', booking);
  const move = (id: string, step: string, expected: string, name = 'nurse') =>
    must(name, 'POST', `/care/appointments/${id}/${step}`, { expected });
  for (const [step, expected] of [
    ...[['arrive', 'booked'] as const, ['undo', 'arrived'] as const, ['arrive', 'booked'] as const],
    ...[['room', 'arrived'] as const, ['start', 'in_room'] as const, ['finish', 'with_clinician'] as const],
  ]) {
    await move(booked.body.id, step, expected);
  }
  const second = await must('reception', 'POST', '/care/appointments', { ...booking, start: soon(90) });
  await move(second.id, 'cancel', 'booked', 'reception');
  await send('reception', 'GET', `/care/appointments/${booked.body.id}`);
  for (const end of ['', '/hallway']) await must('nurse', 'GET', `/care/board${end}?department=General%20practice`);
}

/** Records are written, amended, and a result comes that a colleague has ordered. Returns the note. */
async function write({ must, send, idOf }: Clinic, patient: string): Promise<string> {
  const path = `/care/patients/${patient}/records`;
  const key = { 'idempotency-key': 'note' };
  const json = { kind: 'note', text: MARKS.note };
  const { body: note } = await send<{ id: string }>('clinician', 'POST', path, json, key);
  await send('clinician', 'POST', path, json, key);
  await must('clinician', 'POST', path, { kind: 'diagnosis', text: MARKS.diagnosis });
  await must('clinician', 'POST', path, { kind: 'result', text: MARKS.result, orderedBy: idOf('colleague') });
  await must('clinician', 'POST', path, { kind: 'note', recordClass: 'restricted', text: MARKS.restricted });
  await must('nurse', 'POST', `${path}/${note.id}/amend`, { version: 1, text: MARKS.amended });
  return note.id;
}

/** A stranger opens the records in an emergency, reads, and is reviewed. */
async function breakGlass({ must, send }: Clinic, patient: string, note: string): Promise<void> {
  await send('stranger', 'GET', `/care/patients/${patient}/records/${note}`);
  const { id } = await must('stranger', 'POST', `/care/patients/${patient}/break-glass`, {
    reason: MARKS.emergency,
    purpose: 'ETREAT',
  });
  await must('stranger', 'GET', `/care/patients/${patient}/records/${note}`);
  await must('care_auditor', 'GET', '/care/break-glass?state=waiting');
  await must('care_auditor', 'POST', `/care/break-glass/${id}/review`, { verdict: 'justified' });
}

/** The account is charged, and the charge is taken back. */
async function bill({ must, send }: Clinic, patient: string): Promise<void> {
  const { id } = await must('biller', 'POST', `/care/patients/${patient}/accounts`);
  const charge = { kind: 'charge', amount: '12.50', memo: MARKS.memo };
  const key = { 'idempotency-key': 'charge' };
  const path = `/care/accounts/${id}/entries`;
  const { body } = await send<{ id: string }>('biller', 'POST', path, charge, key);
  await send('biller', 'POST', path, charge, key);
  await send('biller', 'POST', path, { ...charge, amount: '13' }, key);
  const reversal = { 'idempotency-key': 'reversal' };
  await send('biller', 'POST', `/care/ledger/${body.id}/reverse`, { memo: MARKS.memo }, reversal);
  for (const read of [`/care/accounts/${id}`, path, '/care/ledger']) await must('biller', 'GET', read);
}

/** Everything is read twice, so that it is cached. */
async function read({ must, idOf }: Clinic, patient: string, note: string): Promise<void> {
  const own = `/care/patients/${patient}`;
  for (const _ of [1, 2]) {
    for (const path of [own, `${own}/records`, `${own}/records/${note}`]) {
      await must('clinician', 'GET', path);
    }
    for (const path of [`${own}/consents`, `${own}/team`]) await must('reception', 'GET', path);
    await must('biller', 'GET', `${own}/accounts`);
    await must('care_auditor', 'GET', `${own}/accesses`);
  }
  await must('clinician', 'GET', '/notifications');
  await must('reception', 'DELETE', `${own}/team/${idOf('nurse')}`);
}

/** Wrong requests with marked values: in bodies that are refused, in fields, and in addresses. */
async function makeMistakes({ send, request, people }: Clinic, patient: string): Promise<void> {
  await send('reception', 'POST', '/care/patients', { ...PATIENT, birth: MARKS.name });
  await send('reception', 'POST', '/care/patients', { ...PATIENT, [MARKS.name]: 1 });
  await send('clinician', 'POST', `/care/patients/${patient}/records`, { kind: MARKS.note, text: MARKS.note });
  await send('nurse', 'POST', `/care/patients/${patient}/records`, { kind: 'result', text: MARKS.result });
  const headers = { 'content-type': 'application/json' };
  const key = people.get('reception')?.bearer ?? null;
  await request('/care/patients', { method: 'POST', key, headers, body: `{"name": "${MARKS.name}", "broken` });
  // A user types a number or a name where an id belongs.
  for (const typed of [MARKS.number, MARKS.word, encodeURIComponent(MARKS.name)]) {
    for (const path of [`/care/patients/${typed}`, `/care/patients/${typed}/records`, `/care/appointments/${typed}`]) {
      await send('clinician', 'GET', path);
    }
    await send('clinician', 'POST', `/care/patients/${typed}/records`, { kind: 'note', text: MARKS.note });
    await send('clinician', 'POST', `/care/appointments/${typed}/arrive`, { expected: 'booked' });
    await send('clinician', 'GET', `/care/${typed}`);
    await send('clinician', 'GET', `/care/patients?name=${typed}`);
  }
}

/** An export is read; a second one meets a text that cannot be opened, and becomes a dead letter. Returns its job. */
async function exportTwice(clinic: Clinic, queue: Queue, patient: string, note: string): Promise<string> {
  const { must, send, database, tenant } = clinic;
  const path = `/care/patients/${patient}/exports`;
  const { id } = await must('clinician', 'POST', path);
  await queue.settle();
  await must('clinician', 'GET', `${path}/${id}/file`);
  const spoil = (sealed: string) =>
    `UPDATE medical_record_versions SET sealed_body = ${sealed} WHERE tenant_id = $1 AND record_id = $2`;
  await sql(database, spoil(`sealed_body || 'x'`), [tenant.id, note]);
  const dying = await must('clinician', 'POST', path);
  await queue.pass(12);
  await clinic.signInAgain('clinician', 'clinician');
  await send('clinician', 'GET', `/care/patients/${patient}/records/${note}`);
  return dying.id;
}
