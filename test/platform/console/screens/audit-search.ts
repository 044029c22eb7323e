/** The tests of the search of the audit trail, and of its seals. */
import { describe, expect, test } from 'vitest';
import { addKey, createTenant } from '../../../support/tenant.ts';
import type { AuditDesk } from '../audit-desk.ts';
import { open, wordsOf } from '../desk.ts';

export function searchTests(desk: () => AuditDesk): void {
  describe('the search', () => {
    test('finds entries by each filter, keeps the filters in the form, and costs 1 statement', async () => {
      const type = desk().newType();
      await desk().add('boat.built', { type, id: 'one' });
      await desk().add('boat.sunk', { type, id: 'two' });
      const all = await desk().show(`?entityType=${type}`);
      expect(all.words).toMatch(/boat\.sunk .* boat\.built /);
      expect(all.cost).toEqual({ redis: '1 request, 4 commands', db: '1 query' });
      const one = await desk().show(`?entityType=${type}&action=boat.sunk&entityId=two&outcome=ok&actorId=&from=&to=`);
      expect(one.words).not.toContain('boat.built');
      expect(one.text).toContain('name="action" value="boat.sunk"');
      const [day = ''] = new Date(desk().world.qstash.clock.now()).toISOString().split('T');
      expect((await desk().show(`?entityType=${type}&from=${day}&to=${day}`)).words).toContain('boat.sunk');
      for (const none of ['outcome=refused', 'actorId=user_none', 'to=2026-01-01', 'from=2999-01-01']) {
        expect((await desk().show(`?entityType=${type}&${none}`)).words, none).toContain('No entry matches.');
      }
    });

    test('has pages, which keep the filters', async () => {
      const type = desk().newType();
      for (let each = 1; each <= 3; each += 1) await desk().add('boat.moved', { type, id: `place-${each}` });
      const first = await desk().show(`?entityType=${type}&limit=2`);
      expect(first.words).toMatch(/place-3 .*place-2 /);
      const [, next = ''] = /rel="next" href="([^"]*)"/.exec(first.text) ?? [];
      const second = await open(desk().auditor(), next.replaceAll('&amp;', '&'));
      expect(wordsOf(second.text)).toContain('place-1');
      expect(second.text).not.toMatch(/rel="next"|place-2/);
    });

    test('names wrong filters as a problem, and an empty trail in a sentence', async () => {
      for (const wrong of ['from=tomorrow', 'action=A%20B', 'outcome=maybe', 'cursor=%20', 'limit=0']) {
        const { status, words } = await desk().show(`?${wrong}`);
        expect([wrong, status, words]).toEqual([wrong, 400, expect.stringContaining(`${wrong.split('=')[0]} must`)]);
      }
    });

    test('is open to callers with audit:read and console:view, and shows no entry of another tenant', async () => {
      const { connectionString, tenant } = desk().world;
      const type = desk().newType();
      const id = await desk().add('boat.built', { type, id: 'ours' });
      for (const path of ['', '/seals', `/entries/${id}`, '/verifications/job_1']) {
        for (const rights of [['console:view'], ['audit:read'], ['console:view', 'console:act']]) {
          const key = await addKey(connectionString, tenant.id, { rights });
          const { status } = await desk().world.app.test.request(`/console/audit${path}`, { key });
          expect([path, rights, status]).toEqual([path, rights, 403]);
        }
      }
      const other = await createTenant(connectionString);
      const key = await addKey(connectionString, other.id, { rights: ['console:view', 'audit:read'] });
      const ask = (path: string) => desk().world.app.test.request(`/console/audit${path}`, { key });
      expect((await ask(`/entries/${id}`)).status).toBe(404);
      const text = wordsOf(await (await ask('')).text());
      expect(text).toContain('The audit trail of this tenant has no entry yet.');
      expect(wordsOf(await (await ask('/seals')).text())).toContain('has no seal yet');
    });

    test('is in the menu of callers with audit:read only', async () => {
      const view = await addKey(desk().world.connectionString, desk().world.tenant.id, { rights: ['console:view'] });
      const page = await desk().world.app.test.request('/console', { key: view });
      expect(await page.text()).not.toContain('href="/console/audit"');
      expect((await open(desk().auditor(), '/console')).text).toContain('href="/console/audit"');
    });
  });

  describe('the seals', () => {
    test('are listed with the newest first, and say which are kept outside the database', async () => {
      const type = desk().newType();
      for (let each = 0; each < 3; each += 1) {
        await desk().add('boat.moved', { type, id: 'b' });
        await desk().world.tick();
      }
      const [row] = await desk().world.query('SELECT head FROM audit_anchors WHERE tenant_id = $1', [
        desk().world.tenant.id,
      ]);
      const head = Number(row?.['head']);
      const state = (anchored: number, mailed: number) =>
        desk().world.query(
          `UPDATE audit_anchors SET anchored = $2::int, mailed = $3::int, mailed_on = '2026-11-29' WHERE tenant_id = $1`,
          [desk().world.tenant.id, anchored, mailed],
        );
      await state(head - 2, head - 1);
      const { words, cost } = await desk().show('/seals');
      expect(words).toMatch(new RegExp(`Newest seal in a mail ${head - 1}, on 2026-11-29`));
      expect(words).toMatch(/not set/);
      expect(words).toMatch(/ not yet .* in a mail .* in the bucket /);
      expect(cost).toEqual({ redis: '1 request, 4 commands', db: '2 queries' });
      expect((await desk().show(`/seals?before=${head}`)).words).not.toContain('not yet');
      expect((await desk().show('/seals?before=1')).words).toContain('There is no older seal.');
    });
  });
}
