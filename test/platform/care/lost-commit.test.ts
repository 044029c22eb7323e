/**
 * Every operation of the care area that takes an `Idempotency-Key`, when the answer to its COMMIT is lost: the repeat on
 * another instance gets the first result, and one entry of the audit trail shows that it was written once.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { describedOperations } from '../http/described-api.ts';
import { ADA, type Clinic, openClinic } from './world.ts';

let clinic: Clinic;
let one: Instance;
let two: Instance;
let patient: string;
let account: string;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.hire('second', 'clinician');
  const { tenant } = clinic;
  [one, two] = await Promise.all([createInstance({ tenant }), createInstance({ tenant })]);
  patient = await clinic.patient();
  await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('clinician')}`, {});
  account = (await clinic.must('biller', 'POST', `/care/patients/${patient}/accounts`)).id;
});
afterAll(() => Promise.all([clinic.close(), one.close(), two.close()]));

type Request = [caller: string, path: string, json?: object];

let slot = 0;
const booking = () => {
  slot += 1;
  const start = new Date(Date.UTC(2029, 0, 1, slot)).toISOString().slice(0, 16);
  return { patientId: patient, clinicianId: clinic.idOf('clinician'), department: 'X', minutes: 20, start };
};
/** A visit after some steps. */
async function visitAfter(...steps: [step: string, expected: string][]): Promise<string> {
  const { id } = await clinic.must('reception', 'POST', '/care/appointments', booking());
  for (const [step, expected] of steps) await move(id, step, expected);
  return id;
}
const move = (id: string, step: string, expected: string) =>
  clinic.must('nurse', 'POST', `/care/appointments/${id}/${step}`, { expected });
const moved = (id: string, step: string, expected: string): Request => [
  ...(['nurse', `/care/appointments/${id}/${step}`, { expected }] as const),
];
const emergency = async (recordClass: string) =>
  (
    await clinic.must('clinician', 'POST', `/care/patients/${await clinic.patient()}/break-glass`, {
      ...{ reason: 'The patient is unconscious', purpose: 'ETREAT', recordClass },
    })
  ).id;
const charge = () =>
  clinic.send<{ id: string }>(
    ...(['biller', 'POST', `/care/accounts/${account}/entries`, { kind: 'charge', amount: '5' }] as const),
    { 'idempotency-key': randomUUID() },
  );

/** A request of each operation, which has an effect once. */
const REQUESTS: Readonly<Record<string, () => Promise<Request>>> = {
  'POST /care/patients': async () => ['reception', '/care/patients', { ...ADA, number: 'LOST-1' }],
  'POST /care/patients/{id}/merge': async () => [
    ...(['reception', `/care/patients/${patient}/merge`, { duplicateId: await clinic.patient() }] as const),
  ],
  'POST /care/patients/{id}/consents': async () => [
    ...(['reception', `/care/patients/${patient}/consents`, { decision: 'permit', recordClass: 'normal' }] as const),
  ],
  'POST /care/patients/{id}/records': async () => [
    ...(['clinician', `/care/patients/${patient}/records`, { kind: 'note', text: 'Rest' }] as const),
  ],
  'POST /care/patients/{id}/records/{recordId}/amend': async () => {
    const path = `/care/patients/${patient}/records`;
    const { id } = await clinic.must('clinician', 'POST', path, { kind: 'note', text: 'Rest' });
    return ['clinician', `${path}/${id}/amend`, { version: 1, text: 'Sleep' }];
  },
  'POST /care/patients/{id}/break-glass': async () => [
    ...(['second', `/care/patients/${patient}/break-glass`, { reason: 'unconscious', purpose: 'ETREAT' }] as const),
  ],
  'POST /care/break-glass/{id}/confirm': async () => [
    'second',
    `/care/break-glass/${await emergency('restricted')}/confirm`,
  ],
  'POST /care/break-glass/{id}/review': async () => [
    ...(['care_auditor', `/care/break-glass/${await emergency('normal')}/review`, { verdict: 'justified' }] as const),
  ],
  'POST /care/patients/{id}/exports': async () => ['clinician', `/care/patients/${patient}/exports`],
  'POST /care/patients/{id}/accounts': async () => ['biller', `/care/patients/${await clinic.patient()}/accounts`],
  'POST /care/accounts/{id}/entries': async () => [
    ...(['biller', `/care/accounts/${account}/entries`, { kind: 'charge', amount: '3' }] as const),
  ],
  'POST /care/ledger/{id}/reverse': async () => ['biller', `/care/ledger/${(await charge()).body.id}/reverse`, {}],
  'POST /care/appointments': async () => ['reception', '/care/appointments', booking()],
  'POST /care/appointments/{id}/arrive': async () => moved(await visitAfter(), 'arrive', 'booked'),
  'POST /care/appointments/{id}/room': async () => moved(await visitAfter(['arrive', 'booked']), 'room', 'arrived'),
  'POST /care/appointments/{id}/start': async () =>
    moved(await visitAfter(['arrive', 'booked'], ['room', 'arrived']), 'start', 'in_room'),
  'POST /care/appointments/{id}/finish': async () =>
    moved(
      await visitAfter(['arrive', 'booked'], ['room', 'arrived'], ['start', 'in_room']),
      'finish',
      'with_clinician',
    ),
  'POST /care/appointments/{id}/cancel': async () => moved(await visitAfter(), 'cancel', 'booked'),
  'POST /care/appointments/{id}/miss': async () => moved(await visitAfter(), 'miss', 'booked'),
  'POST /care/appointments/{id}/leave': async () => moved(await visitAfter(['arrive', 'booked']), 'leave', 'arrived'),
  'POST /care/appointments/{id}/undo': async () => moved(await visitAfter(['cancel', 'booked']), 'undo', 'cancelled'),
};

test('each operation that takes a key has a request here', async () => {
  const operations = (await describedOperations(clinic)).filter(
    ({ name, parameters }) => name.includes(' /care/') && parameters.some((each) => each.name === 'Idempotency-Key'),
  );
  expect(Object.keys(REQUESTS).sort()).toEqual(operations.map(({ name }) => name).sort());
});

test.each(Object.entries(REQUESTS))('%s', async (_name, make) => {
  const name = randomUUID();
  const [caller, path, json] = await make();
  await clinic.entries();
  const init = { key: clinic.people.get(caller)?.bearer ?? '', ...(json ? { json } : {}) };
  one.postgres.commitFault = 'cut-after';
  const lost = await post(one, name, path, init);
  expect(lost.status, await lost.text()).toBe(503);
  const repeat = await post(two, name, path, init);
  const text = await repeat.text();
  expect(repeat.headers.get('idempotency-replayed'), `${repeat.status} ${text}`).toBe('true');
  if (repeat.status >= 300) expect(JSON.parse(text)).toMatchObject({ code: 'ANSWER_NOT_REPEATED', status: 409 });
  // A merge has an entry for each patient; no entry is there twice.
  const written = (await clinic.entries()).filter(({ outcome }) => outcome === 'ok').map(({ action }) => action);
  expect(written.length).toBeGreaterThan(0);
  expect(written).toEqual([...new Set(written)]);
  // A third one is answered from Redis, and another request with the key is refused.
  expect((await post(one, name, path, init)).status).toBe(repeat.status);
  expect((await post(one, name, path, { ...init, json: { other: 1 } })).status).toBe(422);
});
