/** The audit trail in the browser: search, an entry with the picture of its proof, the seals, and a verification. */
import { expect, test } from 'vitest';
import { type ConsoleDesk, picture, violationsOn, watch, widerThanWindow } from '../console-desk.ts';
import { PATIENCE_MS } from '../stage.ts';

export function auditTests(desk: () => ConsoleDesk): void {
  test.each(['light', 'dark'] as const)(
    'the screens of the audit trail are %s and no wider than their window, and axe finds nothing, for valid and changed entries',
    async (colorScheme) => {
      const id = await desk().seal();
      const context = await desk().signIn({ colorScheme }, 'auditor');
      const { page, errors } = await watch(context);
      const see = async (path: string, name: string) => {
        await page.goto(`/console/audit${path}`);
        await page.locator('h1').waitFor();
        for (const closed of await page.locator('details:not([open]) summary').all()) await closed.click();
        expect([name, await violationsOn(page)]).toEqual([name, []]);
        expect([name, await widerThanWindow(page)]).toEqual([name, [0, 0]]);
        await picture(page, `audit-${name}-${colorScheme}`);
      };
      await see('', 'search');
      await see('?action=no.such', 'empty');
      await see('/seals', 'seals');
      await see(`/entries/${id}`, 'entry');
      await page.getByText('The proof holds.').waitFor();
      await desk().falsify(id, 'boat.sunk');
      try {
        await see(`/entries/${id}`, 'changed');
        await page.getByText('The proof does not hold.').waitFor();
      } finally {
        await desk().falsify(id, 'boat.moved');
      }
      expect(errors).toEqual([]);
      await context.close();
    },
  );

  test('the picture of a proof has the colours of the scheme, and leads from the leaf to the root', async () => {
    const id = await desk().seal();
    const context = await desk().signIn({ colorScheme: 'light' }, 'auditor');
    const { page, errors } = await watch(context);
    await page.goto(`/console/audit/entries/${id}`);
    const image = page.getByRole('img', {
      name: /^The path from the leaf of the entry.*which is the root in seal \d+$/,
    });
    await image.waitFor();
    const boxes = await image.locator('text:not(.digest)').allTextContents();
    expect([boxes[0], boxes.at(-1)]).toEqual(['Leaf of this entry', expect.stringMatching(/^Root in seal \d+$/)]);
    const strokes = () =>
      page
        .locator('svg.proof g.path rect')
        .first()
        .evaluate((rect) => getComputedStyle(rect).stroke);
    const light = await strokes();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(strokes).not.toBe(light);
    expect(errors).toEqual([]);
    await context.close();
  });

  test('an auditor finds an entry by a filter that applies at once, and verifies the trail', async () => {
    await desk().seal();
    const context = await desk().signIn({}, 'auditor');
    const { page, errors } = await watch(context);
    await page.goto('/console');
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByLabel('Thing, by id').fill('boat_1');
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('ok');
    await page.waitForURL('**/console/audit?entityId=boat_1&outcome=ok');
    await page.getByRole('link', { name: 'boat.moved' }).first().click();
    await page.getByText('The proof holds.').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Verify the trail' }).click();
    await page.getByText('The verification is queued.').waitFor();
    await expect
      .poll(
        async () => {
          await page.reload();
          return page.getByText('The trail is as it was sealed.').count();
        },
        { timeout: PATIENCE_MS },
      )
      .toBe(1);
    expect(await violationsOn(page)).toEqual([]);
    await picture(page, 'audit-verified');
    expect(errors).toEqual([]);
    await context.close();
  });

  test('without scripts the same search and verification work', async () => {
    await desk().seal();
    const context = await desk().signIn({ javaScriptEnabled: false }, 'auditor');
    const { page } = await watch(context);
    await page.goto('/console/audit');
    await page.getByLabel('Thing, by id').fill('boat_2');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(new URL(page.url()).searchParams.get('entityId')).toBe('boat_2');
    await page.getByRole('link', { name: 'boat.moved' }).first().waitFor();
    await page.getByLabel(/^A seal that you kept/).fill('no seal');
    await page.getByRole('button', { name: 'Verify the trail' }).click();
    await page.getByText('must contain a seal').first().waitFor();
    await page.goto('/console/audit/seals');
    await page.getByRole('button', { name: 'Verify the trail' }).click();
    await page.getByText('The verification is queued.').waitFor();
    await context.close();
  });
}
