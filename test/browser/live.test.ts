/** The board `/live` in Chromium, served by the Worker. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../clients/typescript/bundle.ts';
import { PATIENCE_MS, startStage } from './stage.ts';

const EXAMPLE = join(import.meta.dirname, '../../clients/typescript/example');

let stage: Awaited<ReturnType<typeof startStage>>;
beforeAll(async () => {
  stage = await startStage('worker');
});
afterAll(() => stage.close());

/** The requests that begin so, since the test has begun. */
function counter() {
  const before = stage.front.requests.length;
  return (start: string) => stage.front.requests.slice(before).filter((request) => request.startsWith(start));
}

test('a deal that one user moves shows in the browser of another user, who sees who moved it', async () => {
  const { people, deals } = await stage.tenant();
  const [ada, bob] = await Promise.all(people.map(async (person) => stage.openBoard(await stage.signIn(person))));
  await ada?.moveOn(deals[0]);
  await bob?.hasDeal(deals[0], 'qualified');
  await expect.poll(() => bob?.news()).toEqual(['Some Person moved Kelp nets to qualified']);
  await expect.poll(() => ada?.news()).toEqual(['You moved Kelp nets to qualified']);
  expect([ada?.errors, bob?.errors]).toEqual([[], []]);
  await Promise.all([ada?.page.context().close(), bob?.page.context().close()]);
});

test('the sign-in page leads to the board, and the board of a browser without a session leads there', async () => {
  const { people, deals } = await stage.tenant();
  const page = await stage.newBrowser();
  await page.goto('/live');
  await page.getByLabel('E-mail address').fill(people[0].email);
  await page.getByLabel('Password').fill(people[0].password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('link', { name: 'Live board' }).click();
  await page.locator(`section[data-stage="lead"] li[data-id="${deals[0]}"]`).waitFor();
  await page.context().close();
});

test('tabs of one browser share one connection, which the second tab takes over without a loss', async () => {
  const count = counter();
  const { people, deals, move } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const first = await stage.openBoard(context);
  const second = await stage.openBoard(context);
  await first.moveOn(deals[0]);
  for (const tab of [first, second]) await tab.hasDeal(deals[0], 'qualified');
  await expect.poll(() => second.news()).toEqual(['You moved Kelp nets to qualified']);
  expect(count('GET /feeds')).toHaveLength(1);
  expect(stage.front.open('/feeds')).toBe(1);

  const columns = count('GET /deals?').length;
  await first.page.close();
  await move(deals[1], 'won');
  await second.hasDeal(deals[1], 'won');
  await expect.poll(() => second.news()).toEqual(['A program won Buoys', 'You moved Kelp nets to qualified']);
  const feeds = count('GET /feeds');
  expect(feeds).toHaveLength(2);
  expect(feeds[1]).toContain('&after=');
  // A reset would have loaded the columns again.
  expect(count('GET /deals?')).toHaveLength(columns);
  expect(second.errors).toEqual([]);
  await context.close();
});

test('after a cut of the network the tab shows each change that it missed, in order', async () => {
  const { people, deals, move } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const board = await stage.openBoard(context);
  const count = counter();
  stage.front.cut();
  await board.state('No connection');
  for (const id of deals) await move(id, 'proposal');
  stage.front.mend();
  await board.state('Live');
  const titles = ['Harbour lights', 'Buoys', 'Kelp nets'];
  await expect.poll(() => board.news()).toEqual(titles.map((title) => `A program moved ${title} to proposal`));
  for (const id of deals) await board.hasDeal(id, 'proposal');
  expect(count('GET /feeds').at(-1)).toContain('&after=');
  expect(count('GET /deals?')).toEqual([]);
  await context.close();
});

test('a loss of the history during a cut is visible: the tab loads everything again', async () => {
  const { people, deals, move, evictDeals } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const board = await stage.openBoard(context);
  const count = counter();
  stage.front.cut();
  await board.state('No connection');
  await move(deals[0], 'won');
  await evictDeals();
  await move(deals[1], 'lost');
  stage.front.mend();
  await board.hasDeal(deals[0], 'won');
  await board.hasDeal(deals[1], 'lost');
  expect(count('GET /deals?')).toHaveLength(6);
  await context.close();
});

test('a browser that goes offline says so, and connects at once when it is back', async () => {
  const { people, deals, move } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const board = await stage.openBoard(context);
  await context.setOffline(true);
  await board.state('No connection');
  await move(deals[0], 'lost');
  await context.setOffline(false);
  await board.state('Live');
  await board.hasDeal(deals[0], 'lost');
  await context.close();
});

test('sign-out in one tab closes the feeds of both, and no tab connects again', async () => {
  const { people } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const [first, second] = [await stage.openBoard(context), await stage.openBoard(context)];
  const count = counter();
  await first.page.getByRole('button', { name: 'Sign out' }).click();
  await first.page.waitForURL('**/sign-in');
  await second.state('Signed out');
  await expect.poll(() => stage.front.open('/feeds')).toBe(0);
  await second.page.locator('#problem a[href="/sign-in"]').waitFor();
  expect(count('GET /feeds')).toEqual([]);
  await context.close();
});

test('a session that ends at the server closes the feeds of all tabs', async () => {
  const { people } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const tabs = [await stage.openBoard(context), await stage.openBoard(context)];
  const ended = await context.request.post('/auth/sign-out', { headers: { origin: stage.front.url } });
  expect(ended.status()).toBeLessThan(300);
  for (const tab of tabs) await tab.state('Signed out');
  await expect.poll(() => stage.front.open('/feeds')).toBe(0);
  await context.close();
});

test('the board shows who else looks at it, and removes a user who has left', async () => {
  const { people } = await stage.tenant();
  const [ada, bob] = [await stage.signIn(people[0]), await stage.signIn(people[1])];
  const board = await stage.openBoard(ada);
  const seen = async () =>
    await board.page.locator('#people li').evaluateAll((all) => all.map((each) => each.dataset['user']));
  await expect.poll(seen).toEqual([people[0].id]);
  const other = await stage.openBoard(bob);
  await expect.poll(seen).toEqual([people[0].id, people[1].id]);
  await other.page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(seen, { timeout: PATIENCE_MS }).toEqual([people[0].id]);
  await Promise.all([ada.close(), bob.close()]);
});

test('the keyboard alone moves a deal, and keeps the focus on it', async () => {
  const { people, deals } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const { page, hasDeal } = await stage.openBoard(context);
  const button = page.locator(`li[data-id="${deals[0]}"] button.on`);
  for (let tab = 0; tab < 20 && !(await button.evaluate((each) => each === document.activeElement)); tab += 1) {
    await page.keyboard.press('Tab');
  }
  expect(await button.getAttribute('aria-label')).toBe('Move Kelp nets to qualified');
  await page.keyboard.press('Enter');
  await hasDeal(deals[0], 'qualified');
  await page.keyboard.press('Enter');
  await hasDeal(deals[0], 'proposal');
  await context.close();
});

test('the page runs no script and no style that is not a file of this site', async () => {
  const { people } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const { page, errors } = await stage.openBoard(context);
  expect(errors).toEqual([]);
  await page.evaluate(() => {
    const violations = new Set<string>();
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.add(effectiveDirective),
    );
    const script = document.createElement('script');
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = 'http://127.0.0.1:9/style.css';
    const tried = [
      () => script.append('window.injected = true'),
      () => document.body.append(script),
      () => document.head.append(style),
      () => document.body.setAttribute('style', 'color: red'),
      () => {
        document.body.innerHTML += '<img src=x onerror="window.injected = true">';
      },
      () => fetch('http://127.0.0.1:9/').catch(() => {}),
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
    .toEqual(expect.arrayContaining(['connect-src', 'require-trusted-types-for', 'style-src-attr', 'style-src-elem']));
  expect(await page.evaluate(() => 'injected' in window)).toBe(false);
  await context.close();
});

test('the example page of holdfast-client lists deals of all pages, wins one, and shows what another user changes', async () => {
  const count = counter();
  const { people, deals, move } = await stage.tenant();
  const context = await stage.signIn(people[0]);
  const { code } = await bundle('example/page.ts', { minify: true });
  const html = readFileSync(join(EXAMPLE, 'page.html'), 'utf8');
  await context.route('**/example/page.html', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await context.route('**/example/page.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto('/example/page.html');
  const items = () => page.locator('#deals li').count();
  await expect.poll(items).toBe(3);
  expect(count('GET /deals?').map((request) => request.includes('cursor='))).toEqual([false, true]);

  await page.getByRole('button', { name: 'Win Kelp nets' }).click();
  await expect.poll(items).toBe(2);
  expect(await page.locator('#message').textContent()).toBe('Kelp nets is won');
  await move(deals[1], 'lost');
  await expect.poll(items).toBe(1);
  expect(errors).toEqual([]);
  await context.close();
});
