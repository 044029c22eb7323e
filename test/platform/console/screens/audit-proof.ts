/** The tests of one entry of the audit trail and its proof. */
import { describe, expect, test } from 'vitest';
import type { AuditDesk } from '../audit-desk.ts';

export function proofTests(desk: () => AuditDesk): void {
  describe('an entry', () => {
    test('shows its fields, its data, and a proof that holds, with a picture of its path', async () => {
      const type = desk().newType();
      const ids: string[] = [];
      for (let each = 0; each < 5; each += 1)
        ids.push(await desk().add('boat.moved', { type, id: 'b' }, { to: `<place ${each}>` }));
      const id = ids[2] ?? '';
      expect((await desk().show(`/entries/${id}`)).words).toContain('The entry has no seal yet.');
      await desk().world.tick();
      const { words, text, cost } = await desk().show(`/entries/${id}`);
      expect(words).toMatch(/Action boat\.moved .* Outcome ok .*&lt;place 2&gt;/);
      expect(words).toMatch(/The proof holds\. Verified now with the public key \S+/);
      expect(words.match(/ valid /g)).toHaveLength(4);
      expect(text).toMatch(/<svg class="proof"[^>]*role="img"[^>]*to the root, which is the root in seal \d+"/);
      expect(cost).toEqual({ redis: '1 request, 4 commands', db: '3 queries' });
      const answer = await desk().auditor().request(`/audit/entries/${id}/proof`);
      const proof = (await answer.json()) as { path: string[]; seal: { root: string; hash: string } };
      for (const digest of [...proof.path, proof.seal.root, proof.seal.hash]) expect(text).toContain(`>${digest}<`);
    });

    test('whose data were erased says so, and its proof holds', async () => {
      const id = await desk().add('boat.named', { type: desk().newType(), id: 'b' }, { name: 'Secret name' });
      await desk().world.tick();
      const owner = (await desk().desk.signedIn({ role: 'owner' })).browser;
      const json = { reason: 'A request' };
      expect((await owner.request(`/audit/entries/${id}/erase`, { json })).status).toBeLessThan(300);
      const { words, text } = await desk().show(`/entries/${id}`);
      expect(words).toMatch(/erased The data were erased\..*The proof holds\./);
      expect(text).not.toContain('Secret name');
      const [, about = ''] = /href="\/console\/audit(\?entityType=audit-entry[^"]*)"/.exec(text) ?? [];
      expect((await desk().show(about.replaceAll('&amp;', '&'))).words).toContain('audit.erased');
    });

    test.each([
      ["UPDATE audit_entries SET action = 'boat.sunk' FROM off WHERE tenant_id = $1 AND entity_type = 'TYPE'", 'entry'],
      ["UPDATE audit_entries SET data = '{}' FROM off WHERE tenant_id = $1 AND entity_type = 'TYPE'", 'entry'],
      [
        "UPDATE audit_entries SET position = position + 1 FROM off WHERE tenant_id = $1 AND entity_type = 'TYPE'",
        'path',
      ],
      ["UPDATE audit_seals SET root = repeat('0', 64) FROM off WHERE tenant_id = $1", 'path'],
      ['UPDATE audit_seals SET sealed_at = now() FROM off WHERE tenant_id = $1', 'seal'],
      ["UPDATE audit_seals SET signature = 'AAAA' FROM off WHERE tenant_id = $1", 'signature'],
      ['DELETE FROM audit_seals USING off WHERE tenant_id = $1', 'missing'],
    ])('does not prove what was changed in the database: %s', async (sql, part) => {
      const type = desk().newType();
      const id = await desk().add('boat.moved', { type, id: 'b' }, { to: 'A' });
      await desk().world.tick();
      expect((await desk().show(`/entries/${id}`)).words).toContain('The proof holds.');
      const { words, status } = await desk().whileFalse(sql.replace('TYPE', type), () => desk().show(`/entries/${id}`));
      expect([status, words]).toEqual([200, expect.stringContaining('The proof does not hold.')]);
      const sentences = {
        entry: /wrong The fields or the data/,
        path: /wrong The leaf and the path/,
        seal: /wrong The content of the seal/,
        signature: /wrong The signature/,
        missing: /names the seal \d+, which is missing/,
      };
      expect(words).toMatch(sentences[part as keyof typeof sentences]);
    });

    test('that does not exist is not found', async () => {
      for (const id of ['audit_none', '%20']) expect((await desk().show(`/entries/${id}`)).status).toBe(404);
    });
  });
}
