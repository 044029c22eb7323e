/** The people who learn of a visit or an emergency: by inbox, feed and mail, and without data of the patient. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lateReviews, longWait } from '../../../src/care/alerts.ts';
import type { AlertContext } from '../../../src/platform/alerts/index.ts';
import { readFrames } from '../../support/sse.ts';
import { sql } from '../../support/tenant.ts';
import { type Clinic, openClinic } from './world.ts';

const NAME = 'Marked Otter';
const PEOPLE = ['clinician', 'reception', 'nurse', 'biller', 'care_auditor'] as const;

let clinic: Clinic;
let patient: string;
let slot = 0;
beforeAll(async () => {
  clinic = await openClinic({ FEEDS_MODE: 'poll' });
});
afterAll(() => clinic.close());
beforeEach(async () => {
  for (const role of PEOPLE) await clinic.signInAgain(role, role);
  patient = await clinic.patient({ name: NAME });
});

async function emailOf(name: string): Promise<string> {
  const [user] = await sql<{ email: string }>(clinic.database, 'SELECT email FROM users WHERE id = $1', [
    clinic.idOf(name),
  ]);
  return user?.email ?? '';
}
const mailsTo = async (name: string) => clinic.mails(await emailOf(name));
const book = () => {
  slot += 1;
  return clinic.must('reception', 'POST', '/care/appointments', {
    ...{ patientId: patient, clinicianId: clinic.idOf('clinician'), department: 'General practice', minutes: 20 },
    ...{ start: new Date(Date.UTC(2028, 0, 1, slot)).toISOString().slice(0, 16), reason: NAME },
  });
};
const move = (name: string, id: string, step: string, expected: string) =>
  clinic.must(name, 'POST', `/care/appointments/${id}/${step}`, { expected });

interface Notification {
  id: string;
  kind: string;
  title: string;
  data: { appointmentId?: string };
  readAt: string | null;
}
const inboxOf = async (name: string) =>
  (await clinic.must<{ items: Notification[] }>(name, 'GET', '/notifications')).items;

describe('a visit', () => {
  test.each([
    ['booked', 'A visit was booked', []],
    ['arrived', 'A patient has arrived', [['arrive', 'booked']]],
    ['cancelled', 'A visit was cancelled', [['cancel', 'booked']]],
    ['missed', 'A visit was missed', [['miss', 'booked']]],
    [
      'left',
      'A patient has left',
      [
        ['arrive', 'booked'],
        ['leave', 'arrived'],
      ],
    ],
    [
      'undone',
      'A change of a visit was undone',
      [
        ['cancel', 'booked'],
        ['undo', 'cancelled'],
      ],
    ],
  ])(
    'that was %s tells its clinician by inbox and mail, and shows nothing of the patient',
    async (_name, title, steps) => {
      const before = (await mailsTo('clinician')).length;
      const { id } = await book();
      for (const [step = '', expected = ''] of steps) await move('nurse', id, step, expected);
      const [newest] = await inboxOf('clinician');
      expect(newest).toMatchObject({ title, data: { appointmentId: id } });
      const mails = await mailsTo('clinician');
      expect(mails.length).toBe(before + 1 + steps.length);
      const mail = mails.find(({ subject }) => subject.includes(title));
      expect(mail?.text).toContain('Sign in to see the visit');
      expect(JSON.stringify([newest, mails])).not.toContain(NAME);
      expect(JSON.stringify([newest, mails])).not.toContain(patient);
    },
  );

  test('that its own clinician moves tells the clinician nothing', async () => {
    const { id } = await book();
    await clinic.mails('none@people.example');
    const before = (await inboxOf('clinician')).length;
    const mails = (await mailsTo('clinician')).length;
    await move('clinician', id, 'arrive', 'booked');
    expect((await inboxOf('clinician')).length).toBe(before);
    expect((await mailsTo('clinician')).length).toBe(mails);
  });
});

describe('the inbox', () => {
  test.each(PEOPLE)('of a user with the role %s needs no right, and neither does its feed', async (role) => {
    const key = () => clinic.people.get(role)?.bearer ?? '';
    const hello = await readFrames(await clinic.request('/feeds?topics=inbox', { key: key() })).event();
    expect(hello).toMatchObject({ event: 'hello' });
    const scope = clinic.platform.scope();
    const { addNotifications } = await import('../../../src/inbox/index.ts');
    const row = { userId: clinic.idOf(role), kind: 'test', title: `For ${role}`, data: {} };
    await scope.tenant(clinic.tenant.id).commit((tx) => addNotifications(tx, [row]));
    await scope.end();
    const [notification] = await inboxOf(role);
    expect(notification).toMatchObject({ title: `For ${role}`, readAt: null });
    const reader = readFrames(await clinic.request(`/feeds?topics=inbox&after=${hello?.id}`, { key: key() }));
    await reader.event();
    expect(await reader.event()).toMatchObject({ data: { type: 'notification.created', id: notification?.id } });
    const unread = () => clinic.must<{ count: number }>(role, 'GET', '/notifications/unread');
    const { count } = await unread();
    await clinic.must(role, 'POST', `/notifications/${notification?.id}/read`);
    expect(await unread()).toEqual({ count: count - 1 });
  });

  test('of another user is not read: a notification of one user does not exist for another', async () => {
    await book();
    const [notification] = await inboxOf('clinician');
    expect(notification).toBeDefined();
    expect((await inboxOf('nurse')).map(({ id }) => id)).not.toContain(notification?.id);
    const answer = await clinic.send('nurse', 'POST', `/notifications/${notification?.id}/read`);
    expect(answer.status).toBe(404);
  });
});

describe('an alert', () => {
  /** The value at a time, in a century or a decade that no other suite uses. */
  async function valueAt(alert: typeof longWait, at: string): Promise<number | undefined> {
    const scope = clinic.platform.scope();
    const context = { scope, at: Date.parse(at) } as unknown as AlertContext;
    const reading = await alert.measure(context);
    await scope.end();
    return reading?.value;
  }

  test('fires while a patient has waited for more than 45 minutes, and ends with the room', async () => {
    const { id } = await book();
    await move('reception', id, 'arrive', 'booked');
    await sql(clinic.database, `UPDATE appointments SET arrived_at = '2199-05-05T10:00:00' WHERE id = $1`, [id]);
    expect([longWait.limit, longWait.side]).toEqual([45 * 60_000, 'above']);
    expect(await valueAt(longWait, '2199-05-05T10:45:00Z')).toBe(longWait.limit);
    expect(await valueAt(longWait, '2199-05-05T10:45:01Z')).toBeGreaterThan(longWait.limit);
    // The visit was forgotten.
    expect(await valueAt(longWait, '2199-05-05T23:00:00Z')).toBe(0);
    await move('reception', id, 'room', 'arrived');
    expect(await valueAt(longWait, '2199-05-05T10:50:00Z')).toBe(0);
  });

  test('fires while an access in an emergency has had no review for more than 72 hours', async () => {
    const { id } = await clinic.must('clinician', 'POST', `/care/patients/${patient}/break-glass`, {
      ...{ reason: 'The patient is unconscious', purpose: 'ETREAT' },
    });
    await sql(clinic.database, `UPDATE break_glass SET started_at = '1999-05-05T10:00:00' WHERE id = $1`, [id]);
    expect([lateReviews.limit, lateReviews.side]).toEqual([0, 'above']);
    expect(await valueAt(lateReviews, '1999-05-08T10:00:00Z')).toBe(0);
    expect(await valueAt(lateReviews, '1999-05-08T10:00:01Z')).toBe(1);
    await clinic.must('care_auditor', 'POST', `/care/break-glass/${id}/review`, { verdict: 'justified' });
    expect(await valueAt(lateReviews, '1999-05-08T10:00:01Z')).toBe(0);
  });

  test('reads its rows by an index', async () => {
    const indexes = await sql<{ indexname: string }>(
      clinic.database,
      `SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%WHERE%' AND tablename IN ('appointments', 'break_glass')`,
    );
    expect(indexes.map(({ indexname }) => indexname)).toEqual(
      expect.arrayContaining(['appointments_waiting_idx', 'break_glass_unreviewed_idx']),
    );
  });
});
