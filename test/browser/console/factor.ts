/** The second factor in the browser: a passkey is added, completes a sign-in, and is removed. */
import { expect, test } from 'vitest';
import { type ConsoleDesk, picture, violationsOn, watch, widerThanWindow } from '../console-desk.ts';

export function factorTests(desk: () => ConsoleDesk): void {
  test('a passkey is added, completes a sign-in, and is removed; axe finds nothing on the pages', async () => {
    const operator = await desk().addOperator();
    const context = await desk().stage.signIn(operator);
    const { page, errors } = await watch(context);
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const look = async (name: string) => {
      expect([name, await violationsOn(page)]).toEqual([name, []]);
      expect([name, await widerThanWindow(page)]).toEqual([name, [0, 0]]);
      await picture(page, name);
    };

    await page.goto('/welcome/factor');
    await page.getByLabel('Name of a new passkey').fill('Kelp laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Kelp laptop').waitFor();
    await look('factor');

    await page.goto('/welcome');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.getByLabel('E-mail address').fill(operator.email);
    await page.getByLabel('Password').fill(operator.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/sign-in/factor');
    await look('sign-in-factor');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL('**/welcome');

    // The proof of the passkey is in the session: the console has its forms.
    await page.goto('/console');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await page.getByText('You can look only').count()).toBe(0);
    await page.goto('/welcome/factor');
    await page.getByRole('button', { name: 'Remove the passkey Kelp laptop' }).click();
    await page.getByText('Kelp laptop').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await context.close();
  });
}
