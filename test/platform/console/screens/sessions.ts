/** Sessions: of a user, of all tenants, and of another tenant. */
import { describe, expect, test } from 'vitest';
import { addPerson } from '../../../support/people.ts';
import { createTenant } from '../../../support/tenant.ts';
import { answer, type Desk, formOf, open, wordsOf } from '../desk.ts';

export function sessionTests(desk: () => Desk): void {
  describe('sessions', () => {
    test('of a user are found by id or address, and ended one by one or together after a question', async () => {
      const { browser } = await desk().signedIn();
      const theirs = await desk().signedIn({ role: 'member' });
      const { email, id } = theirs.person;
      const list = await open(browser, `/console/sessions?${new URLSearchParams({ user: email.toUpperCase() })}`);
      expect(wordsOf(list.text)).toMatch(/has 1 device\. .* Firefox on Linux browser/);
      const { action, fields } = formOf(list.text, '/end');
      expect(wordsOf((await open(browser, action, fields)).text)).toContain('The session has ended.');
      expect((await theirs.browser.request('/auth/session')).status).toBe(401);
      for (const _device of [1, 2]) {
        const json = { email, password: theirs.person.password };
        expect((await theirs.browser.request('/auth/sign-in', { json })).status).toBe(200);
      }
      const again = await open(browser, `/console/sessions?user=${id}`);
      const devices = Number(/has (\d+) device/.exec(wordsOf(again.text))?.[1]);
      const ended = await answer(
        browser,
        again.text,
        '/console/sessions/end-all',
        new RegExp(`End ${devices} session`),
      );
      expect(wordsOf(ended.text)).toMatch(/sessions? ended\./);
      expect((await theirs.browser.request('/auth/session')).status).toBe(401);
    });

    test('of all tenants are counted at the last sample, for operators only', async () => {
      const { browser } = await desk().signedIn();
      const page = async (path: string) => wordsOf((await open(browser, path)).text);
      expect(await page('/console/sessions')).toContain('there is no count yet');
      const { platform } = desk().world.app.test;
      const scope = platform.scope();
      platform.counters.note('sessions.users', {}, 1_200);
      platform.counters.note('sessions.alive', { kind: 'browser' }, 1_500);
      platform.counters.note('sessions.alive', { kind: 'program' }, 40);
      await platform.counters.flush(scope.redis);
      await scope.end();
      expect(await page('/console/sessions')).toMatch(/Sessions alive 1,540 1,500 of browsers, 40 of programs/);
      expect(await page('/console')).toMatch(/Users with a session 1,200 1,540 sessions alive/);
      desk().operates(false);
      expect(await page('/console/sessions')).not.toMatch(/alive|no count/);
    });

    test('of a user with NUL in the name are refused with the name of the field', async () => {
      const { browser } = await desk().signedIn();
      const refused = 'user must not contain control characters';
      for (const path of ['/console/sessions?user=%00', '/console/sessions/end-all?user=a%00b']) {
        const { status, text } = await open(browser, path);
        expect([path, status, wordsOf(text).includes(refused)]).toEqual([path, 400, true]);
      }
      const { status, text } = await open(browser, '/console/sessions/end', { user: 'a\0', id: 'x' });
      expect([status, wordsOf(text).includes(refused)]).toEqual([400, true]);
    });

    test('of another tenant are not found and not ended', async () => {
      const { browser } = await desk().signedIn();
      const other = await createTenant(desk().world.connectionString);
      const stranger = await addPerson(desk().world.connectionString, other.id);
      expect((await open(browser, `/console/sessions?user=${stranger.id}`)).status).toBe(404);
      const form = { user: stranger.id, id: 'x'.repeat(22) };
      expect((await open(browser, '/console/sessions/end', form)).status).toBe(404);
    });
  });
}
