/** The charts: their colours, their width, and their numbers without scripts. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type ConsoleDesk, watch } from '../console-desk.ts';

export function chartTests(desk: () => ConsoleDesk): void {
  /** The number of pixels of each chart that have the colour of a variable of the styles. */
  const pixelsOf = (page: Page, variable: string) =>
    page.evaluate((name) => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = `var(${name})`;
      const colour = getComputedStyle(probe).color.match(/\d+/g)?.map(Number) ?? [];
      probe.remove();
      return [...document.querySelectorAll('canvas')].map((canvas) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if ([0, 1, 2].every((part) => data[at + part] === colour[part])) count += 1;
        return count;
      });
    }, variable);

  test('the charts are drawn in the colours of the scheme, and again when the scheme or the width changes', async () => {
    const context = await desk().signIn({ colorScheme: 'light' });
    const { page, errors } = await watch(context);
    await page.goto('/console');
    await page.locator('canvas').nth(1).waitFor();
    const textColour = () => page.evaluate(() => getComputedStyle(document.body).color);
    const light = await textColour();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await expect.poll(textColour).toEqual(scheme === 'light' ? light : expect.not.stringMatching(light));
      await expect.poll(() => page.locator('canvas').count()).toBe(2);
      for (const [variable, chart] of [
        ['--accent', 0],
        ['--warn', 0],
        ['--bad', 0],
        ['--busy', 1],
      ] as const) {
        await expect.poll(async () => (await pixelsOf(page, variable))[chart]).toBeGreaterThan(20);
      }
    }
    const width = () =>
      page
        .locator('canvas')
        .first()
        .evaluate((canvas) => canvas.clientWidth);
    const wide = await width();
    await page.setViewportSize({ width: 420, height: 800 });
    await expect.poll(width).toBeLessThan(wide);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.goto('/console/cache');
    await expect.poll(async () => (await pixelsOf(page, '--accent'))[0]).toBeGreaterThan(20);
    expect(errors).toEqual([]);
    await context.close();
  });

  test('without scripts the numbers of the charts are tables', async () => {
    const context = await desk().signIn({ javaScriptEnabled: false });
    const { page } = await watch(context);
    await page.goto('/console');
    await page.getByText('The numbers of Response time').click();
    expect(await page.locator('.chart').first().locator('tbody tr').count()).toBe(60);
    expect(await page.locator('canvas').count()).toBe(0);
    await context.close();
  });
}
