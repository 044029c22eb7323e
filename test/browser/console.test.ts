/** The console in Chromium, served by the Worker: with scripts and without, light and dark. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { picture, startConsole, violationsOn, watch, widerThanWindow } from './console-desk.ts';
import { PATIENCE_MS } from './stage.ts';

let desk: Awaited<ReturnType<typeof startConsole>>;
let dead: string;
beforeAll(async () => {
  desk = await startConsole('worker');
  dead = await desk.deadJob();
  await desk.count(50);
});
afterAll(() => desk.close());

const screens = (user: string) => [
  ...[
    '',
    '/jobs',
    `/jobs/${dead}`,
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
    await (await desk.ask('/deals/pipeline')).text();
    const operator = await desk.addOperator();
    const context = await desk.stage.signIn(operator, { colorScheme });
    const { page, errors } = await watch(context);
    for (const path of screens(operator.email)) {
      await page.goto(`/console${path}`);
      await page.locator('h1').waitFor();
      expect([path, await violationsOn(page)]).toEqual([path, []]);
      expect([path, await widerThanWindow(page)]).toEqual([path, [0, 0]]);
      await picture(
        page,
        `${path.replace(dead, 'dead').replace(/\W+/g, '-').slice(0, 30) || 'overview'}-${colorScheme}`,
      );
    }
    // The browser reports the one answer that is no success.
    expect(errors).toEqual([expect.stringContaining('404')]);
    await context.close();
  },
);

test('the sign-in page leads to the console, whose sign-out ends the session', async () => {
  const page = await desk.stage.newBrowser();
  const operator = await desk.addOperator();
  await page.goto('/console/jobs');
  await page.getByLabel('E-mail address').fill(operator.email);
  await page.getByLabel('Password').fill(operator.password);
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

/** Replays a dead job from its filtered list, and checks that the filter stays. */
async function replayFromList(page: Page, id: string): Promise<void> {
  const before = (await desk.job(id)).pastAttempts.length;
  await page.locator('tr', { hasText: id }).getByRole('button', { name: 'Replay' }).click();
  await page.getByText('The job is queued.').waitFor();
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('name'), searchParams.get('state')]).toEqual(['schedules.run', 'dead']);
  expect(await page.getByRole('combobox', { name: 'State' }).inputValue()).toBe('dead');
  await expect.poll(async () => (await desk.job(id)).pastAttempts.length, { timeout: PATIENCE_MS }).toBe(before + 1);
}

test('a changed filter applies at once and keeps the focus, and survives the replay of a dead job', async () => {
  const id = await desk.deadJob();
  const context = await desk.signIn();
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
  const id = await desk.deadJob();
  const context = await desk.signIn({ javaScriptEnabled: false });
  const { page } = await watch(context);
  await page.goto('/console/jobs');
  expect(await page.locator('#refresh').isVisible()).toBe(false);
  await page.getByRole('combobox', { name: 'Job' }).selectOption('schedules.run');
  await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
  await page.getByRole('button', { name: 'Filter' }).click();
  await replayFromList(page, id);
  await expect.poll(() => desk.state(id), { timeout: PATIENCE_MS }).toBe('dead');
  await page.goto('/console/dead?name=schedules.run');
  const said = (await page.getByText(/dead jobs?, kept/).textContent()) ?? '';
  const count = Number(/\d+/.exec(said)?.[0]);
  await page.getByRole('link', { name: 'Replay all…' }).click();
  await page.getByRole('button', { name: count === 1 ? 'Replay 1 job' : `Replay ${count} jobs` }).click();
  await page.getByText(`${count === 1 ? '1 job' : `${count} jobs`} queued.`).waitFor();
  expect(new URL(page.url()).searchParams.get('name')).toBe('schedules.run');
  await context.close();
});

test('a cache tag is ended after a question, and the next read misses', async () => {
  const read = async () => (await desk.ask('/deals/pipeline')).headers.get('x-cache');
  await read();
  await expect.poll(read).toBe('HIT');
  const context = await desk.signIn();
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
  expect(errors).toEqual([]);
  await context.close();
});

test('an alert that fires while Redis does not answer is shown, and its end too', async () => {
  const context = await desk.signIn();
  const { page, errors } = await watch(context);
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /redis-unreachable/ }) });
  await desk.evaluate('down', 3);
  await page.goto('/console/alerts');
  await row.getByText('firing').first().waitFor();
  await desk.evaluate('up', 8);
  await page.goto('/console/alerts');
  await row.getByText('ok', { exact: true }).first().waitFor();
  expect(errors).toEqual([]);
  await context.close();
});

test('a live page shows a change without a new load, and has no connection and sends nothing while it is hidden or off', async () => {
  const context = await desk.signIn();
  const { page, errors } = await watch(context);
  const { front } = desk.stage;
  const connections = () => front.open('/feeds');
  const asked = () => front.requests.filter((request) => /\/feeds|\/console\/jobs/.test(request)).length;
  await page.goto('/console/jobs?state=dead');
  await page.evaluate(() => Object.assign(window, { isSame: true }));
  expect(connections()).toBe(0);
  const first = asked();
  await desk.deadJob();
  expect(asked()).toBe(first);

  const live = page.getByRole('checkbox', { name: /^Live/ });
  await live.check();
  await expect.poll(connections, { timeout: PATIENCE_MS }).toBe(1);
  const id = await desk.deadJob();
  await page.locator('tr', { hasText: id }).waitFor();
  expect(await page.evaluate(() => 'isSame' in window)).toBe(true);

  const hide = (isHidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  for (const [pause, resume] of [
    [() => hide(true), () => hide(false)],
    [() => live.uncheck(), () => live.check()],
  ] as const) {
    await pause();
    await expect.poll(connections, { timeout: PATIENCE_MS }).toBe(0);
    // An answer to a request from before may still be on its way; no further request follows it.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)));
    const sent = asked();
    const unseen = await desk.deadJob();
    expect([asked(), connections()]).toEqual([sent, 0]);
    await resume();
    await page.locator('tr', { hasText: unseen }).waitFor();
    expect(connections()).toBe(1);
  }
  expect(errors).toEqual([]);
  await context.close();
});

test('the live tail shows new events while it is on and none while it is paused, and shows the operator to no user', async () => {
  const context = await desk.signIn();
  const { page, errors } = await watch(context);
  const { stage, tenant } = desk;
  const headers = { authorization: `Bearer ${tenant.keys.all}`, 'content-type': 'application/json' };
  const addDeal = async () => {
    const body = JSON.stringify({ title: 'Anchors', value: '10.00' });
    return ((await (await stage.send('/deals', { method: 'POST', headers, body })).json()) as { id: string }).id;
  };
  await page.goto('/console/tail?source=changes');
  const live = page.getByRole('checkbox', { name: /^Live/ });
  await live.check();
  await expect.poll(() => stage.front.open('/feeds'), { timeout: PATIENCE_MS }).toBe(1);
  const first = await addDeal();
  await page.locator('tr', { hasText: first }).waitFor();
  const presence = await desk.ask('/feeds/presence?topic=dashboard');
  expect(await presence.json()).toEqual({ topic: 'dashboard', userIds: [] });
  await live.uncheck();
  await expect.poll(() => stage.front.open('/feeds'), { timeout: PATIENCE_MS }).toBe(0);
  const second = await addDeal();
  expect(await page.locator('tr', { hasText: second }).count()).toBe(0);
  await live.check();
  await page.locator('tr', { hasText: second }).waitFor();
  expect(errors).toEqual([]);
  await context.close();
});

test('without scripts the live tail shows the last events, and its filter works', async () => {
  const id = await desk.deadJob();
  const context = await desk.signIn({ javaScriptEnabled: false });
  const { page } = await watch(context);
  await page.goto('/console/tail');
  await page.locator('tr', { hasText: id }).waitFor();
  await page.getByLabel('Contains').fill('no such event');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByText('No event matches.').waitFor();
  await page.getByLabel('Contains').fill(id);
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await page.locator('tbody tr').count()).toBe(1);
  await context.close();
});

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
  const context = await desk.signIn({ colorScheme: 'light' });
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
  const context = await desk.signIn({ javaScriptEnabled: false });
  const { page } = await watch(context);
  await page.goto('/console');
  await page.getByText('The numbers of Response time').click();
  expect(await page.locator('.chart').first().locator('tbody tr').count()).toBe(60);
  expect(await page.locator('canvas').count()).toBe(0);
  await context.close();
});

test('a device of a user is ended, and its browser is signed out', async () => {
  const person = await desk.person();
  const theirs = await desk.stage.signIn(person);
  const context = await desk.signIn();
  const { page } = await watch(context);
  await page.goto('/console/sessions');
  await page.getByLabel('User, by id or e-mail address').fill(person.email);
  await page.getByRole('button', { name: 'Show devices' }).click();
  await page.getByRole('button', { name: /^End / }).click();
  await page.getByText('The session has ended.').waitFor();
  const answer = await theirs.request.get('/welcome');
  expect(answer.url()).toBe(`${desk.stage.front.url}/sign-in`);
  await Promise.all([theirs.close(), context.close()]);
});

test('a changed filter after the end of the session opens the sign-in page', async () => {
  const context = await desk.signIn();
  const { page } = await watch(context);
  await page.goto('/console/jobs');
  await context.clearCookies();
  await page.getByRole('combobox', { name: 'State' }).selectOption('dead');
  await page.waitForURL('**/sign-in');
  await page.getByLabel('E-mail address').waitFor();
  await context.close();
});

test('the keyboard alone opens a screen and a job', async () => {
  const context = await desk.signIn();
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
  const context = await desk.signIn();
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
