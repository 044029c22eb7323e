/** The pages of the care area by role: those that each one sees, and the rules that every page keeps. */
import { describe, expect, test } from 'vitest';
import { type Role, roles } from '../../../../src/identity/index.ts';
import { expectStrict } from '../../../support/pages.ts';
import { open } from '../../console/desk.ts';
import { carePages, MINUTE_MS, NAME, REVIEWS } from './world.ts';

const pages = carePages();
const { page, board, hallway, of, actions } = pages;

/** The account of the patient. */
const account = async () => (await pages.clinic.must('biller', 'POST', `/care/patients/${pages.patient}/accounts`)).id;

describe('a role', () => {
  test('opens no page without a proof of the second factor, and is led to it', async () => {
    const { browser } = await pages.clinic.signedIn({ role: 'nurse' });
    const { status, text } = await open(browser, board());
    expect([status, text]).toEqual([403, expect.stringContaining('SECOND_FACTOR_REQUIRED')]);
    expect(text).toContain('href="/welcome/factor"');
    expect(await actions()).toEqual(['board.read refused']);
  });

  test('sees the pages that the operations allow, and no others', async () => {
    await pages.clinic.signInAgain('biller', 'biller');
    const all = {
      board: board(),
      hallway: hallway(),
      search: '/care/screens/patients',
      data: of(),
      records: of('/records'),
      record: of(`/records/${pages.note}`),
      consents: of('/consents'),
      accesses: of('/accesses'),
      glass: of('/break-glass'),
      reviews: REVIEWS,
      confirm: `${REVIEWS}/emergency_1/confirm`,
      days: '/care/screens/appointments',
      visit: `/care/screens/appointments/${pages.visit}`,
      book: of('/book'),
      team: of('/team'),
      nurses: '/care/screens/staff',
      exports: of('/exports'),
      accounts: of('/accounts'),
      account: `/care/screens/accounts/${await account()}`,
      ledger: '/care/screens/ledger',
    };
    const seen: Partial<Record<Role, string>> = {};
    for (const role of roles) {
      const allowed: string[] = [];
      for (const [name, path] of Object.entries(all)) {
        const { status } = await page(role, path);
        expect([200, 403]).toContain(status);
        if (status === 200) allowed.push(name);
      }
      seen[role] = allowed.join(' ');
    }
    expect(seen).toEqual({
      ...{ owner: '', admin: '', member: '', auditor: '' },
      reception: 'board hallway search data consents days visit book team nurses accounts',
      nurse: 'board hallway search data records record days visit',
      clinician: 'board hallway search data records record glass confirm days visit exports',
      biller: 'search data accounts account ledger',
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
      reception: [200, '/care/screens/board', 'Board Hallway Visits Patients Nurses'],
      clinician: [200, '/care/screens/board', 'Board Hallway Visits Patients'],
      biller: [200, '/care/screens/patients', 'Patients Ledger'],
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
      const answer = await pages.clinic.request(path, { key: null });
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, '/sign-in']);
    }
  });
});

describe('every page', () => {
  test('forbids inline scripts and styles, and has none; no cache stores it; neither title nor addresses tell about a patient', async () => {
    await pages.clinic.signInAgain('biller', 'biller');
    const all: [Role, string][] = [
      ['reception', board()],
      ['nurse', hallway()],
      ['reception', '/care/screens/patients'],
      ['reception', of()],
      ['nurse', of('/records')],
      ['nurse', of(`/records/${pages.note}`)],
      ['reception', of('/consents')],
      ['care_auditor', of('/accesses')],
      ['clinician', of('/break-glass')],
      ['care_auditor', REVIEWS],
      ['nurse', '/care/screens/appointments'],
      ['nurse', `/care/screens/appointments/${pages.visit}`],
      ['reception', of('/book')],
      ['reception', of('/team')],
      ['reception', '/care/screens/staff'],
      ['clinician', of('/exports')],
      ['reception', of('/accounts')],
      ['biller', `/care/screens/accounts/${await account()}`],
      ['biller', '/care/screens/ledger'],
      ['owner', of()],
    ];
    for (const [role, path] of all) {
      const { text, headers, status } = await page(role, path);
      expect([path, status]).toEqual([path, role === 'owner' ? 403 : 200]);
      expect(headers.get('referrer-policy')).toBe('strict-origin');
      expectStrict({ html: text, headers });
      const told = [...text.matchAll(/(?:href|action)="([^"]*)"|<title>([^<]*)/g)].map(([all]) => all).join('\n');
      expect(told).not.toMatch(/Marked|Ada|1951|N-|Quay/);
    }
  });

  test('takes no form that another site sends', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const form = new URLSearchParams({ expected: 'booked' });
    const { patient, visit } = pages;
    for (const [role, path] of [
      ...[['reception', `/care/screens/appointments/${visit}/arrive`] as const, ['reception', of('/book')] as const],
      ...[['reception', of('/team')] as const, ['reception', of(`/team/${pages.users.nurse.id}/end`)] as const],
      ...[['reception', `/care/screens/staff/${pages.users.nurse.id}`] as const],
      ...[['biller', of('/accounts')] as const, ['biller', '/care/screens/accounts/account_1'] as const],
      ...[['biller', '/care/screens/accounts/account_1/entries/ledger_1/reverse'] as const],
      ...[['clinician', of('/exports')] as const, ['clinician', of(`/exports/${patient}/file`)] as const],
    ]) {
      const { status } = await pages.users[role].browser.request(path, { form, headers });
      expect([path, status]).toEqual([path, 403]);
    }
    expect(await actions()).toEqual([]);
  });

  test('refuses the key of a form that no header can have', async () => {
    for (const key of ['\0', 'a\nb', '🦀']) {
      const form = new URLSearchParams({ key, decision: 'permit', scope: 'all', back: of('/consents') });
      const answer = await pages.users.reception.browser.request(of('/consents'), { form });
      expect([key, answer.status, (await answer.text()).includes('visible ASCII characters')]).toEqual([
        key,
        400,
        true,
      ]);
    }
  });

  test('leads back to pages of the care area only', async () => {
    for (const back of ['https://evil.example/care', '//evil.example/care', '/sign-out', '/care/../sign-out', '']) {
      await pages.clinic.must('reception', 'POST', `/care/appointments/${pages.visit}/arrive`, { expected: 'booked' });
      const form = new URLSearchParams({ expected: 'arrived', back });
      const answer = await pages.users.reception.browser.request(`/care/screens/appointments/${pages.visit}/undo`, {
        form,
      });
      expect([back, answer.headers.get('location')]).toEqual([back, `/care?moved=${pages.visit}&to=booked&until=0`]);
    }
  });

  test('that loads itself again does not extend the session', async () => {
    pages.clinic.clock.ahead += 14 * MINUTE_MS;
    const refreshed = await pages.users.nurse.browser.request(board(), { headers: { 'x-care-refresh': '1' } });
    expect([refreshed.status, await refreshed.text()]).toEqual([200, expect.stringContaining(NAME)]);
    pages.clinic.clock.ahead += 2 * MINUTE_MS;
    const ended = await pages.users.nurse.browser.request(board());
    expect([ended.status, ended.headers.get('location')]).toEqual([303, '/sign-in']);
  });

  test('has a sign-out that clears the data of the site in the browser', async () => {
    const { text } = await page('nurse', board());
    expect(text).toContain('<form method="post" action="/sign-out">');
    const out = await pages.users.nurse.browser.request('/sign-out', { form: new URLSearchParams() });
    expect(out.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    const after = await pages.users.nurse.browser.request(board());
    expect([after.status, after.headers.get('location')]).toEqual([303, '/sign-in']);
  });
});
