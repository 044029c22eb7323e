/** The pages of a patient: data, records, consents, accesses, team, exports, and the dialog of an emergency. */
import { describe, expect, test } from 'vitest';
import { formOf, open, wordsOf } from '../../console/desk.ts';
import { carePages, MINUTE_MS, NAME, REVIEWS } from './world.ts';

const REASON = 'Found unconscious at the quay';
const pages = carePages();
const { page, send, of, actions } = pages;

describe('the pages of a patient', () => {
  test('cost two requests to Redis, one for the entry with the ids of records, and one statement, with what they show in the cache', async () => {
    await page('nurse', of('/records'));
    await pages.clinic.entries();
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
    expect(moved.path).toMatch(new RegExp(`^${of()}\\?moved=${pages.visit}&`));
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
    const { text } = await page('clinician', of(`/records/${pages.note}`));
    expect(wordsOf(text)).toMatch(
      /Version 2, the newest · Dr. Kelp \(you\) .* Second marked text Version 1 · .* First marked text/,
    );
    const nurse = await page('nurse', of(`/records/${pages.note}`));
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
    await page('clinician', of('/records', pages.stranger));
    const { text } = await page('care_auditor', of('/accesses'));
    expect(wordsOf(text)).toMatch(/Some Person patient read ok/);
    expect(text).not.toContain('Marked');
    const other = await page('care_auditor', of('/accesses', pages.stranger));
    expect(wordsOf(other.text)).toMatch(/Dr. Kelp records listed refused/);
  });
});

describe('the dialog of an emergency', () => {
  test('opens the records for 60 minutes, with a reason and a fresh proof, and its reads are emergency treatment', async () => {
    const closed = await page('clinician', of('/records', pages.stranger));
    expect([closed.status, wordsOf(closed.text)]).toEqual([
      403,
      expect.stringMatching(/closed to you .* NO_CARE_RELATION/),
    ]);
    expect(closed.text).toContain(`href="${of('/break-glass', pages.stranger)}"`);
    const short = await send('clinician', of('/break-glass', pages.stranger), '/break-glass', {
      ...{ reason: 'too short', recordClass: 'normal' },
    });
    expect([short.status, wordsOf(short.text)]).toEqual([403, expect.stringContaining('at least 10 characters')]);
    await pages.clinic.entries();
    const opened = await send('clinician', of('/break-glass', pages.stranger), '/break-glass', {
      ...{ reason: REASON, recordClass: 'normal' },
    });
    expect([opened.status, opened.path]).toEqual([200, of('/records', pages.stranger)]);
    expect(wordsOf(opened.text)).toMatch(/The records are open for (60|59) min more/);
    const entries = await pages.clinic.entries();
    expect(entries.map(({ action, purpose }) => [action, purpose])).toEqual(
      expect.arrayContaining([
        ['break-glass.started', 'ETREAT'],
        ['records.listed', 'ETREAT'],
      ]),
    );
  });

  test('asks for a code if the last proof of the factor is old, keeps the reason, and opens no second access', async () => {
    pages.clinic.clock.ahead += 6 * MINUTE_MS;
    const path = of('/break-glass', pages.stranger);
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
    const [code = ''] = pages.users.clinician.recoveryCodes;
    const waiting = await page('clinician', action, { ...form, code });
    expect([waiting.status, wordsOf(waiting.text)]).toEqual([
      200,
      expect.stringContaining('A second person must confirm'),
    ]);
    // A repeat of the same form starts no other access.
    await page('clinician', action, { ...form, code });
    const started = (await pages.clinic.entries()).filter((entry) => entry.action === 'break-glass.started');
    expect(started).toHaveLength(1);
    const own = await page('clinician', `${REVIEWS}/${started[0]?.entityId}/confirm`, {});
    expect([own.status, own.text]).toEqual([403, expect.stringContaining('OWN_EMERGENCY')]);
    const { person, browser } = await pages.clinic.signedIn({ role: 'clinician', factor: true });
    const confirmed = await open(browser, `${REVIEWS}/${started[0]?.entityId}/confirm`, {});
    expect(wordsOf(confirmed.text)).toContain('The records are open to your colleague');
    expect((await pages.clinic.entries()).at(-1)).toMatchObject({
      action: 'break-glass.confirmed',
      actorId: person.id,
    });
  });

  test('leads to the list of the reviewers, who judge each access once', async () => {
    await send('clinician', of('/break-glass', pages.stranger), '/break-glass', {
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

describe('the care team', () => {
  const team = () => of('/team', pages.stranger);
  const readsOf = async (role: 'nurse' | 'clinician') => (await page(role, of('/records', pages.stranger))).status;

  test('gets a colleague, who reads the records until the end of the place, and at once no longer', async () => {
    expect(await readsOf('nurse')).toBe(403);
    await actions();
    const assigned = await send('reception', team(), '/team', { userId: pages.users.nurse.id });
    expect([assigned.path, wordsOf(assigned.text)]).toEqual([team(), expect.stringMatching(/Some Person no end End/)]);
    expect(await actions()).toContain('team.changed ok');
    expect(await readsOf('nurse')).toBe(200);
    const ended = await page('reception', `${team()}/${pages.users.nurse.id}/end`, {});
    expect(wordsOf(ended.text)).toContain('The team is empty');
    expect(await readsOf('nurse')).toBe(403);
  });

  test('has a place until the end of its last day', async () => {
    const day = (days: number) =>
      new Date(Date.now() + pages.clinic.clock.ahead + days * 86_400_000).toISOString().slice(0, 10);
    const userId = pages.users.clinician.id;
    const today = await send('reception', team(), '/team', { userId, until: day(0) });
    expect(wordsOf(today.text)).toContain(`Dr. Kelp ${day(1)} 00:00 UTC End`);
    expect(await readsOf('clinician')).toBe(200);
    const past = await send('reception', team(), '/team', { userId, until: day(-1) });
    expect(wordsOf(past.text)).toContain(`Dr. Kelp ${day(0)} 00:00 UTC ended End`);
    expect(await readsOf('clinician')).toBe(403);
  });

  test('says why a form is refused', async () => {
    for (const [wrong, sentence] of [
      [{ userId: 'user_none' }, 'Colleague does not exist.'],
      [{ userId: pages.users.nurse.id, until: '2027-02-30' }, 'Last day '],
    ] as const) {
      const { status, text } = await send('reception', team(), '/team', { until: '', ...wrong });
      expect([[400, 409].includes(status), wordsOf(text)]).toEqual([true, expect.stringContaining(sentence)]);
    }
  });

  test('is changed by reception only', async () => {
    for (const [path, form] of [
      [team(), { userId: pages.users.clinician.id }],
      [`${team()}/${pages.users.nurse.id}/end`, {}],
    ] as const) {
      expect((await page('clinician', path, form)).status).toBe(403);
    }
    expect(await actions()).toEqual(['care.requested refused', 'care.requested refused']);
  });
});

describe('an export', () => {
  const finish = () => pages.clinic.mails('none@people.example');
  const download = (role: 'clinician' | 'reception', path: string, form: Record<string, string> = {}) =>
    pages.users[role].browser.request(`${path}/file`, { form: new URLSearchParams(form) });

  test('is asked for, is ready later, and its file is kept for a day for its user alone', async () => {
    const asked = await send('clinician', of('/exports'), '/exports');
    expect(asked.path).toMatch(/\/exports\/pexport_\w+$/);
    expect(wordsOf(asked.text)).toMatch(
      /being written Asked for .* Kept until .* UTC (?:23 h 59|24 h 0) min more Look again/,
    );
    await finish();
    const ready = await page('clinician', asked.path);
    expect(wordsOf(ready.text)).toMatch(/State ready .* Download/);
    await actions();
    const file = await download('clinician', asked.path);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="pexport_\w+\.json"$/);
    expect(file.headers.get('cache-control')).toBe('no-store');
    expect(await file.json()).toMatchObject({ patient: { name: NAME } });
    expect(await actions()).toEqual(['patient-export.downloaded ok']);

    const { browser } = await pages.clinic.signedIn({ role: 'clinician', factor: true });
    expect((await open(browser, asked.path)).status).toBe(404);
    expect((await download('reception', asked.path)).status).toBe(403);
    pages.clinic.clock.ahead += 86_400_000;
    const late = await open((await pages.clinic.signedIn({ role: 'clinician', factor: true })).browser, asked.path);
    expect(late.status).toBe(404);
  });

  test('asks for a code if the last proof of the factor is old, for the start and for the file', async () => {
    pages.clinic.clock.ahead += 6 * MINUTE_MS;
    const asked = await send('clinician', of('/exports'), '/exports');
    expect([asked.status, wordsOf(asked.text)]).toEqual([403, expect.stringContaining('Confirm that it is you')]);
    const { action, fields } = formOf(asked.text, '/exports');
    const code = () => pages.users.clinician.recoveryCodes.pop() ?? '';
    const started = await page('clinician', action, { ...fields, code: code() });
    expect(started.path).toMatch(/\/exports\/pexport_\w+$/);
    await finish();
    pages.clinic.clock.ahead += 6 * MINUTE_MS;
    const again = await download('clinician', started.path);
    expect([again.status, wordsOf(await again.text())]).toEqual([
      403,
      expect.stringContaining('Confirm that it is you'),
    ]);
    const file = await download('clinician', started.path, { code: code() });
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  test('of a patient without a care relation is closed', async () => {
    const closed = await send('clinician', of('/exports', pages.stranger), '/exports');
    expect([closed.status, wordsOf(closed.text)]).toEqual([
      403,
      expect.stringMatching(/closed to you .* NO_CARE_RELATION/),
    ]);
    expect(await actions()).toContain('patient.exported refused');
  });
});
