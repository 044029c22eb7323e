/** The site of the documents in Chromium, opened from files: no server, no network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../dev/site/build-site.ts';
import { findChromium } from './chromium.ts';
import { violationsOn } from './violations.ts';

const out = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
const addressOf = (page: string) => pathToFileURL(join(out, page)).href;
let browser: Browser;
beforeAll(async () => {
  await buildSite({ root: join(import.meta.dirname, '../..'), out });
  browser = await chromium.launch({ executablePath: findChromium() ?? '' });
});
afterAll(async () => {
  await browser?.close();
  rmSync(out, { recursive: true });
});

/** Opens a page, and collects what it asks of the network and the errors that no code caught. */
async function open(page: string, colorScheme: 'light' | 'dark' = 'light') {
  const tab = await browser.newPage({ colorScheme });
  const wrong: string[] = [];
  tab.on('pageerror', ({ message }) => wrong.push(message));
  tab.on('request', (request) => {
    if (!request.url().startsWith('file:')) wrong.push(request.url());
  });
  await tab.goto(addressOf(page));
  return { tab, wrong };
}

test('the search finds a section by its words, with the keyboard alone', async () => {
  const { tab, wrong } = await open('index.html');
  await tab.keyboard.press('/');
  await tab.keyboard.type('stampedes');
  await tab.locator('#results a').first().waitFor();
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('Enter');
  await tab.waitForURL(/cache\.html#stampedes$/);
  expect(wrong).toEqual([]);
});

test('the chosen theme stays on the next page', async () => {
  const { tab } = await open('index.html', 'light');
  const background = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await tab.getByRole('button', { name: 'Dark or light' }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await tab.goto(addressOf('limits.html'));
  expect(await background()).toBe(dark);
});

test.each(['light', 'dark'] as const)('pages have no fault that axe finds, in %s', async (theme) => {
  for (const page of ['cache.html', 'alerts.html', 'source/src/crm/deals/queries.ts.html']) {
    const { tab } = await open(page, theme);
    expect(await violationsOn(tab), page).toEqual([]);
  }
});

test('on a phone no page is wider than the window', async () => {
  const { tab } = await open('index.html');
  await tab.setViewportSize({ width: 390, height: 720 });
  for (const page of ['index.html', 'security.html', 'stored-formats.html']) {
    await tab.goto(addressOf(page));
    const wider = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, page).toBe(0);
  }
});
