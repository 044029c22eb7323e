/** The pages of the care area in Chromium, served by one Worker. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CareDesk, DEPARTMENT, startCare } from './care-desk.ts';
import { picture, violationsOn, watch, widerThanWindow } from './console-desk.ts';
import { PATIENCE_MS } from './stage.ts';

let desk: CareDesk;
let shown: Awaited<ReturnType<CareDesk['visit']>>;
let record: string;
let account: string;
let waiting: string;
beforeAll(async () => {
  desk = await startCare();
  shown = await desk.visit('Ada Tallis');
  const others = [await desk.visit('Brigid Okafor'), await desk.visit('Cem Aydin'), await desk.visit('Dora Lindqvist')];
  const move = (id: string, step: string, expected: string) =>
    desk.call('reception', 'POST', `/care/appointments/${id}/${step}`, { expected });
  for (const { id } of others) await move(id, 'arrive', 'booked');
  await move(others[1]?.id ?? '', 'room', 'arrived');
  await move(others[2]?.id ?? '', 'room', 'arrived');
  await move(others[2]?.id ?? '', 'start', 'in_room');
  const records = `/care/patients/${shown.patient}/records`;
  record = (await desk.call('clinician', 'POST', records, { kind: 'note', text: 'Palpitations since Monday.' })).id;
  await desk.call('clinician', 'POST', `${records}/${record}/amend`, {
    ...{ version: 1, text: 'Palpitations since Sunday evening; none at rest.' },
  });
  waiting = others[0]?.id ?? '';
  account = (await desk.call('biller', 'POST', `/care/patients/${others[0]?.patient}/accounts`)).id;
  const charge = { kind: 'charge', amount: '45.00', memo: 'Consultation' };
  await desk.call('biller', 'POST', `/care/accounts/${account}/entries`, charge);
});
afterAll(() => desk.close());

const board = `/care/screens/board?${new URLSearchParams({ department: DEPARTMENT })}`;
const hallway = `/care/screens/hallway?${new URLSearchParams({ department: DEPARTMENT })}`;
const column = (page: Page, name: string) => page.getByRole('region', { name });

test('the board and the hallway screen show a patient who arrives by the API, without a new load, and the hallway no name', async () => {
  const arriving = await desk.visit('Edda Marker');
  const [nurse, reception] = await Promise.all([
    desk.stage.signIn(desk.people.nurse),
    desk.stage.signIn(desk.people.reception),
  ]);
  const [{ page, errors }, wall] = await Promise.all([watch(nurse), watch(reception)]);
  await Promise.all([page.goto(board), wall.page.goto(hallway)]);
  for (const each of [page, wall.page]) {
    await each.getByText('Live', { exact: true }).waitFor();
    await each.evaluate(() => Object.assign(window, { isSame: true }));
  }
  await column(page, 'Booked').getByText('Edda Marker').waitFor();
  await desk.call('reception', 'POST', `/care/appointments/${arriving.id}/arrive`, { expected: 'booked' });
  const card = column(page, 'Waiting').getByRole('listitem').filter({ hasText: 'Edda Marker' });
  await card.getByText('0 min').waitFor();
  await column(wall.page, 'Waiting').getByText(arriving.ticket).waitFor();
  expect(await wall.page.content()).not.toMatch(/Marker|Tallis|patient_|appointment_/);
  for (const each of [page, wall.page]) expect(await each.evaluate(() => 'isSame' in window)).toBe(true);

  await card.getByRole('button', { name: 'To the room: Edda Marker' }).click();
  await column(page, 'In room').getByText('Edda Marker').waitFor();
  await column(wall.page, 'Please come in').getByText(arriving.ticket).waitFor();
  await page.getByRole('button', { name: 'Undo: Edda Marker' }).click();
  await column(page, 'Waiting').getByText('Edda Marker').waitFor();
  expect([errors, wall.errors]).toEqual([[], []]);
  await Promise.all([nurse.close(), reception.close()]);
});

test('the dialog of an emergency opens the records with the keyboard alone, reviewers judge it, and the accesses show it', async () => {
  const context = await desk.stage.signIn(desk.people.stranger);
  const { page, errors } = await watch(context);
  await page.goto(`/care/screens/patients/${shown.patient}/records`);
  await page.getByRole('heading', { name: 'These records are closed to you' }).waitFor();
  await picture(page, 'care-closed');
  await page.getByRole('link', { name: 'Break the glass…' }).press('Enter');
  const dialog = page.getByRole('form', { name: 'Break the glass' });
  await dialog.getByLabel('Reason, at least 10 characters').fill('Collapsed in the waiting room');
  await picture(page, 'care-glass');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText(/The records are open for (60|59) min/).waitFor();
  await picture(page, 'care-open');
  await page.getByRole('link', { name: 'Note' }).click();
  await page.getByText('Palpitations since Monday.').waitFor();

  const auditor = await desk.stage.signIn(desk.people.auditor);
  const review = (await watch(auditor)).page;
  await review.goto('/care');
  await review.getByText('Collapsed in the waiting room').waitFor();
  await picture(review, 'care-reviews');
  await review.getByRole('link', { name: shown.patient }).click();
  const read = review.getByRole('row').filter({ hasText: 'record read' }).first();
  await read.getByText('Dr. Moss').waitFor();
  await read.getByText('emergency treatment').waitFor();
  await picture(review, 'care-accesses');
  await review.getByRole('link', { name: 'Emergencies' }).click();
  await review.getByRole('button', { name: 'Justified: Dr. Moss', exact: true }).click();
  await review.getByText('No access waits for a review.').waitFor();
  // The browser reports the one answer that is no success.
  expect(errors).toEqual([expect.stringContaining('403')]);
  await Promise.all([context.close(), auditor.close()]);
});

test('reception books a visit and leads it to its end, an overlap is refused with a sentence, and the biller posts and takes back', async () => {
  const context = await desk.stage.signIn(desk.people.reception);
  const { page, errors } = await watch(context);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/care/screens/patients/${shown.patient}`);
  const book = async (minutes: string) => {
    await page.getByRole('link', { name: 'New visit' }).click();
    const form = page.getByRole('form', { name: 'New visit' });
    await form.getByLabel(/^Clinician/).selectOption('Dr. Kelp');
    await form.getByLabel('Department').fill(DEPARTMENT);
    await form.getByLabel(/^Time in/).fill(`${tomorrow}T09:30`);
    await form.getByLabel('Minutes').fill(minutes);
    await form.getByRole('button', { name: 'Book' }).click();
  };
  await book('20');
  await page.getByRole('heading', { name: `Visit of ${tomorrow} 09:30 Booked` }).waitFor();
  await book('30');
  await page.getByRole('alert').getByText('The clinician has another visit at this time.').waitFor();
  expect(await page.getByLabel('Minutes').inputValue()).toBe('30');
  await picture(page, 'care-overlap');
  await page.getByRole('link', { name: 'Visits', exact: true }).click();
  await page.getByLabel(/^Day in/).fill(tomorrow);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: '09:30' }).click();
  for (const [step, status] of [
    ['Has arrived', 'Waiting'],
    ['To the room', 'In room'],
    ['Begin', 'With clinician'],
    ['Finish', 'Finished'],
  ]) {
    await page.getByRole('button', { name: `${step}: the visit of` }).click();
    await page.getByRole('heading', { name: `Visit of ${tomorrow} 09:30 ${status}` }).waitFor();
  }

  const office = await desk.stage.signIn(desk.people.biller);
  const bill = await watch(office);
  await bill.page.goto(`/care/screens/patients/${shown.patient}/accounts`);
  await bill.page.getByRole('button', { name: 'Open an account' }).click();
  await bill.page.getByText('New entry').click();
  await bill.page.getByLabel('Amount').fill('45.00');
  await bill.page.getByRole('button', { name: 'Post', exact: true }).click();
  await bill.page.getByRole('status').getByText('The balance after it is 45.00 EUR.').waitFor();
  await page.getByRole('link', { name: 'Accounts' }).click();
  await page.getByRole('row').filter({ hasText: '45.00 EUR' }).getByText('to pay by the patient').waitFor();
  await bill.page.getByText('Reverse…').click();
  await bill.page.getByRole('button', { name: 'Post the opposite of entry 1' }).click();
  await bill.page.getByRole('status').getByText('The balance after it is 0.00 EUR.').waitFor();
  // The browser reports the refused overlap.
  expect([errors, bill.errors]).toEqual([[expect.stringContaining('409')], []]);
  await Promise.all([context.close(), office.close()]);
});

/** Expects on a phone that the sign-out is in the line of the name, and the menu below. */
async function expectTwoLines(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 800 });
  const middleOf = async (selector: string) => {
    const { y = 0, height = 0 } = (await page.locator(selector).boundingBox()) ?? {};
    return y + height / 2;
  };
  const [name, signOut, menu] = [await middleOf('.name'), await middleOf('header form'), await middleOf('header nav')];
  expect(Math.abs(name - signOut)).toBeLessThan(3);
  expect(menu).toBeGreaterThan(name + 20);
}

test('every page is light and dark and no wider than its window, without an error in its console, and axe finds nothing; its head has two lines on a phone', async () => {
  const pages: [keyof CareDesk['people'], string, string][] = [
    ['reception', board, 'board'],
    ['reception', hallway, 'hallway'],
    ['reception', '/care/screens/board', 'departments'],
    ['reception', '/care/screens/patients', 'search'],
    ['reception', `/care/screens/patients/${shown.patient}`, 'patient'],
    ['reception', `/care/screens/patients/${shown.patient}/consents`, 'consents'],
    ['reception', `/care/screens/patients/${shown.patient}/book`, 'booking'],
    ['reception', '/care/screens/appointments', 'day'],
    ['reception', `/care/screens/appointments/${waiting}`, 'visit'],
    ['reception', `/care/screens/patients/${shown.patient}/team`, 'team'],
    ['reception', '/care/screens/staff', 'nurses'],
    ['biller', `/care/screens/accounts/${account}`, 'account'],
    ['biller', '/care/screens/ledger', 'ledger'],
    ['clinician', `/care/screens/patients/${shown.patient}/exports`, 'export'],
    ['clinician', `/care/screens/patients/${shown.patient}/records`, 'records'],
    ['clinician', `/care/screens/patients/${shown.patient}/records/${record}`, 'record'],
    ['stranger', `/care/screens/patients/${shown.patient}/break-glass`, 'dialog'],
    ['auditor', `/care/screens/patients/${shown.patient}/accesses`, 'accesses'],
    ['auditor', '/care/screens/break-glass', 'emergencies'],
  ];
  for (const who of ['reception', 'clinician', 'stranger', 'auditor', 'biller'] as const) {
    const context = await desk.stage.signIn(desk.people[who]);
    const { page, errors } = await watch(context);
    for (const [, path, name] of pages.filter(([role]) => role === who)) {
      await page.goto(path);
      await page.locator('h1').waitFor({ timeout: PATIENCE_MS });
      // The forms behind a question are looked at too.
      await page.evaluate(() => {
        for (const each of document.querySelectorAll('details')) each.open = true;
      });
      expect([path, await widerThanWindow(page)]).toEqual([path, [0, 0]]);
      await page.setViewportSize({ width: 1180, height: 820 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([path, colorScheme, await violationsOn(page)]).toEqual([path, colorScheme, []]);
        await picture(page, `care-${name}-${colorScheme}`);
      }
    }
    if (who === 'reception') await expectTwoLines(page);
    expect(errors).toEqual([]);
    await context.close();
  }
});

test('the sign-out ends the session, and the way back shows no patient', async () => {
  const context = await desk.stage.signIn(desk.people.nurse);
  const { page } = await watch(context);
  await page.goto(board);
  await column(page, 'Booked').getByText('Ada Tallis').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goBack();
  await page.waitForURL('**/sign-in');
  expect(await page.content()).not.toContain('Tallis');
  await context.close();
});
