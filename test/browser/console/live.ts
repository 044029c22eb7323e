/** The parts of the console that change by themselves: alerts, changes of jobs, and the live tail. */
import { expect, test } from 'vitest';
import { type ConsoleDesk, watch } from '../console-desk.ts';
import { PATIENCE_MS } from '../stage.ts';

export function liveTests(desk: () => ConsoleDesk): void {
  test('an alert that fires while Redis does not answer is shown, and its end too', async () => {
    const context = await desk().signIn();
    const { page, errors } = await watch(context);
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /redis-unreachable/ }) });
    await desk().evaluate('down', 3);
    await page.goto('/console/alerts');
    await row.getByText('firing').first().waitFor();
    await desk().evaluate('up', 8);
    await page.goto('/console/alerts');
    await row.getByText('ok', { exact: true }).first().waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  test('a live page shows a change without a new load, and has no connection and sends nothing while it is hidden or off', async () => {
    const context = await desk().signIn();
    const { page, errors } = await watch(context);
    const { front } = desk().stage;
    const connections = () => front.open('/feeds');
    const asked = () => front.requests.filter((request) => /\/feeds|\/console\/jobs/.test(request)).length;
    await page.goto('/console/jobs?state=dead');
    await page.evaluate(() => Object.assign(window, { isSame: true }));
    expect(connections()).toBe(0);
    const first = asked();
    await desk().deadJob();
    expect(asked()).toBe(first);

    const live = page.getByRole('checkbox', { name: /^Live/ });
    await live.check();
    await expect.poll(connections, { timeout: PATIENCE_MS }).toBe(1);
    const id = await desk().deadJob();
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
      const unseen = await desk().deadJob();
      expect([asked(), connections()]).toEqual([sent, 0]);
      await resume();
      await page.locator('tr', { hasText: unseen }).waitFor();
      expect(connections()).toBe(1);
    }
    expect(errors).toEqual([]);
    await context.close();
  });

  test('the live tail shows new events while it is on and none while it is paused, and shows the operator to no user', async () => {
    const context = await desk().signIn();
    const { page, errors } = await watch(context);
    const { stage, tenant } = desk();
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
    const presence = await desk().ask('/feeds/presence?topic=dashboard');
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
    const id = await desk().deadJob();
    const context = await desk().signIn({ javaScriptEnabled: false });
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
}
