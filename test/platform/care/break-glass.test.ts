/** Accesses in emergencies: who may start one, for how long, who learns of it, and who judges it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

const MINUTE_MS = 60_000;
const REASON = { reason: 'Found unconscious', purpose: 'ETREAT' };

let clinic: Clinic;
let patient: string;
let note: string;
let restricted: string;
/** The clinician of a test, who has started no access yet. */
let doctor: string;
let doctors = 0;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.hire('writer', 'clinician');
  patient = await clinic.patient();
  await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${clinic.idOf('writer')}`, {});
  const write = async (recordClass: string) =>
    (await clinic.must('writer', 'POST', `/care/patients/${patient}/records`, { kind: 'note', text: 'x', recordClass }))
      .id;
  [note, restricted] = [await write('normal'), await write('restricted')];
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  doctors += 1;
  doctor = `doctor ${doctors}`;
  await clinic.hire(doctor, 'clinician');
  await clinic.entries();
});

interface Emergency {
  id: string;
  isOpen: boolean;
  expiresAt: string;
}
const start = (json: object = {}, name = doctor) =>
  clinic.send<Emergency>(name, 'POST', `/care/patients/${patient}/break-glass`, { ...REASON, ...json });
const read = async (record: string) =>
  (await clinic.send(doctor, 'GET', `/care/patients/${patient}/records/${record}`)).code;
/** Moves the clock, and signs everyone in again. */
async function pass(minutes: number) {
  clinic.clock.ahead += minutes * MINUTE_MS;
  for (const role of roles) await clinic.signInAgain(role, role);
  await clinic.signInAgain(doctor, 'clinician');
}

describe('an access', () => {
  test('opens normal records for 60 minutes, to the minute', async () => {
    expect(await read(note)).toBe('NO_CARE_RELATION');
    expect((await start()).body).toMatchObject({ isOpen: true, patientId: patient, userId: clinic.idOf(doctor) });
    expect([await read(note), await read(restricted)]).toEqual(['ok', 'NO_CARE_RELATION']);
    await pass(59);
    expect(await read(note)).toBe('ok');
    await pass(1);
    expect(await read(note)).toBe('NO_CARE_RELATION');
  });

  test('ends with the right to start one: its user who becomes a nurse reads no more', async () => {
    await start();
    expect(await read(note)).toBe('ok');
    await clinic.must('owner', 'PATCH', `/users/${clinic.idOf(doctor)}`, { role: 'nurse' });
    await clinic.signInAgain(doctor, 'nurse');
    expect(await read(note)).toBe('NO_CARE_RELATION');
  });

  test('is in the audit trail: its start, and each use with the purpose ETREAT', async () => {
    const { body } = await start();
    await read(note);
    expect(await clinic.entries()).toMatchObject([
      { action: 'break-glass.started', entityId: body.id, patientId: patient, purpose: 'ETREAT', outcome: 'ok' },
      { action: 'record.read', entityId: note, purpose: 'ETREAT', data: { ground: 'emergency' } },
    ]);
  });

  test('has each use in the database before the answer, in place of the entry of the log', async () => {
    await start();
    await clinic.entries();
    const shown = await clinic.send(doctor, 'GET', `/care/patients/${patient}/records/${note}`);
    const [{ count } = { count: 0 }] = await sql<{ count: number }>(
      clinic.database,
      `SELECT count(*)::int AS count FROM audit_entries WHERE request_id = $1 AND purpose = 'ETREAT'`,
      [shown.headers.get('x-request-id')],
    );
    expect(count).toBe(1);
    expect(await clinic.entries()).toMatchObject([{ action: 'record.read', purpose: 'ETREAT', data: { version: 1 } }]);
  });

  test('reaches the reviewers at once, by inbox and mail, without data of the patient', async () => {
    const reviewer = clinic.idOf('care_auditor');
    const address = `${reviewer}@people.example`;
    const before = (await clinic.mails(address)).length;
    const { body } = await start();
    const [mail, ...more] = await clinic.mails(address);
    expect(more).toHaveLength(before);
    expect(mail?.subject).toBe('Records were opened in an emergency');
    for (const hidden of [patient, REASON.reason, 'Ada', body.id]) expect(JSON.stringify(mail)).not.toContain(hidden);
    const client = await clinic.platform.scope().tenant(clinic.tenant.id).db();
    const rows = await client.notification.findMany({ where: { tenantId: clinic.tenant.id, userId: reviewer } });
    expect(rows.at(-1)).toMatchObject({ kind: 'care.break-glass', data: { emergencyId: body.id } });
  });

  test('needs a proof of the second factor of the last five minutes', async () => {
    const { tokens, sessions } = clinic.platform.scope().tenant(clinic.tenant.id);
    const id = clinic.idOf(doctor);
    const issued = await tokens.issue(
      { userId: id, role: 'clinician', methods: ['pwd', 'totp'], provesFactor: true },
      await sessions.readEpochs(id),
    );
    if (!('tokens' in issued)) throw new Error(issued.kind);
    clinic.clock.ahead += 5 * MINUTE_MS + 1_000;
    const answer = await clinic.request('/auth/refresh', {
      method: 'POST',
      key: null,
      json: { refreshToken: issued.tokens.refreshToken },
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    clinic.people.set(doctor, { id, bearer: accessToken });
    expect((await start()).code).toBe('SESSION_NOT_FRESH');
    expect(await clinic.entries()).toMatchObject([{ outcome: 'refused', data: { code: 'SESSION_NOT_FRESH' } }]);
    await clinic.signInAgain(doctor, 'clinician');
    expect((await start()).code).toBe('ok');
  });

  test('can be started three times a day, even by starts at once', async () => {
    const codes = (await Promise.all([start(), start(), start(), start()])).map(({ code }) => code);
    expect(codes.sort()).toEqual(['TOO_MANY_EMERGENCIES', 'ok', 'ok', 'ok']);
    const refused = await start();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await pass(24 * 60);
    expect((await start()).code).toBe('ok');
  });

  test.each([
    [{ reason: 'too short' }, 'reason'],
    [{ purpose: 'TREAT' }, 'purpose'],
    [{ recordClass: 'secret' }, 'recordClass'],
  ])('%j is refused by its field', async (json, field) => {
    expect((await start(json)).body).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('cannot be started in a tenant without a reviewer', async () => {
    const other = await openClinic();
    const theirs = await other.patient();
    await other.must('owner', 'PATCH', `/users/${other.idOf('care_auditor')}`, { disabled: true });
    await other.signInAgain('clinician', 'clinician');
    const answer = await other.send('clinician', 'POST', `/care/patients/${theirs}/break-glass`, REASON);
    expect([answer.status, answer.code]).toEqual([409, 'NO_REVIEWER']);
    await other.close();
  });
});

describe('an access to restricted records', () => {
  const confirm = (id: string, name = 'clinician') =>
    clinic.send<Emergency>(name, 'POST', `/care/break-glass/${id}/confirm`);

  test('opens when a second person has confirmed it, for 60 minutes from then', async () => {
    const { body } = await start({ recordClass: 'restricted' });
    expect([body.isOpen, await read(note), await read(restricted)]).toEqual([
      false,
      'NO_CARE_RELATION',
      'NO_CARE_RELATION',
    ]);
    await pass(9);
    expect((await confirm(body.id)).body).toMatchObject({ isOpen: true, confirmedBy: clinic.idOf('clinician') });
    expect([await read(note), await read(restricted)]).toEqual(['ok', 'ok']);
    await pass(59);
    expect(await read(restricted)).toBe('ok');
    await pass(1);
    expect(await read(restricted)).toBe('NO_CARE_RELATION');
  });

  test('is never confirmed by the user who started it', async () => {
    const { body } = await start({ recordClass: 'restricted' });
    expect((await confirm(body.id, doctor)).code).toBe('OWN_EMERGENCY');
    expect(await read(restricted)).toBe('NO_CARE_RELATION');
  });

  test('is confirmed within ten minutes, and once', async () => {
    const { body } = await start({ recordClass: 'restricted' });
    await pass(10);
    expect((await confirm(body.id)).code).toBe('NOT_WAITING');
    const { body: second } = await start({ recordClass: 'restricted' });
    await clinic.signInAgain('writer', 'clinician');
    const answers = await Promise.all([confirm(second.id), confirm(second.id, 'writer')]);
    expect(answers.map(({ code }) => code).sort()).toEqual(['NOT_WAITING', 'ok']);
    expect((await confirm(second.id)).code).toBe('NOT_WAITING');
  });

  test('that is not for restricted records needs no second person', async () => {
    expect((await confirm((await start()).body.id)).code).toBe('NOT_WAITING');
  });
});

describe('a review', () => {
  const list = async (state: string) =>
    (
      await clinic.must<{ items: Record<string, unknown>[] }>(
        'care_auditor',
        'GET',
        `/care/break-glass?state=${state}&limit=100`,
      )
    ).items;

  test('is listed with the reason until it is made, and is made once', async () => {
    const { body } = await start();
    const waiting = (await list('waiting')).find(({ id }) => id === body.id);
    expect(waiting).toMatchObject({ reason: REASON.reason, verdict: null, userId: clinic.idOf(doctor) });
    const late = Date.parse(String(waiting?.['reviewBy'])) - Date.parse(String(waiting?.['startedAt']));
    expect(late).toBe(72 * 60 * MINUTE_MS);
    const path = `/care/break-glass/${body.id}/review`;
    await clinic.must('care_auditor', 'POST', path, { verdict: 'unjustified' });
    expect((await clinic.send('care_auditor', 'POST', path, { verdict: 'justified' })).code).toBe('REVIEWED');
    expect((await list('waiting')).map(({ id }) => id)).not.toContain(body.id);
    expect((await list('reviewed')).find(({ id }) => id === body.id)).toMatchObject({
      verdict: 'unjustified',
      reviewedBy: clinic.idOf('care_auditor'),
    });
  });

  test('after 72 hours is marked as late in the audit trail', async () => {
    const { body } = await start();
    await pass(72 * 60 + 1);
    await clinic.entries();
    await clinic.must('care_auditor', 'POST', `/care/break-glass/${body.id}/review`, { verdict: 'justified' });
    expect(await clinic.entries()).toMatchObject([
      { action: 'break-glass.reviewed', patientId: patient, data: { verdict: 'justified', isLate: true } },
    ]);
  });
});
