/** The pages of the care area: what each role sees, and that each read and each step is one of an operation. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Role, roles } from '../../../src/identity/index.ts';
import { type Session, serializeSessionCookie } from '../../../src/platform/sessions/index.ts';
import type { Browser, Person } from '../../support/people.ts';
import { addKey, sql } from '../../support/tenant.ts';
import { formOf, open, wordsOf } from '../console/desk.ts';
import { type Clinic, openClinic } from './world.ts';

const MINUTE_MS = 60_000;
const NAME = 'Ada Marked Person';
const REASON = 'Found unconscious at the quay';
const REVIEWS = '/care/screens/break-glass';

interface Visitor extends Person {
  browser: Browser;
  session?: Session;
}

let clinic: Clinic;
let users: Record<Role, Visitor>;
let patient: string;
/** A patient of each test, of whom no user takes care. */
let stranger: string;
let note: string;
/** A visit of the clinician. */
let visit: string;
let departments = 0;
let department: string;

beforeAll(async () => {
  clinic = await openClinic();
  const people = await Promise.all(
    roles.map(async (role) => [role, await clinic.person({ role, factor: true })] as const),
  );
  users = Object.fromEntries(
    people.map(([role, person]) => [role, { ...person, browser: clinic.browser() }]),
  ) as typeof users;
  for (const [role, { id }] of people) clinic.people.set(role, { id, bearer: '' });
  await Promise.all(roles.map((role) => clinic.signInAgain(role, role)));
  patient = await clinic.patient({ name: NAME });
  await clinic.must('reception', 'PUT', `/care/patients/${patient}/team/${users.nurse.id}`, {});
  visit = await clinic.visit(patient, 'clinician');
  const path = `/care/patients/${patient}/records`;
  note = (await clinic.must('clinician', 'POST', path, { kind: 'note', text: 'First marked text' })).id;
  await clinic.must('clinician', 'POST', `${path}/${note}/amend`, { version: 1, text: 'Second marked text' });
  await sql(clinic.database, "UPDATE users SET name = 'Dr. Kelp' WHERE tenant_id = $1 AND id = $2", [
    clinic.tenant.id,
    users.clinician.id,
  ]);
});
afterAll(() => clinic.close());
beforeEach(async () => {
  await Promise.all([clinic.signInAgain('reception', 'reception'), ...roles.map(enter)]);
  stranger = await clinic.patient({ name: 'Bea Unseen Person' });
  departments += 1;
  department = `Ward ${departments}`;
  await sql(
    clinic.database,
    `UPDATE appointments SET department = $2, ticket = right(id, 5), status = 'booked', clinician_id = $4,
       moved_from = NULL, moved_at = NULL, arrived_at = NULL, roomed_at = NULL, starts_at = $3, ends_at = $3 WHERE id = $1`,
    [visit, department, new Date(Date.now() + clinic.clock.ahead).toISOString().slice(0, -1), users.clinician.id],
  );
  await clinic.entries();
});

/** Gives the browser of a user a new session, with a proof of identity of this moment. */
async function enter(role: Role): Promise<void> {
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

const page = (role: Role, path: string, form?: Record<string, string>) => open(users[role].browser, path, form);
const board = () => `/care/screens/board?${new URLSearchParams({ department })}`;
const hallway = () => `/care/screens/hallway?${new URLSearchParams({ department })}`;
const of = (part = '', id = patient) => `/care/screens/patients/${id}${part}`;
const actions = async () => (await clinic.entries()).map(({ action, outcome }) => `${action} ${outcome}`);

/** Sends a form of a page, with further fields, and follows its redirect. */
async function send(role: Role, path: string, form: string, fields: Record<string, string> = {}) {
  const { text } = await page(role, path);
  const found = formOf(text, form);
  return page(role, found.action, { ...found.fields, ...fields });
}

describe('a role', () => {
  test('opens no page without a proof of the second factor, and is led to it', async () => {
    const { browser } = await clinic.signedIn({ role: 'nurse' });
    const { status, text } = await open(browser, board());
    expect([status, text]).toEqual([403, expect.stringContaining('SECOND_FACTOR_REQUIRED')]);
    expect(text).toContain('href="/welcome/factor"');
    expect(await actions()).toEqual(['board.read refused']);
  });

  test('sees the pages that the operations allow, and no others', async () => {
    const pages = {
      board: board(),
      hallway: hallway(),
      search: '/care/screens/patients',
      data: of(),
      records: of('/records'),
      record: of(`/records/${note}`),
      consents: of('/consents'),
      accesses: of('/accesses'),
      glass: of('/break-glass'),
      reviews: REVIEWS,
      confirm: `${REVIEWS}/emergency_1/confirm`,
    };
    const seen: Partial<Record<Role, string>> = {};
    for (const role of roles) {
      const allowed: string[] = [];
      for (const [name, path] of Object.entries(pages)) {
        const { status } = await page(role, path);
        expect([200, 403]).toContain(status);
        if (status === 200) allowed.push(name);
      }
      seen[role] = allowed.join(' ');
    }
    expect(seen).toEqual({
      ...{ owner: '', admin: '', member: '', auditor: '' },
      reception: 'board hallway search data consents',
      nurse: 'board hallway search data records record',
      clinician: 'board hallway search data records record glass confirm',
      biller: 'search data',
      care_auditor: 'search accesses reviews',
    });
  });

  test('is led to its first page, and its menu has its pages only', async () => {
    const menus: Record<string, unknown> = {};
    for (const role of ['reception', 'clinician', 'biller', 'care_auditor', 'owner'] as const) {
      const { text, path, status } = await page(role, '/care');
      const menu = [...(/<nav aria-label="Care">(.*?)<\/nav>/s.exec(text)?.[1]?.matchAll(/>([^<>]+)<\/a>/g) ?? [])];
      menus[role] = [status, path, menu.map(([, name]) => name).join(' ')];
    }
    expect(menus).toEqual({
      reception: [200, '/care/screens/board', 'Board Hallway Patients'],
      clinician: [200, '/care/screens/board', 'Board Hallway Patients'],
      biller: [200, '/care/screens/patients', 'Patients'],
      care_auditor: [200, REVIEWS, 'Emergencies Accesses'],
      owner: [403, '/care', ''],
    });
  });

  test('that sends bills sees the address of a patient, and neither phone nor visit', async () => {
    const { text } = await page('biller', of());
    expect(text).toContain('12 Quay');
    expect(text).not.toMatch(/\+49 1|Ward /);
  });

  test('without a session is led to the sign-in page', async () => {
    for (const path of ['/care', board(), of(), of('/records'), REVIEWS]) {
      const answer = await clinic.request(path, { key: null });
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, '/sign-in']);
    }
  });
});

describe('the board', () => {
  test('shows the visits of today with names and the next steps', async () => {
    const { text } = await page('reception', board());
    expect(wordsOf(text)).toMatch(new RegExp(`Booked 1 .*${NAME}.*${visit.slice(-5)} · Dr. Kelp`));
    expect([...text.matchAll(/aria-label="([^"]*): Ada Marked Person"/g)].map(([, name]) => name)).toEqual([
      'Has arrived',
      'Cancel',
      'Missed',
    ]);
  });

  test('moves a visit by the button of a step, with its undo, as the operation does', async () => {
    const moved = await send('reception', board(), '/arrive');
    expect(moved.path).toMatch(/^\/care\/screens\/board\?department=Ward\+\d+&moved=appointment_/);
    expect(wordsOf(moved.text)).toContain(`${NAME} is now: Waiting Undo`);
    expect(wordsOf(moved.text)).toMatch(/Waiting 1 arrived, not in a room/);
    expect(await actions()).toEqual(['board.read ok', 'appointment.arrived ok', 'board.read ok']);
    const { action, fields } = formOf(moved.text, '/undo');
    expect(wordsOf((await page('reception', action, fields)).text)).toContain(`${NAME} is now: Booked`);
    // The other user has moved the visit meanwhile.
    expect((await page('reception', moved.path)).text).not.toContain('is now:');
    const late = await page('reception', action, fields);
    expect([late.status, wordsOf(late.text)]).toEqual([409, expect.stringContaining('APPOINTMENT_MOVED')]);
  });

  test('shows how long a patient waits, and marks a long wait', async () => {
    await clinic.must('reception', 'POST', `/care/appointments/${visit}/arrive`, { expected: 'booked' });
    await sql(clinic.database, 'UPDATE appointments SET arrived_at = $2 WHERE id = $1', [
      visit,
      new Date(Date.now() + clinic.clock.ahead - 31 * MINUTE_MS).toISOString().slice(0, -1),
    ]);
    const { text } = await page('nurse', board());
    expect(text).toMatch(/class="wait bad" data-since="[^"]+">31 min</);
    expect(wordsOf(text)).toContain('Longest wait look 31 min');
  });

  test('has the buttons of own visits only for a clinician', async () => {
    expect((await page('clinician', board())).text).toContain('/arrive"');
    await clinic.hire('other', 'clinician');
    await sql(clinic.database, 'UPDATE appointments SET clinician_id = $2 WHERE id = $1', [
      visit,
      clinic.idOf('other'),
    ]);
    await clinic.must('reception', 'POST', `/care/appointments/${visit}/arrive`, { expected: 'booked' });
    const { text } = await page('clinician', board());
    expect(text).toContain(NAME);
    expect(text).not.toContain('action="/care/screens/appointments');
    const forced = await page('clinician', `/care/screens/appointments/${visit}/room`, { expected: 'arrived' });
    expect([forced.status, forced.text]).toEqual([403, expect.stringContaining('NOT_YOUR_APPOINTMENT')]);
  });

  test('asks for a department, and lists those with visits', async () => {
    const { text } = await page('nurse', '/care/screens/board');
    expect(wordsOf(text)).toContain(department);
    expect(await actions()).toEqual([]);
  });

  test('of the hallway has the numbers of tickets, and neither names nor ids', async () => {
    await clinic.must('reception', 'POST', `/care/appointments/${visit}/arrive`, { expected: 'booked' });
    const { text } = await page('nurse', hallway());
    expect(wordsOf(text)).toMatch(new RegExp(`Waiting 1 ${visit.slice(-5)} 0 min`));
    for (const hidden of ['Marked', 'Kelp', 'patient_', 'appointment_', patient, visit]) {
      expect(text).not.toContain(hidden);
    }
  });

  test('of the hallway opens with an API key that opens nothing else', async () => {
    const key = await addKey(clinic.database, clinic.tenant.id, { rights: ['care:flow:hallway'] });
    const statuses = await Promise.all(
      [hallway(), board(), of()].map(async (path) => (await clinic.request(path, { key })).status),
    );
    expect(statuses).toEqual([200, 403, 403]);
  });
});

describe('the pages of a patient', () => {
  test('cost two requests to Redis, one for the entry with the ids of records, and one statement, with what they show in the cache', async () => {
    await page('nurse', of('/records'));
    await clinic.entries();
    const { cost } = await page('nurse', of('/records'));
    expect(cost['redis']).toMatch(/^3 requests, /);
    // The names of the authors.
    expect(cost['db']).toBe('1 query');
    expect((await actions()).sort()).toEqual(['patient.read ok', 'records.listed ok']);
  });

  test('show the visits with their next steps to those who see the flow', async () => {
    const { text } = await page('reception', of());
    expect(wordsOf(text)).toMatch(/Visits .* Booked Ward \d+ Dr. Kelp Has arrived Cancel Missed/);
    const moved = await send('reception', of(), '/arrive');
    expect(moved.path).toMatch(new RegExp(`^${of()}\\?moved=${visit}&`));
    expect(wordsOf(moved.text)).toMatch(/is now: Waiting Undo .* Waiting Ward \d+ Dr. Kelp To the room Has left/);
  });

  test('are found by a search whose words are in no address', async () => {
    const form = { name: 'marked ada', birthYear: '1951' };
    const found = await page('reception', '/care/screens/patients', form);
    expect([found.status, found.path]).toEqual([200, '/care/screens/patients']);
    expect(wordsOf(found.text)).toContain(NAME);
    expect(found.text).toContain(`href="${of()}"`);
    expect(await actions()).toEqual(['patient.searched ok']);
    const none = await page('reception', '/care/screens/patients', { number: 'none such' });
    expect(wordsOf(none.text)).toContain('No patient matches');
    const wrong = await page('reception', '/care/screens/patients', { name: '', number: '' });
    expect([wrong.status, wordsOf(wrong.text)]).toEqual([
      400,
      expect.stringContaining('needs either a number or a name'),
    ]);
  });

  test('show the versions of a record, the newest first, with their authors', async () => {
    const { text } = await page('clinician', of(`/records/${note}`));
    expect(wordsOf(text)).toMatch(
      /Version 2, the newest · Dr. Kelp \(you\) .* Second marked text Version 1 · .* First marked text/,
    );
    const nurse = await page('nurse', of(`/records/${note}`));
    expect(wordsOf(nurse.text)).toContain('Second marked text');
  });

  test('add a record and amend it by a new version', async () => {
    const added = await send('clinician', of('/records'), '/records', {
      ...{ kind: 'diagnosis', recordClass: 'normal', text: 'A new finding' },
    });
    expect(wordsOf(added.text)).toMatch(/Diagnosis Version 1, the newest .* A new finding/);
    const amended = await send('clinician', added.path, '/amend', { text: 'A corrected finding' });
    expect(wordsOf(amended.text)).toMatch(/Version 2, the newest .* A corrected finding Version 1/);
    // Nurses see notes only.
    expect((await page('nurse', added.path)).status).toBe(403);
    expect((await page('nurse', of('/records'))).text).not.toContain('Diagnosis</a>');
  });

  test('write a consent down, and revoke it; the records follow at once', async () => {
    await send('reception', of('/consents'), '/consents', { decision: 'deny', recordClass: 'normal' });
    const closed = await page('nurse', of('/records'));
    expect([closed.status, wordsOf(closed.text)]).toEqual([403, expect.stringContaining('CONSENT_DENIED')]);
    // Nurses have no right to break the glass.
    expect(closed.text).not.toContain('/break-glass');
    const revoked = await send('reception', of('/consents'), '/revoke');
    expect(revoked.text).not.toContain('/revoke"');
    expect((await page('nurse', of('/records'))).status).toBe(200);
  });

  test('show who looked at the patient to an auditor, who learns no name', async () => {
    await page('nurse', of());
    await page('clinician', of('/records', stranger));
    const { text } = await page('care_auditor', of('/accesses'));
    expect(wordsOf(text)).toMatch(/Some Person patient read ok/);
    expect(text).not.toContain('Marked');
    const other = await page('care_auditor', of('/accesses', stranger));
    expect(wordsOf(other.text)).toMatch(/Dr. Kelp records listed refused/);
  });
});

describe('the dialog of an emergency', () => {
  test('opens the records for 60 minutes, with a reason and a fresh proof, and its reads are emergency treatment', async () => {
    const closed = await page('clinician', of('/records', stranger));
    expect([closed.status, wordsOf(closed.text)]).toEqual([
      403,
      expect.stringMatching(/closed to you .* NO_CARE_RELATION/),
    ]);
    expect(closed.text).toContain(`href="${of('/break-glass', stranger)}"`);
    const short = await send('clinician', of('/break-glass', stranger), '/break-glass', {
      ...{ reason: 'too short', recordClass: 'normal' },
    });
    expect([short.status, wordsOf(short.text)]).toEqual([403, expect.stringContaining('at least 10 characters')]);
    await clinic.entries();
    const opened = await send('clinician', of('/break-glass', stranger), '/break-glass', {
      ...{ reason: REASON, recordClass: 'normal' },
    });
    expect([opened.status, opened.path]).toEqual([200, of('/records', stranger)]);
    expect(wordsOf(opened.text)).toMatch(/The records are open for (60|59) min more/);
    const entries = await clinic.entries();
    expect(entries.map(({ action, purpose }) => [action, purpose])).toEqual(
      expect.arrayContaining([
        ['break-glass.started', 'ETREAT'],
        ['records.listed', 'ETREAT'],
      ]),
    );
  });

  test('asks for a code if the last proof of the factor is old, keeps the reason, and opens no second access', async () => {
    clinic.clock.ahead += 6 * MINUTE_MS;
    const path = of('/break-glass', stranger);
    const { fields, action } = formOf((await page('clinician', path)).text, '/break-glass');
    const form = { ...fields, reason: REASON, recordClass: 'restricted' };
    const asked = await page('clinician', action, form);
    expect([asked.status, wordsOf(asked.text)]).toEqual([403, expect.stringContaining('Confirm that it is you')]);
    expect(asked.text).toMatch(new RegExp(`<textarea name="reason"[^>]*>${REASON}</textarea>`));
    for (const wrongCode of ['a wrong code', 'a-wrong-recovery-code1']) {
      const wrong = await page('clinician', action, { ...form, code: wrongCode });
      expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining('name="code"')]);
      expect(wrong.text).not.toContain(wrongCode);
    }
    const [code = ''] = users.clinician.recoveryCodes;
    const waiting = await page('clinician', action, { ...form, code });
    expect([waiting.status, wordsOf(waiting.text)]).toEqual([
      200,
      expect.stringContaining('A second person must confirm'),
    ]);
    // A repeat of the same form starts no other access.
    await page('clinician', action, { ...form, code });
    const started = (await clinic.entries()).filter((entry) => entry.action === 'break-glass.started');
    expect(started).toHaveLength(1);
    const own = await page('clinician', `${REVIEWS}/${started[0]?.entityId}/confirm`, {});
    expect([own.status, own.text]).toEqual([403, expect.stringContaining('OWN_EMERGENCY')]);
    const { person, browser } = await clinic.signedIn({ role: 'clinician', factor: true });
    const confirmed = await open(browser, `${REVIEWS}/${started[0]?.entityId}/confirm`, {});
    expect(wordsOf(confirmed.text)).toContain('The records are open to your colleague');
    expect((await clinic.entries()).at(-1)).toMatchObject({ action: 'break-glass.confirmed', actorId: person.id });
  });

  test('leads to the list of the reviewers, who judge each access once', async () => {
    await send('clinician', of('/break-glass', stranger), '/break-glass', {
      ...{ reason: 'Marked reason of today', recordClass: 'normal' },
    });
    const list = await page('care_auditor', REVIEWS);
    expect(wordsOf(list.text)).toMatch(/Dr. Kelp open now 7[12] h \d+ min left Marked reason of today/);
    expect(list.text).not.toContain('Unseen');
    const { action, fields } = formOf(list.text, '/review');
    const judged = await page('care_auditor', action, fields);
    expect(wordsOf(judged.text)).not.toContain('Marked reason of today');
    const reviewed = await page('care_auditor', `${REVIEWS}?state=reviewed`);
    expect(wordsOf(reviewed.text)).toMatch(/justified Marked reason of today/);
    expect((await page('care_auditor', action, fields)).status).toBe(409);
  });
});

describe('every page', () => {
  test('forbids inline scripts and styles, and has none; no cache stores it; neither title nor addresses tell about a patient', async () => {
    const pages: [Role, string][] = [
      ['reception', board()],
      ['nurse', hallway()],
      ['reception', '/care/screens/patients'],
      ['reception', of()],
      ['nurse', of('/records')],
      ['nurse', of(`/records/${note}`)],
      ['reception', of('/consents')],
      ['care_auditor', of('/accesses')],
      ['clinician', of('/break-glass')],
      ['care_auditor', REVIEWS],
      ['owner', of()],
    ];
    for (const [role, path] of pages) {
      const { text, headers, status } = await page(role, path);
      expect([path, status]).toEqual([path, role === 'owner' ? 403 : 200]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('strict-origin');
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|hx-on/);
      expect(headers.get('content-security-policy')?.split('; ').toSorted()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "require-trusted-types-for 'script'",
        "script-src 'self'",
        "style-src 'self'",
        'trusted-types markup',
      ]);
      const told = [...text.matchAll(/(?:href|action)="([^"]*)"|<title>([^<]*)/g)].map(([all]) => all).join('\n');
      expect(told).not.toMatch(/Marked|Ada|1951|N-|Quay/);
    }
  });

  test('takes no form that another site sends', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const form = new URLSearchParams({ expected: 'booked' });
    const path = `/care/screens/appointments/${visit}/arrive`;
    const { status } = await users.reception.browser.request(path, { form, headers });
    expect(status).toBe(403);
    expect(await actions()).toEqual([]);
  });

  test('leads back to pages of the care area only', async () => {
    for (const back of ['https://evil.example/care', '//evil.example/care', '/sign-out', '/care/../sign-out', '']) {
      await clinic.must('reception', 'POST', `/care/appointments/${visit}/arrive`, { expected: 'booked' });
      const form = new URLSearchParams({ expected: 'arrived', back });
      const answer = await users.reception.browser.request(`/care/screens/appointments/${visit}/undo`, { form });
      expect([back, answer.headers.get('location')]).toEqual([back, `/care?moved=${visit}&to=booked&until=0`]);
    }
  });

  test('that loads itself again does not extend the session', async () => {
    clinic.clock.ahead += 14 * MINUTE_MS;
    const refreshed = await users.nurse.browser.request(board(), { headers: { 'x-care-refresh': '1' } });
    expect([refreshed.status, await refreshed.text()]).toEqual([200, expect.stringContaining(NAME)]);
    clinic.clock.ahead += 2 * MINUTE_MS;
    const ended = await users.nurse.browser.request(board());
    expect([ended.status, ended.headers.get('location')]).toEqual([303, '/sign-in']);
  });

  test('has a sign-out that clears the data of the site in the browser', async () => {
    const { text } = await page('nurse', board());
    expect(text).toContain('<form method="post" action="/sign-out">');
    const out = await users.nurse.browser.request('/sign-out', { form: new URLSearchParams() });
    expect(out.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    const after = await users.nurse.browser.request(board());
    expect([after.status, after.headers.get('location')]).toEqual([303, '/sign-in']);
  });
});
