/** The board `/live` in Chromium, served by the Lambda, which answers each poll and ends. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStage } from './stage.ts';

let stage: Awaited<ReturnType<typeof startStage>>;
beforeAll(async () => {
  stage = await startStage('lambda');
});
afterAll(() => stage.close());

test('a deal that one user moves shows in the browser of another user at the next poll', async () => {
  const { people, deals } = await stage.tenant();
  const [ada, bob] = await Promise.all(people.map(async (person) => stage.openBoard(await stage.signIn(person))));
  await ada?.moveOn(deals[0]);
  await bob?.hasDeal(deals[0], 'qualified');
  await expect.poll(() => bob?.news()).toEqual(['Some Person moved Kelp nets to qualified']);
  expect(stage.front.requests.filter((request) => request.includes('&after=')).length).toBeGreaterThan(0);
  expect([ada?.errors, bob?.errors]).toEqual([[], []]);
  await bob?.page.getByRole('button', { name: 'Sign out' }).click();
  await bob?.page.waitForURL('**/sign-in');
  await Promise.all([ada?.page.context().close(), bob?.page.context().close()]);
});
