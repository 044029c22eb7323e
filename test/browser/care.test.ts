/** The pages of the care area in Chromium, served by one Worker. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CareDesk, DEPARTMENT, startCare } from './care-desk.ts';
import { picture, violationsOn, watch, widerThanWindow } from './console-desk.ts';
import { PATIENCE_MS } from './stage.ts';

let desk: CareDesk;
let shown: Awaited<ReturnType<CareDesk['visit']>>;
let record: string;
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

test('every page is light and dark and no wider than its window, without an error in its console, and axe finds nothing', async () => {
  const pages: [keyof CareDesk['people'], string, string][] = [
    ['reception', board, 'board'],
    ['reception', hallway, 'hallway'],
    ['reception', '/care/screens/board', 'departments'],
    ['reception', '/care/screens/patients', 'search'],
    ['reception', `/care/screens/patients/${shown.patient}`, 'patient'],
    ['reception', `/care/screens/patients/${shown.patient}/consents`, 'consents'],
    ['clinician', `/care/screens/patients/${shown.patient}/records`, 'records'],
    ['clinician', `/care/screens/patients/${shown.patient}/records/${record}`, 'record'],
    ['stranger', `/care/screens/patients/${shown.patient}/break-glass`, 'dialog'],
    ['auditor', `/care/screens/patients/${shown.patient}/accesses`, 'accesses'],
    ['auditor', '/care/screens/break-glass', 'emergencies'],
  ];
  for (const who of ['reception', 'clinician', 'stranger', 'auditor'] as const) {
    const context = await desk.stage.signIn(desk.people[who]);
    const { page, errors } = await watch(context);
    for (const [, path, name] of pages.filter(([role]) => role === who)) {
      await page.goto(path);
      await page.locator('h1').waitFor({ timeout: PATIENCE_MS });
      expect([path, await widerThanWindow(page)]).toEqual([path, [0, 0]]);
      await page.setViewportSize({ width: 1180, height: 820 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([path, colorScheme, await violationsOn(page)]).toEqual([path, colorScheme, []]);
        await picture(page, `care-${name}-${colorScheme}`);
      }
    }
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
