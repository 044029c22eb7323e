/** The pages of the desk: the board and the hallway screen, booking with its steps, accounts and the ledger. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/identity/index.ts';
import { addKey, sql } from '../../../support/tenant.ts';
import { formOf, wordsOf } from '../../console/desk.ts';
import { carePages, MINUTE_MS, NAME } from './world.ts';

const pages = carePages();
const { page, send, board, hallway, of, actions } = pages;

describe('the board', () => {
  test('shows the visits of today with names and the next steps', async () => {
    const { text } = await page('reception', board());
    expect(wordsOf(text)).toMatch(new RegExp(`Booked 1 .*${NAME}.*${pages.visit.slice(-5)} · Dr. Kelp`));
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
    await pages.clinic.must('reception', 'POST', `/care/appointments/${pages.visit}/arrive`, { expected: 'booked' });
    await sql(pages.clinic.database, 'UPDATE appointments SET arrived_at = $2 WHERE id = $1', [
      pages.visit,
      new Date(Date.now() + pages.clinic.clock.ahead - 31 * MINUTE_MS).toISOString().slice(0, -1),
    ]);
    const { text } = await page('nurse', board());
    expect(text).toMatch(/class="wait bad" data-since="[^"]+">31 min</);
    expect(wordsOf(text)).toContain('Longest wait look 31 min');
  });

  test('has the buttons of own visits only for a clinician', async () => {
    expect((await page('clinician', board())).text).toContain('/arrive"');
    await pages.clinic.hire('other', 'clinician');
    await sql(pages.clinic.database, 'UPDATE appointments SET clinician_id = $2 WHERE id = $1', [
      pages.visit,
      pages.clinic.idOf('other'),
    ]);
    await pages.clinic.must('reception', 'POST', `/care/appointments/${pages.visit}/arrive`, { expected: 'booked' });
    const { text } = await page('clinician', board());
    expect(text).toContain(NAME);
    expect(text).not.toContain('action="/care/screens/appointments');
    const forced = await page('clinician', `/care/screens/appointments/${pages.visit}/room`, { expected: 'arrived' });
    expect([forced.status, forced.text]).toEqual([403, expect.stringContaining('NOT_YOUR_APPOINTMENT')]);
  });

  test('asks for a department, and lists those with visits', async () => {
    const { text } = await page('nurse', '/care/screens/board');
    expect(wordsOf(text)).toContain(pages.department);
    expect(await actions()).toEqual([]);
  });

  test('of the hallway has the numbers of tickets, and neither names nor ids', async () => {
    await pages.clinic.must('reception', 'POST', `/care/appointments/${pages.visit}/arrive`, { expected: 'booked' });
    const { text } = await page('nurse', hallway());
    expect(wordsOf(text)).toMatch(new RegExp(`Waiting 1 ${pages.visit.slice(-5)} 0 min`));
    for (const hidden of ['Marked', 'Kelp', 'patient_', 'appointment_', pages.patient, pages.visit]) {
      expect(text).not.toContain(hidden);
    }
  });

  test('of the hallway opens with an API key that opens nothing else', async () => {
    const key = await addKey(pages.clinic.database, pages.clinic.tenant.id, { rights: ['care:flow:hallway'] });
    const statuses = await Promise.all(
      [hallway(), board(), of()].map(async (path) => (await pages.clinic.request(path, { key })).status),
    );
    expect(statuses).toEqual([200, 403, 403]);
  });
});

describe('booking', () => {
  let hour = 0;
  /** The fields of a visit of tomorrow, each time at another hour. */
  const booking = (more: Record<string, string> = {}) => {
    hour += 1;
    const tomorrow = new Date(Date.now() + pages.clinic.clock.ahead + 86_400_000).toISOString().slice(0, 10);
    return {
      ...{ clinicianId: pages.users.clinician.id, department: pages.department, minutes: '30', reason: 'A cough' },
      ...{ start: `${tomorrow}T${String(hour).padStart(2, '0')}:30`, ...more },
    };
  };
  const book = (more?: Record<string, string>) => send('reception', of('/book'), '/book', booking(more));

  test('adds a visit, and its page leads through the flow with an undo', async () => {
    const form = await page('reception', of('/book'));
    expect(form.text).toContain(`<option value="${pages.users.clinician.id}">Dr. Kelp</option>`);
    expect(wordsOf(form.text)).toContain('Time in UTC');
    await actions();
    const booked = await book();
    expect(booked.path).toMatch(/^\/care\/screens\/appointments\/appointment_\w+$/);
    expect(wordsOf(booked.text)).toMatch(
      /Visit of \d{4}-\d\d-\d\d \d\d:30 Booked Clinician Dr. Kelp Department Ward \d+ Length 30 min .* Reason A cough/,
    );
    expect(await actions()).toEqual(
      expect.arrayContaining(['appointment.booked ok', 'appointment.read ok', 'patient.read ok']),
    );
    const arrived = await send('reception', booked.path, '/arrive');
    expect(wordsOf(arrived.text)).toMatch(/Waiting Clinician .* Arrived .* To the room Has left Undo/);
    const undone = await send('reception', arrived.path, '/undo');
    const cancelled = await send('reception', undone.path, '/cancel');
    expect(wordsOf(cancelled.text)).toMatch(/Cancelled Clinician .* Ended .* Undo/);
    const late = await page('reception', `${booked.path}/arrive`, { expected: 'booked' });
    expect([late.status, wordsOf(late.text)]).toEqual([409, expect.stringContaining('APPOINTMENT_MOVED')]);
  });

  test('refuses a time that is taken with a sentence, keeps the fields, and books another time', async () => {
    const taken = booking();
    await send('reception', of('/book'), '/book', taken);
    await actions();
    const refused = await send('reception', of('/book'), '/book', taken);
    expect([refused.status, wordsOf(refused.text)]).toEqual([
      409,
      expect.stringContaining('The clinician has another visit at this time.'),
    ]);
    for (const kept of [taken.start, 'A cough', pages.department, '"30"']) expect(refused.text).toContain(kept);
    expect(refused.text).toContain(`<option value="${taken.clinicianId}" selected="">Dr. Kelp</option>`);
    expect(await actions()).not.toContain('appointment.booked ok');
    const { action, fields } = formOf(refused.text, '/book');
    const booked = await page('reception', action, { ...fields, ...booking() });
    expect([booked.status, booked.path]).toEqual([200, expect.stringContaining('/appointments/appointment_')]);
  });

  test('names a wrong field as the form does', async () => {
    for (const [wrong, sentence] of [
      [{ start: 'tomorrow' }, 'Time must be a local time'],
      [{ minutes: '3' }, 'Minutes '],
      [{ clinicianId: pages.users.nurse.id }, 'Clinician is no clinician.'],
    ] as const) {
      const { status, text } = await book(wrong);
      expect([[400, 409].includes(status), wordsOf(text)]).toEqual([true, expect.stringContaining(sentence)]);
    }
  });

  test('adds one visit for a form that is sent twice', async () => {
    const { action, fields } = formOf((await page('reception', of('/book'))).text, '/book');
    const form = { ...fields, ...booking() };
    const [one, two] = [await page('reception', action, form), await page('reception', action, form)];
    expect([two.status, two.path]).toEqual([200, one.path]);
    expect((await actions()).filter((each) => each === 'appointment.booked ok')).toHaveLength(1);
  });

  test('is refused to a nurse who sends the form', async () => {
    const forced = await page('nurse', of('/book'), booking());
    expect([forced.status, wordsOf(forced.text)]).toEqual([403, expect.stringContaining('care:flow:write')]);
    expect(await actions()).toEqual(['care.requested refused']);
  });

  test('is listed by day and department, with tickets and without names', async () => {
    const { start } = booking();
    const booked = await book({ start });
    const list = (department: string) =>
      page('nurse', `/care/screens/appointments?${new URLSearchParams({ day: start.slice(0, 10), department })}`);
    const { text } = await list(pages.department);
    expect(text).toContain(`href="${booked.path}"`);
    expect(wordsOf(text)).toMatch(/:30 Booked \w{5} Ward \d+ Dr. Kelp/);
    expect(text).not.toMatch(/Marked|patient_/);
    expect(wordsOf((await list('Another')).text)).toContain('The day has no visits.');
    expect(wordsOf((await page('nurse', '/care/screens/appointments')).text)).toContain(pages.department);
  });
});

describe('the nurses', () => {
  const staff = '/care/screens/staff';
  const save = (departments: string, role: Role = 'reception', id = pages.users.nurse.id) =>
    page(role, `${staff}/${id}`, { departments });
  const stored = async () =>
    (await pages.clinic.must<{ items: { departments: string[] }[] }>('reception', 'GET', '/care/staff')).items.map(
      ({ departments }) => departments,
    );

  test('get departments, one in each line, and another form replaces them', async () => {
    const form = formOf((await page('reception', staff)).text, `/${pages.users.nurse.id}`);
    const saved = await page('reception', form.action, {
      ...form.fields,
      departments: ' Surgery \r\n\r\nEye, ear\r\n',
    });
    expect([saved.path, saved.text]).toEqual([staff, expect.stringContaining('>Eye, ear\nSurgery</textarea>')]);
    expect(await stored()).toEqual([['Eye, ear', 'Surgery']]);
    expect(await actions()).toEqual(['staff.listed ok', 'staff.changed ok', 'staff.listed ok', 'staff.listed ok']);
    await save('');
    expect(await stored()).toEqual([]);
  });

  test('have a refused form again with its lines and the reason', async () => {
    const long = `${'x'.repeat(81)}\nSurgery`;
    const refused = await save(long);
    expect([refused.status, wordsOf(refused.text)]).toEqual([400, expect.stringMatching(/Departments must have/)]);
    expect(refused.text).toContain(`>${long}</textarea>`);
    const other = await save('Surgery', 'reception', pages.users.clinician.id);
    expect([other.status, wordsOf(other.text)]).toEqual([409, expect.stringContaining('Nurse is no nurse.')]);
    expect(await stored()).toEqual([]);
  });

  test('have no departments from other roles', async () => {
    expect([(await save('Surgery', 'nurse')).status, (await save('Surgery', 'clinician')).status]).toEqual([403, 403]);
    expect(await stored()).toEqual([]);
  });
});

describe('an account', () => {
  let account: string;
  beforeEach(async () => {
    account = (await send('biller', of('/accounts', pages.stranger), '/accounts')).path;
    expect(account).toMatch(/^\/care\/screens\/accounts\/account_\w+$/);
    await actions();
  });
  const post = (fields: Record<string, string>, path = account) => {
    const [, end = ''] = /(\/account_\w+)/.exec(path) ?? [];
    return send('biller', path, end, { insurer: '', memo: '', ...fields });
  };
  /** The balance that a page shows. */
  const balanceIn = (text: string) => /Balance (-?[\d.]+ [A-Z]{3}) Entries (\d+)/.exec(wordsOf(text))?.slice(1);

  test('shows its balance and its entries, and a new entry changes both at once', async () => {
    expect(balanceIn((await page('biller', account)).text)).toEqual(['0.00 EUR', '0']);
    await actions();
    const charged = await post({ kind: 'charge', amount: '45.00', memo: 'A marked bill' });
    expect(balanceIn(charged.text)).toEqual(['45.00 EUR', '1']);
    expect(wordsOf(charged.text)).toMatch(
      /Posted: Charge, 45.00 EUR\. .* 1 .* UTC Charge 45.00 EUR 45.00 EUR A marked bill Reverse…/,
    );
    expect(charged.path).not.toContain('bill');
    expect(await actions()).toEqual(
      expect.arrayContaining(['ledger.posted ok', 'entries.listed ok', 'account.read ok']),
    );
    const paid = await post({ kind: 'payment', amount: '20' });
    expect(balanceIn(paid.text)).toEqual(['25.00 EUR', '2']);
    const reception = await page('reception', of('/accounts', pages.stranger));
    expect(wordsOf(reception.text)).toContain('EUR 25.00 EUR to pay by the patient');
  });

  test('takes an entry back once, and says that it was', async () => {
    const charged = await post({ kind: 'charge', amount: '45' });
    const { action, fields } = formOf(charged.text, '/reverse');
    const reversed = await page('biller', action, { ...fields, memo: 'A wrong patient' });
    expect(balanceIn(reversed.text)).toEqual(['0.00 EUR', '2']);
    expect(wordsOf(reversed.text)).toMatch(/Reversal -45.00 EUR .* A wrong patient .* Charge 45.00 EUR .* reversed/);
    expect(reversed.text).not.toContain('/reverse"');
    const again = await page('biller', action, { ...fields, key: 'another-key' });
    expect([again.status, wordsOf(again.text)]).toEqual([409, expect.stringContaining('ALREADY_REVERSED')]);
    expect(balanceIn((await page('biller', account)).text)).toEqual(['0.00 EUR', '2']);
  });

  test('takes a form that is sent twice once', async () => {
    const { action, fields } = formOf((await page('biller', account)).text, account);
    const form = { ...fields, kind: 'charge', amount: '5' };
    await page('biller', action, form);
    expect(balanceIn((await page('biller', action, form)).text)).toEqual(['5.00 EUR', '1']);
  });

  test('says why an entry is refused, keeps its values, and posts it once it is right', async () => {
    const wrong = await post({ kind: 'claim', amount: '1.234', memo: 'Kept' });
    expect([wrong.status, wordsOf(wrong.text)]).toEqual([
      400,
      expect.stringContaining('Insurer is needed for a claim'),
    ]);
    const places = await post({ kind: 'claim', amount: '1.234', insurer: 'Harbour Mutual', memo: 'Kept' });
    expect([places.status, wordsOf(places.text)]).toEqual([
      400,
      expect.stringContaining('Amount must have at most 2 decimal places'),
    ]);
    for (const kept of ['value="1.234"', 'value="Harbour Mutual"', 'value="Kept"', 'value="claim" selected']) {
      expect(places.text).toContain(kept);
    }
    const { action, fields } = formOf(places.text, account);
    const right = await page('biller', action, { ...fields, kind: 'claim', amount: '1.23', insurer: 'Harbour Mutual' });
    expect(balanceIn(right.text)).toEqual(['-1.23 EUR', '1']);
  });

  test('leads from a claim to the account of the insurer, which only pays', async () => {
    const claimed = await post({ kind: 'claim', amount: '30', insurer: `Mutual ${pages.department}` });
    const [, insurer = ''] = /href="([^"]*account_\w+)">The account of the insurer/.exec(claimed.text) ?? [];
    const theirs = await page('biller', insurer);
    expect([wordsOf(theirs.text), balanceIn(theirs.text)]).toEqual([
      expect.stringContaining(`Mutual ${pages.department}`),
      ['30.00 EUR', '1'],
    ]);
    expect(theirs.text).not.toMatch(/value="(?:charge|claim|adjustment)"|Unseen/);
    expect(balanceIn((await post({ kind: 'payment', amount: '30' }, insurer)).text)).toEqual(['0.00 EUR', '2']);
    const forced = await post({ kind: 'charge', amount: '30' }, insurer);
    expect([forced.status, wordsOf(forced.text)]).toEqual([
      409,
      expect.stringContaining('Entries are for accounts of patients'),
    ]);
  });

  test('shows entries to those who write the ledger, and reception its balance only', async () => {
    await post({ kind: 'charge', amount: '45', memo: 'A marked bill' });
    const { text, status } = await page('reception', of('/accounts', pages.stranger));
    expect([status, text.includes('account_'), text.includes('marked bill')]).toEqual([200, false, false]);
    await actions();
    const forced = await page('reception', account);
    expect([forced.status, forced.text.includes('marked bill')]).toEqual([403, false]);
    expect((await page('reception', account, { kind: 'charge', amount: '5' })).status).toBe(403);
    // The first page was refused before it asked an operation.
    expect(await actions()).toEqual(['care.requested refused']);
  });

  test('changes the ledger, which shows the balances by kind, whose sum is zero', async () => {
    await post({ kind: 'charge', amount: '45' });
    const { text } = await page('biller', '/care/screens/ledger');
    expect(wordsOf(text)).toMatch(/Sum in EUR 0.00 zero, if every entry has two sides .* Patients .* EUR Revenue -/);
    expect(text).not.toContain('badge warn');
  });
});
