/** Visits: booked without overlap in the time zone of the clinic, and moved by named steps. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roles } from '../../../src/identity/index.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

interface Visit {
  id: string;
  status: string;
  ticket: string;
  startsAt: string;
  localStart: string;
  arrivedAt: string | null;
  roomedAt: string | null;
  undoUntil: string | null;
  reason: string | null;
}

let clinic: Clinic;
let patient: string;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of roles) await clinic.signInAgain(role, role);
  patient = await clinic.patient();
  await clinic.entries();
});

let slot = 0;
/** The body of a booking at a time of its own. */
function booking(more: object = {}) {
  slot += 1;
  const start = new Date(Date.UTC(2027, 0, 1) + slot * 3_600_000).toISOString().slice(0, 16);
  const department = 'General practice';
  return { patientId: patient, clinicianId: clinic.idOf('clinician'), department, start, minutes: 20, ...more };
}

const book = (more: object = {}) => clinic.must<Visit>('reception', 'POST', '/care/appointments', booking(more));
const move = (id: string, step: string, expected: string, name = 'reception', headers = {}) =>
  clinic.send<Visit & { current?: string }>(name, 'POST', `/care/appointments/${id}/${step}`, { expected }, headers);
const statusOf = async (id: string) => (await clinic.must<Visit>('nurse', 'GET', `/care/appointments/${id}`)).status;
const setZone = (zone: string | null) =>
  sql(clinic.database, 'UPDATE tenants SET time_zone = $2 WHERE id = $1', [clinic.tenant.id, zone]);

describe('the flow', () => {
  test.each([
    [
      ['arrive', 'room', 'start', 'finish'],
      ['booked', 'arrived', 'in_room', 'with_clinician', 'finished'],
    ],
    [['cancel'], ['booked', 'cancelled']],
    [['miss'], ['booked', 'missed']],
    [
      ['arrive', 'leave'],
      ['booked', 'arrived', 'left'],
    ],
  ])('goes by %j', async (steps, statuses) => {
    const { id } = await book();
    for (const [index, step] of steps.entries()) {
      const { code, body } = await move(id, step, statuses[index] ?? '');
      expect([code, body.status]).toEqual(['ok', statuses[index + 1]]);
      expect(await statusOf(id)).toBe(statuses[index + 1]);
    }
    const events = await sql<{ type: string; data: object }>(
      clinic.database,
      'SELECT type, data FROM events WHERE tenant_id = $1 AND key = $2 ORDER BY version',
      [clinic.tenant.id, id],
    );
    expect(events.map(({ type }) => type)).toEqual(['booked', ...steps.map(() => 'moved')]);
  });

  test('refuses a step from every status at which it does not begin', async () => {
    const ways: Record<string, string[]> = {
      booked: [],
      arrived: ['arrive'],
      in_room: ['arrive', 'room'],
      with_clinician: ['arrive', 'room', 'start'],
      finished: ['arrive', 'room', 'start', 'finish'],
      cancelled: ['cancel'],
      missed: ['miss'],
      left: ['arrive', 'leave'],
    };
    const begins: Record<string, string> = {
      ...{ arrive: 'booked', room: 'arrived', start: 'in_room', finish: 'with_clinician' },
      ...{ cancel: 'booked', miss: 'booked', leave: 'arrived' },
    };
    for (const [status, way] of Object.entries(ways)) {
      const { id } = await book();
      let at = 'booked';
      for (const step of way) at = (await move(id, step, at)).body.status;
      for (const [step, from] of Object.entries(begins)) {
        if (from === status) continue;
        const { status: http, code, body } = await move(id, step, status);
        expect([http, code, body.current], `${step} from ${status}`).toEqual([409, 'MOVE_NOT_POSSIBLE', status]);
      }
      expect(await statusOf(id)).toBe(status);
    }
  });

  test('refuses an unexpected status, and names the current one', async () => {
    const { id } = await book();
    await move(id, 'arrive', 'booked');
    const { status, code, body } = await move(id, 'arrive', 'booked');
    expect([status, code, body.current]).toEqual([409, 'APPOINTMENT_MOVED', 'arrived']);
  });

  test('of two moves at once, one moves', async () => {
    const { id } = await book();
    const answers = await Promise.all([move(id, 'arrive', 'booked'), move(id, 'cancel', 'booked')]);
    expect(answers.map(({ code }) => code).toSorted()).toEqual(['APPOINTMENT_MOVED', 'ok']);
  });

  test('a repeat with its key is answered as before, and moves nothing', async () => {
    const { id } = await book();
    const headers = { 'idempotency-key': `arrive-${id}` };
    const first = await move(id, 'arrive', 'booked', 'reception', headers);
    const second = await move(id, 'arrive', 'booked', 'reception', headers);
    expect([first.code, second.body]).toEqual(['ok', first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const entries = (await clinic.entries()).filter(({ action }) => action === 'appointment.arrived');
    expect(entries).toHaveLength(1);
  });

  test('never sets a time before the time of an earlier step', async () => {
    const { id } = await book();
    await move(id, 'arrive', 'booked');
    await sql(clinic.database, `UPDATE appointments SET arrived_at = arrived_at + interval '1 minute' WHERE id = $1`, [
      id,
    ]);
    const { body } = await move(id, 'room', 'arrived');
    const [row] = await sql<{ ordered: boolean }>(
      clinic.database,
      'SELECT roomed_at >= arrived_at AS ordered FROM appointments WHERE id = $1',
      [id],
    );
    expect([body.status, row?.ordered]).toEqual(['in_room', true]);
  });

  test('each move is in the audit trail with its patient', async () => {
    const { id } = await book();
    await move(id, 'arrive', 'booked', 'nurse');
    expect((await clinic.entries()).at(-1)).toMatchObject({
      action: 'appointment.arrived',
      outcome: 'ok',
      actorId: clinic.idOf('nurse'),
      entityId: id,
      patientId: patient,
      data: { from: 'booked', to: 'arrived' },
    });
  });

  test('a move is one transaction and three requests to Redis: the gate, the marks and the new versions', async () => {
    const { id } = await book();
    const { cost } = await move(id, 'arrive', 'booked', 'clinician');
    expect(cost['redis']).toMatch(/^3 requests/);
  });
});

describe('the undo', () => {
  test('goes back one step, clears its time, and is possible once', async () => {
    const { id } = await book();
    await move(id, 'arrive', 'booked');
    await move(id, 'room', 'arrived');
    const { body } = await move(id, 'undo', 'in_room');
    expect(body).toMatchObject({ status: 'arrived', roomedAt: null, undoUntil: null });
    expect(body.arrivedAt).not.toBeNull();
    expect((await move(id, 'undo', 'arrived')).code).toBe('MOVE_NOT_POSSIBLE');
  });

  test('is possible for ten minutes', async () => {
    const [early, late] = [await book(), await book()];
    for (const { id } of [early, late]) await move(id, 'cancel', 'booked');
    const setMoved = (id: string, age: string) =>
      sql(clinic.database, 'UPDATE appointments SET moved_at = moved_at - $2::interval WHERE id = $1', [id, age]);
    await setMoved(early.id, '9 minutes');
    await setMoved(late.id, '11 minutes');
    expect((await move(early.id, 'undo', 'cancelled')).body.status).toBe('booked');
    expect((await move(late.id, 'undo', 'cancelled')).code).toBe('MOVE_NOT_POSSIBLE');
  });

  test('is refused if the time of the cancelled visit is taken', async () => {
    const body = booking();
    const { id } = await clinic.must('reception', 'POST', '/care/appointments', body);
    await move(id, 'cancel', 'booked');
    await clinic.must('reception', 'POST', '/care/appointments', body);
    const { status, code } = await move(id, 'undo', 'cancelled');
    expect([status, code]).toEqual([409, 'APPOINTMENTS_OVERLAP']);
    expect(await statusOf(id)).toBe('cancelled');
  });
});

describe('who may', () => {
  test('clinicians move their own visits, nurses and reception those of all', async () => {
    await clinic.hire('colleague', 'clinician');
    const { id } = await book({ clinicianId: clinic.idOf('colleague') });
    const refused = await move(id, 'arrive', 'booked', 'clinician');
    expect([refused.status, refused.code]).toEqual([403, 'NOT_YOUR_APPOINTMENT']);
    expect((await move(id, 'arrive', 'booked', 'nurse')).code).toBe('ok');
    expect((await move(id, 'room', 'arrived', 'colleague')).code).toBe('ok');
  });
});

describe('a booking', () => {
  test('that overlaps another of the clinician is refused by the database; a neighbour is not', async () => {
    const body = booking();
    await clinic.must('reception', 'POST', '/care/appointments', body);
    const overlap = await clinic.send('reception', 'POST', '/care/appointments', body);
    expect([overlap.status, overlap.code]).toEqual([409, 'APPOINTMENTS_OVERLAP']);
    const start = `${body.start.slice(0, 14)}20`;
    expect((await clinic.send('reception', 'POST', '/care/appointments', { ...body, start })).status).toBe(201);
    const insert = `INSERT INTO appointments (tenant_id, id, patient_id, clinician_id, department, starts_at, ends_at, updated_at)
      VALUES ($1, 'appointment_raw', $2, $3, 'X', $4, $4::timestamp + interval '1 minute', now())`;
    const values = [clinic.tenant.id, patient, clinic.idOf('clinician'), `${body.start}:00`];
    await expect(sql(clinic.database, insert, values)).rejects.toThrow('appointments_do_not_overlap');
  });

  test('of two at once at the same time, one is made', async () => {
    const body = booking();
    const answers = await Promise.all(
      [1, 2, 3].map(() => clinic.send('reception', 'POST', '/care/appointments', body)),
    );
    expect(answers.map(({ code }) => code).toSorted()).toEqual(['APPOINTMENTS_OVERLAP', 'APPOINTMENTS_OVERLAP', 'ok']);
  });

  test.each(['cancel', 'miss'])('is possible at the time of a visit after %s', async (step) => {
    const body = booking();
    const { id } = await clinic.must('reception', 'POST', '/care/appointments', body);
    await move(id, step, 'booked');
    expect((await clinic.send('reception', 'POST', '/care/appointments', body)).status).toBe(201);
  });

  test('is possible at the time of a visit whose patient has left', async () => {
    const body = booking();
    const { id } = await clinic.must('reception', 'POST', '/care/appointments', body);
    await move(id, 'arrive', 'booked');
    await move(id, 'leave', 'arrived');
    expect((await clinic.send('reception', 'POST', '/care/appointments', body)).status).toBe(201);
  });

  test('keeps its reason sealed', async () => {
    const { id, reason } = await book({ reason: 'Marked reason' });
    expect(reason).toBe('Marked reason');
    const [row] = await sql(clinic.database, 'SELECT to_jsonb(a) AS row FROM appointments a WHERE id = $1', [id]);
    expect(JSON.stringify(row)).not.toContain('Marked');
  });

  test('shows its reason to its clinician, to nurses and to reception, and to no other clinician', async () => {
    await clinic.hire('colleague', 'clinician');
    const { id } = await book({ reason: 'A cough' });
    const seen: unknown[] = [];
    for (const name of ['clinician', 'nurse', 'reception', 'colleague']) {
      seen.push((await clinic.must<Visit>(name, 'GET', `/care/appointments/${id}`)).reason);
    }
    expect(seen).toEqual(['A cough', 'A cough', 'A cough', null]);
  });

  test('tells its clinician by a notification without data of the patient', async () => {
    const { id } = await book();
    const rows = await sql<{ title: string; data: object }>(
      clinic.database,
      `SELECT title, data FROM notifications WHERE user_id = $1 AND data->>'appointmentId' = $2`,
      [clinic.idOf('clinician'), id],
    );
    expect(rows).toEqual([{ title: 'A visit was booked', data: { appointmentId: id } }]);
  });

  test('gives its clinician a care relation, which a cancellation ends', async () => {
    const read = () => clinic.send('clinician', 'GET', `/care/patients/${patient}/records`);
    const start = new Date(Date.now() + clinic.clock.ahead + 3 * 86_400_000).toISOString().slice(0, 16);
    expect((await read()).code).toBe('NO_CARE_RELATION');
    const { id } = await book({ start });
    expect((await read()).code).toBe('ok');
    await move(id, 'cancel', 'booked');
    expect((await read()).code).toBe('NO_CARE_RELATION');
  });

  test.each([
    [{ clinicianId: 'nobody' }, 409, 'NO_SUCH_REFERENCE'],
    [{ patientId: 'nobody' }, 404, 'NOT_FOUND'],
    [{ start: '2027-02-30T09:00' }, 400, 'VALIDATION_FAILED'],
    [{ minutes: 0 }, 400, 'VALIDATION_FAILED'],
  ])('with %j is refused', async (more, status, code) => {
    const answer = await clinic.send('reception', 'POST', '/care/appointments', booking(more));
    expect([answer.status, answer.code]).toEqual([status, code]);
  });
});

describe('in Europe/Berlin', () => {
  beforeAll(() => setZone('Europe/Berlin'));
  afterAll(() => setZone(null));

  test('a local time has the offset of its day', async () => {
    expect((await book({ start: '2027-07-01T09:30' })).startsAt).toBe('2027-07-01T07:30:00.000Z');
    expect((await book({ start: '2027-12-01T09:30' })).startsAt).toBe('2027-12-01T08:30:00.000Z');
  });

  test('a time that the clocks skip is refused', async () => {
    const answer = await clinic.send('reception', 'POST', '/care/appointments', booking({ start: '2027-03-28T02:30' }));
    expect(answer.body).toMatchObject({ status: 400, errors: [{ field: 'start' }] });
  });

  test('a time that the clocks show twice is the first, or the second on request; the two do not overlap', async () => {
    const start = '2027-10-31T02:30';
    const [first, second] = [await book({ start }), await book({ start, repeated: 'second' })];
    expect([first.startsAt, first.localStart]).toEqual(['2027-10-31T00:30:00.000Z', start]);
    expect([second.startsAt, second.localStart]).toEqual(['2027-10-31T01:30:00.000Z', start]);
    const answer = await clinic.send('reception', 'POST', '/care/appointments', booking({ repeated: 'second' }));
    expect(answer.body).toMatchObject({ status: 400, errors: [{ field: 'repeated' }] });
  });

  test('the list of a day has the visits of the local day', async () => {
    const inside = [await book({ start: '2027-05-05T00:05' }), await book({ start: '2027-05-05T23:30' })];
    await book({ start: '2027-05-06T00:05' });
    const list = async () =>
      (await clinic.must<{ items: Visit[] }>('nurse', 'GET', '/care/appointments?day=2027-05-05')).items;
    expect((await list()).map(({ id }) => id)).toEqual(inside.map(({ id }) => id));
    await move(inside[0]?.id ?? '', 'cancel', 'booked');
    expect((await list()).map(({ status }) => status)).toEqual(['cancelled', 'booked']);
  });
});
