/** The keyboard alone, and the rules about scripts. */
import { expect, test } from 'vitest';
import { type ConsoleDesk, watch } from '../console-desk.ts';

export function safetyTests(desk: () => ConsoleDesk): void {
  test('the keyboard alone opens a screen and a job', async () => {
    const context = await desk().signIn();
    const { page } = await watch(context);
    await page.goto('/console');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Skip to the content');
    const focusOn = async (text: string) => {
      for (let tab = 0; tab < 60; tab += 1) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === text) return;
      }
      throw new Error(`The keyboard does not reach ${text}`);
    };
    await focusOn('Dead letters');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await focusOn('schedules.run');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await context.close();
  });

  test('the page runs no injected script, and no text becomes a script', async () => {
    const context = await desk().signIn();
    const { page } = await watch(context);
    await page.goto('/console/jobs');
    await page.evaluate(() => {
      const violations = new Set<string>();
      Object.assign(window, { violations });
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        violations.add(effectiveDirective),
      );
      const inline = document.createElement('script');
      const foreign = document.createElement('script');
      const tried = [
        () => inline.append('window.injected = true'),
        () => document.body.append(inline),
        () => {
          foreign.src = 'http://127.0.0.1:9/script.js';
        },
        () => document.body.append(foreign),
        () => document.body.setAttribute('style', 'color: red'),
        () => {
          document.body.innerHTML += '<img src=x onerror="window.injected = true">';
        },
        () => fetch('http://127.0.0.1:9/').catch(() => {}),
        () => setTimeout('window.injected = true' as unknown as () => void),
      ];
      for (const each of tried) {
        try {
          each();
        } catch {
          // Trusted Types refuse text as markup by an exception.
        }
      }
    });
    const violations = () => page.evaluate(() => [...(window as unknown as { violations: Set<string> }).violations]);
    await expect
      .poll(violations)
      .toEqual(expect.arrayContaining(['connect-src', 'require-trusted-types-for', 'style-src-attr']));
    expect(await page.evaluate(() => 'injected' in window)).toBe(false);
    await context.close();
  });
}
