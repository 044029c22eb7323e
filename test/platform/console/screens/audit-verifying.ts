/** The tests of the verification of the whole audit trail in the console. */
import { describe, expect, test } from 'vitest';
import { verifyJob } from '../../../../src/platform/audit/index.ts';
import { enqueue } from '../../../../src/platform/jobs/index.ts';
import type { AuditDesk } from '../audit-desk.ts';
import { formOf, open, wordsOf } from '../desk.ts';

export function verifyingTests(desk: () => AuditDesk): void {
  describe('the verification', () => {
    const request = (anchor = '', browser = desk().auditor()) => open(browser, '/console/audit/verify', { anchor });

    test('is queued by an auditor without console:act, and its page shows progress, then the result in words', async () => {
      await desk().add('boat.moved', { type: desk().newType(), id: 'b' });
      await desk().world.tick();
      const form = formOf((await desk().show('')).text, '/verify');
      expect(form.action).toBe('/console/audit/verify');
      const queued = await request();
      expect(queued.path).toMatch(/^\/console\/audit\/verifications\/job_\w+\?done=verification-queued$/);
      await desk().world.settle();
      const { words, cost } = await desk().show(queued.path.replace('/console/audit', ''));
      expect(words).toMatch(
        /The trail is as it was sealed\. [\d,]+ entries in [\d,]+ seals? were verified\. No seal from/,
      );
      expect(cost).toEqual({ redis: '2 requests, 6 commands', db: '0 queries' });
    });

    test('compares the trail with a kept seal, also from the text of a mail', async () => {
      await desk().add('boat.moved', { type: desk().newType(), id: 'b' });
      await desk().world.tick();
      const { items } = (await (await desk().auditor().request('/audit/seals?limit=100')).json()) as {
        items: { hash: string }[];
      };
      const good = items.at(-1);
      const report = async (anchor: string) => {
        const queued = await request(anchor);
        await desk().world.settle();
        return (await desk().show(queued.path.replace('/console/audit', ''))).words;
      };
      expect(await report(`Dear desk().auditor(),\n\n> ${JSON.stringify(good)}\n`)).toMatch(
        /as it was sealed\..*with 1 seal from outside/,
      );
      const other = { ...good, hash: '0'.repeat(64) };
      expect(await report(JSON.stringify(other))).toMatch(
        /has 1 fault\..* ANCHOR_DIFFERS The seal that was kept outside/,
      );
    });

    test.each([
      ['no seal at all', 'must contain a seal'],
      ['{"seal":0,"hash":"x"}', 'must contain a seal'],
      [`{"tenantId":"another","seal":1,"hash":"${'0'.repeat(64)}"}`, 'must be a seal of this tenant'],
    ])('refuses a kept seal %s with a problem that names the field', async (anchor, message) => {
      const { status, text } = await request(anchor);
      expect([status, wordsOf(text)]).toEqual([400, expect.stringContaining(`anchor ${message}`)]);
    });

    test('of a changed trail names each fault with its meaning and its entry', async () => {
      const id = await desk().add('boat.moved', { type: desk().newType(), id: 'b' });
      await desk().world.tick();
      const sql = `UPDATE audit_entries SET outcome = 'failed' FROM off WHERE tenant_id = $1 AND id = '${id}'`;
      const { words, text } = await desk().whileFalse(sql, async () => {
        const queued = await request();
        await desk().world.settle();
        return desk().show(queued.path.replace('/console/audit', ''));
      });
      expect(words).toMatch(/The trail has 1 fault\..* ENTRY_CHANGED A field of the entry, or its data, was changed/);
      expect(text).toContain(`href="/console/audit/entries/${id}"`);
    });

    test('that waits shows how many seals are verified, and a job of another kind is not found', async () => {
      const id = await desk().world.app.within((tenant) =>
        tenant.commit((tx) => enqueue(tx, verifyJob, {}, { delay: '1h' })),
      );
      expect((await desk().show(`/verifications/${id}`)).words).toMatch(/queued .* 0 of \d+ seals? verified/);
      const [other = ''] = await desk().desk.done(1);
      for (const each of [other, 'job_none', '%20'])
        expect((await desk().show(`/verifications/${each}`)).status).toBe(404);
    });
  });
}
