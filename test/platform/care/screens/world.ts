/** A clinic whose users are in browsers: its users by role, a patient with a note, and a visit of the clinician. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Role, roles } from '../../../../src/identity/index.ts';
import { type Session, serializeSessionCookie } from '../../../../src/platform/sessions/index.ts';
import type { Browser, Person } from '../../../support/people.ts';
import { sql } from '../../../support/tenant.ts';
import { formOf, open } from '../../console/desk.ts';
import { type Clinic, openClinic } from '../world.ts';

export const MINUTE_MS = 60_000;
export const NAME = 'Ada Marked Person';
export const REVIEWS = '/care/screens/break-glass';

interface Visitor extends Person {
  browser: Browser;
  session?: Session;
}

interface Rows {
  clinic: Clinic;
  users: Record<Role, Visitor>;
  patient: string;
  note: string;
  /** A visit of the clinician. Each test finds it booked, today, in a department of its own. */
  visit: string;
}

/** Opens the clinic before the file's tests. Each test has new sessions, a new department and a new stranger. */
export function carePages() {
  let made: Rows | undefined;
  let departments = 0;
  /** A patient of each test, of whom no user takes care. */
  let stranger = '';
  const rows = (): Rows => {
    if (!made) throw new Error('There is a clinic only while tests run');
    return made;
  };
  beforeAll(async () => {
    made = await openRows();
  });
  afterAll(() => made?.clinic.close());
  beforeEach(async () => {
    const { clinic, users, visit } = rows();
    await Promise.all([
      clinic.signInAgain('reception', 'reception'),
      ...roles.map((role) => enter(clinic, users, role)),
    ]);
    stranger = await clinic.patient({ name: 'Bea Unseen Person' });
    departments += 1;
    await sql(
      clinic.database,
      `UPDATE appointments SET department = $2, ticket = right(id, 5), status = 'booked', clinician_id = $4,
         moved_from = NULL, moved_at = NULL, arrived_at = NULL, roomed_at = NULL, starts_at = $3, ends_at = $3 WHERE id = $1`,
      [
        visit,
        `Ward ${departments}`,
        new Date(Date.now() + clinic.clock.ahead).toISOString().slice(0, -1),
        users.clinician.id,
      ],
    );
    await clinic.entries();
  });

  const page = (role: Role, path: string, form?: Record<string, string>) =>
    open(rows().users[role].browser, path, form);
  return {
    get clinic() {
      return rows().clinic;
    },
    get users() {
      return rows().users;
    },
    get patient() {
      return rows().patient;
    },
    get note() {
      return rows().note;
    },
    get visit() {
      return rows().visit;
    },
    get stranger() {
      return stranger;
    },
    get department() {
      return `Ward ${departments}`;
    },
    page,
    board: () => `/care/screens/board?${new URLSearchParams({ department: `Ward ${departments}` })}`,
    hallway: () => `/care/screens/hallway?${new URLSearchParams({ department: `Ward ${departments}` })}`,
    /** A page of a patient. */
    of: (part = '', id = rows().patient) => `/care/screens/patients/${id}${part}`,
    /** The actions and outcomes of the entries since the last call. */
    actions: async () => (await rows().clinic.entries()).map(({ action, outcome }) => `${action} ${outcome}`),
    /** Sends a form of a page, with further fields, and follows its redirect. */
    async send(role: Role, path: string, form: string, fields: Record<string, string> = {}) {
      const { text } = await page(role, path);
      const found = formOf(text, form);
      return page(role, found.action, { ...found.fields, ...fields });
    },
  };
}

async function openRows(): Promise<Rows> {
  const clinic = await openClinic();
  const people = await Promise.all(
    roles.map(async (role) => [role, await clinic.person({ role, factor: true })] as const),
  );
  const users = Object.fromEntries(
    people.map(([role, person]) => [role, { ...person, browser: clinic.browser() }]),
  ) as Rows['users'];
  for (const [role, { id }] of people) clinic.people.set(role, { id, bearer: '' });
  await Promise.all(roles.map((role) => clinic.signInAgain(role, role)));
  const patient = await clinic.patient({ name: NAME });
  await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${users.nurse.id}`, {});
  const visit = await clinic.visit(patient, 'clinician');
  const path = `/care/patients/${patient}/records`;
  const note = (await clinic.must('clinician', 'POST', path, { kind: 'note', text: 'First marked text' })).id;
  await clinic.must('clinician', 'POST', `${path}/${note}/amend`, { version: 1, text: 'Second marked text' });
  await sql(clinic.database, "UPDATE users SET name = 'Dr. Kelp' WHERE tenant_id = $1 AND id = $2", [
    clinic.tenant.id,
    users.clinician.id,
  ]);
  return { clinic, users, patient, note, visit };
}

/** Gives the browser of a user a new session, with a proof of identity of this moment. */
async function enter(clinic: Clinic, users: Rows['users'], role: Role): Promise<void> {
  const user = users[role];
  const { sessions } = clinic.platform.scope().tenant(clinic.tenant.id);
  const { id: userId, session: replaces } = user;
  const created = await sessions.create(
    { userId, role, methods: ['pwd', 'totp'], provesFactor: true, ...(replaces ? { replaces } : {}) },
    await sessions.readEpochs(userId),
  );
  if (!('token' in created)) throw new Error(`Not signed in: ${created.kind}`);
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(serializeSessionCookie(created.token)) ?? [];
  user.browser.cookies.set(name, value);
  user.session = created.session;
}
