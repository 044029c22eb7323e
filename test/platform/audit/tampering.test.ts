/** Any change of a sealed audit trail is found, by the fault that its kind has. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSeals } from '../../../src/platform/audit/entries-table.ts';
import { hashOfSeal } from '../../../src/platform/audit/seal-form.ts';
import { openTrail, type Trail } from './trail.ts';

let trail: Trail;
beforeAll(async () => {
  trail = await openTrail();
});
afterAll(() => trail.close());

let made = 0;
/** A tenant with three seals of three entries each. Returns its id, and the ids of the entries in their order. */
async function sealedTenant(): Promise<{ tenant: string; ids: string[] }> {
  made += 1;
  const tenant = `tenant-${made}`;
  for (let seal = 1; seal <= 3; seal += 1) {
    for (let each = 0; each < 3; each += 1) await trail.add(tenant, { data: { seal, each, note: 'Zoë' } });
    trail.advance(60_000);
    await trail.seal(tenant);
  }
  const rows = await trail.store.query<{ id: string }>(
    'SELECT id FROM audit_entries WHERE tenant_id = $1 ORDER BY seal, position',
    [tenant],
  );
  return { tenant, ids: rows.map(({ id }) => id) };
}

const codesOf = async (tenant: string, options: Parameters<Trail['verify']>[1] = {}) => [
  ...new Set((await trail.verify(tenant, options)).faults.map(({ code }) => code)),
];

test('an unchanged trail has no fault', async () => {
  const { tenant } = await sealedTenant();
  expect(await trail.verify(tenant)).toMatchObject({ seals: 3, entries: 9, head: { seal: 3 }, faults: [] });
});

/** Changes of one entry or one seal, with a fault that each causes. `$1` is the tenant, `$2` an entry, `$3` a seal. */
const CHANGES = {
  ...Object.fromEntries(
    [
      'actor_id',
      'action',
      'outcome',
      'entity_type',
      'entity_id',
      'patient_id',
      'purpose',
      'request_id',
      'ip_digest',
    ].map((column) => [
      `${column} of an entry`,
      [`UPDATE audit_entries SET ${column} = 'other' WHERE tenant_id = $1 AND id = $2`, 'ENTRY_CHANGED'],
    ]),
  ),
  'the time of an entry': [
    "UPDATE audit_entries SET occurred_at = occurred_at - interval '1 ms' WHERE tenant_id = $1 AND id = $2",
    'ENTRY_CHANGED',
  ],
  'the data of an entry': [
    `UPDATE audit_entries SET data = data || '{"note":"Zoe"}' WHERE tenant_id = $1 AND id = $2`,
    'ENTRY_CHANGED',
  ],
  'the data of an entry, erased without their salt': [
    'UPDATE audit_entries SET data = NULL WHERE tenant_id = $1 AND id = $2',
    'ENTRY_CHANGED',
  ],
  'the tenant of an entry': [
    "UPDATE audit_entries SET tenant_id = tenant_id || '-other' WHERE tenant_id = $1 AND id = $2",
    'ENTRY_MISSING',
  ],
  'the id of an entry': ["UPDATE audit_entries SET id = id || '0' WHERE tenant_id = $1 AND id = $2", 'ENTRY_CHANGED'],
  'the leaf of an entry': [
    "UPDATE audit_entries SET leaf = repeat('0', 64) WHERE tenant_id = $1 AND id = $2",
    'ROOT_CHANGED',
  ],
  'the removal of an entry': ['DELETE FROM audit_entries WHERE tenant_id = $1 AND id = $2', 'ENTRY_MISSING'],
  'a copy of an entry': [
    `INSERT INTO audit_entries (tenant_id, id, actor_type, action, outcome, entity_type, data, occurred_at, salt, commitment,
       leaf, seal, position)
     SELECT tenant_id, id || '0', actor_type, action, outcome, entity_type, data, occurred_at, salt, commitment, leaf, seal,
       position + 10
     FROM audit_entries WHERE tenant_id = $1 AND id = $2`,
    'ENTRY_ADDED',
  ],
  'an entry outside all seals': ['UPDATE audit_entries SET seal = 0 WHERE tenant_id = $1 AND id = $2', 'SEAL_MISSING'],
  'an entry without its seal': [
    'UPDATE audit_entries SET seal = NULL, position = NULL WHERE tenant_id = $1 AND id = $2',
    'ENTRY_MISSING',
  ],
  'the order of two entries': [
    `UPDATE audit_entries e SET position = 1000 + (e.position + 1) % 3
     WHERE tenant_id = $1 AND seal = (SELECT seal FROM audit_entries WHERE tenant_id = $1 AND id = $2)`,
    'ENTRY_MISSING',
  ],
  'the removal of a seal': [
    'DELETE FROM audit_seals WHERE tenant_id = $1 AND seal = $3::int',
    /CHAIN_BROKEN|SEAL_MISSING/,
  ],
  ...Object.fromEntries(
    ['root', 'prev_hash'].map((column) => [
      `${column} of a seal`,
      [
        `UPDATE audit_seals SET ${column} = repeat('0', 63) || '1' WHERE tenant_id = $1 AND seal = $3::int`,
        'SEAL_CHANGED',
      ],
    ]),
  ),
  'the count of a seal': [
    'UPDATE audit_seals SET count = count - 1 WHERE tenant_id = $1 AND seal = $3::int',
    'ENTRY_ADDED',
  ],
  'the time of a seal': [
    "UPDATE audit_seals SET sealed_at = sealed_at + interval '1 ms' WHERE tenant_id = $1 AND seal = $3::int",
    'SEAL_CHANGED',
  ],
  'the hash of a seal': [
    "UPDATE audit_seals SET hash = repeat('0', 64) WHERE tenant_id = $1 AND seal = $3::int",
    'SEAL_UNSIGNED',
  ],
  'the key of a seal': [
    "UPDATE audit_seals SET key_id = 'old' WHERE tenant_id = $1 AND seal = $3::int",
    'SEAL_UNSIGNED',
  ],
} as Record<string, [string, string | RegExp]>;

test('each single change of any entry or seal is found by its fault', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.entries(CHANGES)),
      fc.nat(8),
      fc.integer({ min: 1, max: 3 }),
      async ([name, [sql, fault]], entry, seal) => {
        const { tenant, ids } = await sealedTenant();
        const values = [tenant, ids[entry], seal].slice(0, sql.includes('$3') ? 3 : 2);
        if (!sql.includes('$2')) values.splice(1, 1);
        await trail.falsify(sql.includes('$2') ? sql : sql.replace('$3', '$2'), values);
        expect((await codesOf(tenant)).join(' '), name).toMatch(fault);
      },
    ),
    { numRuns: 4 * Object.keys(CHANGES).length },
  );
});

test('the removal of the newest seal with its entries is found with a kept seal only', async () => {
  const { tenant } = await sealedTenant();
  const { head } = await trail.verify(tenant);
  await trail.falsify('DELETE FROM audit_seals WHERE tenant_id = $1 AND seal = 3', [tenant]);
  expect(await codesOf(tenant)).toEqual(['SEAL_MISSING']);
  await trail.falsify('DELETE FROM audit_entries WHERE tenant_id = $1 AND seal = 3', [tenant]);
  expect(await codesOf(tenant)).toEqual([]);
  expect(await codesOf(tenant, { anchors: head ? [head] : [] })).toEqual(['SEAL_MISSING']);
});

test('a whole trail that was made again with other content differs from a kept seal', async () => {
  const { tenant } = await sealedTenant();
  const { head } = await trail.verify(tenant);
  await trail.falsify('DELETE FROM audit_seals WHERE tenant_id = $1', [tenant]);
  await trail.falsify('UPDATE audit_entries SET seal = NULL, position = NULL WHERE tenant_id = $1', [tenant]);
  for (let seal = 1; seal <= 3; seal += 1) {
    await trail.seal(tenant);
    await trail.add(tenant);
  }
  expect(await codesOf(tenant)).toEqual([]);
  expect(await codesOf(tenant, { anchors: head ? [head] : [] })).toEqual(['ANCHOR_DIFFERS']);
});

test('a seal that was signed again with the right key breaks the chain at the next seal', async () => {
  const { tenant } = await sealedTenant();
  const [seal] = await readSeals(trail.store, tenant, 2, 1);
  if (!seal) throw new Error('There is no seal');
  const hash = hashOfSeal({ ...seal, sealedAt: seal.lastAt });
  await trail.falsify(
    'UPDATE audit_seals SET sealed_at = last_at, hash = $2, signature = $3 WHERE tenant_id = $1 AND seal = 2',
    [tenant, hash, await trail.keys.sign(hash)],
  );
  expect((await trail.verify(tenant)).faults).toEqual([{ code: 'CHAIN_BROKEN', seal: 3, entry: null }]);
});

test('an entry that has waited for its seal for more than 10 minutes is a fault, and a changed one at once', async () => {
  const { tenant } = await sealedTenant();
  await trail.add(tenant, { entity: { type: 'deal', id: 'late' } });
  expect(await codesOf(tenant)).toEqual([]);
  await trail.falsify("UPDATE audit_entries SET action = 'x' WHERE tenant_id = $1 AND entity_id = 'late'", [tenant]);
  expect(await codesOf(tenant)).toEqual(['ENTRY_CHANGED']);
  trail.advance(10 * 60_000 + 1);
  expect(await codesOf(tenant)).toEqual(['ENTRY_CHANGED', 'NOT_SEALED']);
});

test('an erasure removes data and salt of a sealed entry, and the trail stays valid', async () => {
  const { tenant, ids } = await sealedTenant();
  const erase = 'UPDATE audit_entries SET data = NULL, salt = NULL WHERE tenant_id = $1 AND id = $2';
  await trail.store.query(erase, [tenant, ids[4] ?? '']);
  expect(await codesOf(tenant)).toEqual([]);
  const restore = `UPDATE audit_entries SET data = '{}', salt = 'x' WHERE tenant_id = $1 AND id = $2`;
  await expect(trail.store.query(restore, [tenant, ids[4] ?? ''])).rejects.toThrow('audit_entries is append-only');
});
