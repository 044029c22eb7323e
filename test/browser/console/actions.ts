/** Filters, questions and actions, with scripts and without. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type ConsoleDesk, watch } from '../console-desk.ts';
import { PATIENCE_MS } from '../stage.ts';

export function actionTests(desk: () => ConsoleDesk): void {
  /** Replays a dead job from its filtered list, and checks that the filter stays. */
  async function replayFromList(page: Page, id: string): Promise<void> {
    const before = (await desk().job(id)).pastAttempts.length;
    await page.locator('tr', { hasText: id }).getByRole('button', { name: 'Replay' }).click();
    await page.getByText('The job is queued.').waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('name'), searchParams.get('state')]).toEqual(['schedules.run', 'dead']);
    expect(await page.getByRole('combobox', { name: 'State' }).inputValue()).toBe('dead');
    await expect
      .poll(async () => (await desk().job(id)).pastAttempts.length, { timeout: PATIENCE_MS })
      .toBe(before + 1);
  }

  test('a changed filter applies at once and keeps the focus, and survives the replay of a dead job', async () => {
    const id = await desk().deadJob();
    const context = await desk().signIn();
    const { page, errors } = await watch(context);
    await page.goto('/console/jobs');
    await page.evaluate(() => Object.assign(window, { isSame: true }));
    await page.getByRole('combobox', { name: 'Job' }).selectOption('schedules.run');
    await page.waitForURL('**/console/jobs?name=schedules.run');
    await page.getByRole('combobox', { name: 'State' }).focus();
    await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
    await page.waitForURL('**/console/jobs?name=schedules.run&state=dead');
    // The page was not loaded again.
    expect(await page.evaluate(() => 'isSame' in window)).toBe(true);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('state');
    await replayFromList(page, id);
    await page.getByRole('link', { name: 'schedules.run' }).first().click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  test('without scripts the same filter, question and replay work', async () => {
    const id = await desk().deadJob();
    const context = await desk().signIn({ javaScriptEnabled: false });
    const { page } = await watch(context);
    await page.goto('/console/jobs');
    expect(await page.locator('#refresh').isVisible()).toBe(false);
    await page.getByRole('combobox', { name: 'Job' }).selectOption('schedules.run');
    await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
    await page.getByRole('button', { name: 'Filter' }).click();
    await replayFromList(page, id);
    await expect.poll(() => desk().state(id), { timeout: PATIENCE_MS }).toBe('dead');
    await page.goto('/console/dead?name=schedules.run');
    const said = (await page.getByText(/dead jobs?, kept/).textContent()) ?? '';
    const count = Number(/\d+/.exec(said)?.[0]);
    await page.getByRole('link', { name: 'Replay all…' }).click();
    await page.getByRole('button', { name: count === 1 ? 'Replay 1 job' : `Replay ${count} jobs` }).click();
    await page.getByText(`${count === 1 ? '1 job' : `${count} jobs`} queued.`).waitFor();
    expect(new URL(page.url()).searchParams.get('name')).toBe('schedules.run');
    await context.close();
  });

  test('a cache tag is ended after a question, and the next read misses; a new era is asked about', async () => {
    const read = async () => (await desk().ask('/deals/pipeline')).headers.get('x-cache');
    await read();
    await expect.poll(read).toBe('HIT');
    const context = await desk().signIn();
    const { page, errors } = await watch(context);
    await page.goto('/console/cache');
    await page.getByRole('combobox', { name: 'Query' }).selectOption('deal-pipeline');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('fresh', { exact: true }).waitFor();
    await page
      .getByRole('link', { name: /^Invalidate… deals/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Invalidate 1 tag' }).click();
    await page.getByText('The tag has a new version').waitFor();
    expect(await page.getByRole('combobox', { name: 'Query' }).inputValue()).toBe('deal-pipeline');
    expect(await read()).toBe('MISS');
    // A new era would end the entries of the suites that share this Redis, so the question is not answered.
    await page.getByRole('link', { name: 'Begin a new era…' }).click();
    await page.getByText('Begin a new era for all tenants?').waitFor();
    expect(await page.getByRole('button', { name: 'Begin 1 era' }).isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Invalidate a tag' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  test('a device of a user is ended, and its browser is signed out', async () => {
    const person = await desk().person();
    const theirs = await desk().stage.signIn(person);
    const context = await desk().signIn();
    const { page } = await watch(context);
    await page.goto('/console/sessions');
    await page.getByLabel('User, by id or e-mail address').fill(person.email);
    await page.getByRole('button', { name: 'Show devices' }).click();
    await page.getByRole('button', { name: /^End / }).click();
    await page.getByText('The session has ended.').waitFor();
    const answer = await theirs.request.get('/welcome');
    expect(answer.url()).toBe(`${desk().stage.front.url}/sign-in`);
    await Promise.all([theirs.close(), context.close()]);
  });

  test('a changed filter after the end of the session opens the sign-in page', async () => {
    const context = await desk().signIn();
    const { page } = await watch(context);
    await page.goto('/console/jobs');
    await context.clearCookies();
    await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
    await page.waitForURL('**/sign-in');
    await page.getByLabel('E-mail address').waitFor();
    await context.close();
  });
}
