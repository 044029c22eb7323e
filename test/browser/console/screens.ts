/** Every screen in both schemes, and the ways into and out of the console. */
import { expect, test } from 'vitest';
import { type ConsoleDesk, picture, violationsOn, watch, widerThanWindow } from '../console-desk.ts';

export function screenTests(desk: () => ConsoleDesk, dead: () => string): void {
  const screens = (user: string) => [
    ...[
      '',
      '/jobs',
      `/jobs/${dead()}`,
      '/dead',
      '/dead/replay',
      '/queues',
      '/alerts',
      '/schedules',
      '/cache',
      '/redis',
      '/limits',
      '/streams',
      '/tail',
    ],
    `/cache?${new URLSearchParams({ query: 'deal-pipeline', args: '{}' })}`,
    `/sessions?${new URLSearchParams({ user })}`,
    '/jobs/none',
  ];

  test.each(['light', 'dark'] as const)(
    'every screen is %s and no wider than its window, without an error in its console, and axe finds nothing',
    async (colorScheme) => {
      await (await desk().ask('/deals/pipeline')).text();
      const operator = await desk().addOperator();
      const context = await desk().stage.signIn(operator, { colorScheme });
      const { page, errors } = await watch(context);
      for (const path of screens(operator.email)) {
        await page.goto(`/console${path}`);
        await page.locator('h1').waitFor();
        expect([path, await violationsOn(page)]).toEqual([path, []]);
        expect([path, await widerThanWindow(page)]).toEqual([path, [0, 0]]);
        await picture(
          page,
          `${path.replace(dead(), 'dead').replace(/\W+/g, '-').slice(0, 30) || 'overview'}-${colorScheme}`,
        );
      }
      // The browser reports the one answer that is no success.
      expect(errors).toEqual([expect.stringContaining('404')]);
      await context.close();
    },
  );

  test('the sign-in page leads to the console, whose sign-out ends the session', async () => {
    const page = await desk().stage.newBrowser();
    const operator = await desk().addOperator();
    await page.goto('/console/jobs');
    await page.getByLabel('E-mail address').fill(operator.email);
    await page.getByLabel('Password').fill(operator.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/sign-in/factor');
    await page.getByLabel('Code').fill(operator.recoveryCodes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Console' }).click();
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/console');
    await page.waitForURL('**/sign-in');
    await page.context().close();
  });
}
