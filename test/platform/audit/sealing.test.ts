/** Seals: two sealers and writers in parallel, keys that change, entries from before the seals, and proofs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuditKeys, proveEntry, verifyProof } from '../../../src/platform/audit/index.ts';
import { insertAuditEntry } from '../../../src/platform/outbox/audit.ts';
import { NEW_KEY, OLD_KEY, openTrail, type Trail } from './trail.ts';

let trail: Trail;
beforeAll(async () => {
  trail = await openTrail();
});
afterAll(() => trail.close());

const entriesOf = (tenant: string) =>
  trail.store.query<{ id: string; seal: number | null }>(
    'SELECT id, seal FROM audit_entries WHERE tenant_id = $1 ORDER BY id',
    [tenant],
  );

test('two sealers and four writers at once lose no entry and give none two places', async () => {
  const tenant = 'at-once';
  const write = async () => {
    for (let each = 0; each < 10; each += 1) await trail.add(tenant);
  };
  const seal = async () => {
    for (let each = 0; each < 10; each += 1) await trail.seal(tenant);
  };
  await Promise.all([write(), write(), seal(), write(), seal(), write()]);
  await trail.seal(tenant);
  const { entries, faults } = await trail.verify(tenant);
  expect([entries, faults]).toEqual([40, []]);
});

// The embedded PostgreSQL runs one transaction at a time.
test.runIf(process.env['DATABASE_URL'])(
  'an entry of a transaction that commits after a newer entry was sealed gets a place in the next seal',
  async () => {
    const tenant = 'late-commit';
    await trail.store.transaction(async (db) => {
      const { store, system } = trail;
      const circumstances = { store, db, system, tenant, actorId: null, apiKeyId: null, requestId: null };
      await insertAuditEntry(circumstances, { action: 'deal.created', entity: { type: 'deal', id: 'slow' } });
      await trail.add(tenant);
      await trail.seal(tenant);
    });
    expect(await trail.seal(tenant)).toMatchObject({ seal: 2, count: 1 });
    expect(await trail.verify(tenant)).toMatchObject({ entries: 2, faults: [] });
  },
);

test('a seal of an older key stays valid after a change of keys, and is unsigned without that key', async () => {
  const tenant = 'keys';
  await trail.add(tenant);
  await trail.seal(tenant, createAuditKeys(OLD_KEY));
  await trail.add(tenant);
  await trail.seal(tenant);
  expect((await trail.verify(tenant)).faults).toEqual([]);
  const publicKeys = await createAuditKeys(NEW_KEY).publicKeys();
  expect((await trail.verify(tenant, { publicKeys })).faults).toEqual([
    { code: 'SEAL_UNSIGNED', seal: 1, entry: null },
  ]);
});

test('an entry from before the seals gets its leaf with its seal', async () => {
  const tenant = 'before';
  await trail.store.query(
    `INSERT INTO audit_entries (tenant_id, id, actor_type, action, outcome, entity_type, data, occurred_at)
     VALUES ($1, 'audit_0', 'system', 'old.entry', 'ok', 'deal', '{"b":1,"a":[1.50,"é"]}', '2026-01-01')`,
    [tenant],
  );
  await trail.seal(tenant);
  expect(await trail.verify(tenant)).toMatchObject({ entries: 1, faults: [] });
  await trail.falsify(`UPDATE audit_entries SET data = '{"b":2}' WHERE tenant_id = $1`, [tenant]);
  expect((await trail.verify(tenant)).faults).toEqual([{ code: 'ENTRY_CHANGED', seal: 1, entry: 'audit_0' }]);
});

test('the proof of each entry holds without the others, and not with a changed field or another key', async () => {
  const tenant = 'proofs';
  for (let each = 0; each < 7; each += 1) await trail.add(tenant, { data: { each } });
  const [first] = await entriesOf(tenant);
  expect(await proveEntry(trail.store, tenant, first?.id ?? '')).toBeNull();
  await trail.seal(tenant);
  const keys = await trail.keys.publicKeys();
  const key = keys.get('new');
  const other = keys.get('old');
  if (!key || !other) throw new Error('The keys are missing');
  for (const { id } of await entriesOf(tenant)) {
    const proof = await proveEntry(trail.store, tenant, id);
    if (!proof) throw new Error('There is no proof');
    expect(await verifyProof(proof, key)).toBe(true);
    expect(await verifyProof({ ...proof, entry: { ...proof.entry, action: 'other' } }, key)).toBe(false);
    expect(await verifyProof({ ...proof, seal: { ...proof.seal, root: '0'.repeat(64) } }, key)).toBe(false);
    expect(await verifyProof({ ...proof, path: proof.path.slice(1) }, key)).toBe(false);
    expect(await verifyProof(proof, { ...other, kid: 'new' })).toBe(false);
  }
});

test('only a seal and an erasure may change an entry', async () => {
  const tenant = 'triggers';
  await trail.add(tenant);
  const change = (set: string) =>
    trail.store.query(`UPDATE audit_entries SET ${set} WHERE tenant_id = $1`, [tenant]).then(
      () => 'changed',
      () => 'refused',
    );
  expect(await change("seal = 1, position = 0, action = 'x'")).toBe('refused');
  expect(await change('data = NULL, salt = NULL')).toBe('refused');
  await trail.seal(tenant);
  for (const set of ['seal = 2', 'position = 1', 'seal = NULL', 'data = NULL', "leaf = 'x'", "salt = 'x'"]) {
    expect([set, await change(set)]).toEqual([set, 'refused']);
  }
  for (const sql of ["UPDATE audit_seals SET root = 'x'", 'DELETE FROM audit_seals', 'TRUNCATE audit_seals']) {
    await expect(trail.store.query(sql, []), sql).rejects.toThrow('audit_seals is append-only');
  }
});
