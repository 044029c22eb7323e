/** The console in Chromium, served by the Lambda. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startConsole, violationsOn, watch } from './console-desk.ts';

let desk: Awaited<ReturnType<typeof startConsole>>;
beforeAll(async () => {
  desk = await startConsole('lambda');
});
afterAll(() => desk.close());

test('a changed filter applies at once, and each screen opens without an error', async () => {
  const context = await desk.signIn();
  const { page, errors } = await watch(context);
  await page.goto('/console/jobs');
  await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
  await page.waitForURL('**/console/jobs?state=dead');
  for (const name of [
    'Overview',
    'Dead letters',
    'Queues',
    'Alerts',
    'Schedules',
    'Cache',
    'Sessions',
    'Limits',
    'Streams',
  ]) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
  }
  expect(await violationsOn(page)).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});
