/**
 * Seals the entries of a tenant that have no seal yet. Writers take no lock: an entry that commits late gets a place in
 * a later seal. Sealers of one tenant wait for each other at an advisory lock.
 */
import { auditCommitment, auditLeaf } from '../outbox/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import { type AuditEntry, readHead, readLeaves, readUnsealed } from './entries-table.ts';
import { merkleRoot } from './merkle.ts';
import { FIRST_PREV_HASH, hashOfSeal, type Seal } from './seal-form.ts';
import type { AuditKeys } from './signing.ts';

/** The maximum number of entries in a seal. */
export const LARGEST_SEAL = 1_000;

/** The services that a sealer needs. */
export interface Sealing<Tx = unknown> {
  store: SqlStore<Tx>;
  system: System;
  keys: AuditKeys;
}

/** Makes one seal with up to {@link LARGEST_SEAL} entries; `null` if every entry has a seal. 1 transaction of 6 statements. */
export function sealBatch<Tx>({ store, system, keys }: Sealing<Tx>, tenantId: string): Promise<Seal | null> {
  return store.transaction(async (tx) => {
    await store.query(LOCK, [tenantId], tx);
    const leaves = await readLeaves(store, tenantId, LARGEST_SEAL, tx);
    // Entries from before the seals have no leaf, and their leaves follow from all their fields.
    const complete = leaves.every((entry): entry is Sealable => entry.leaf !== null);
    const entries = complete ? leaves : (await readUnsealed(store, tenantId, LARGEST_SEAL, tx)).map(withLeaf);
    if (entries.length === 0) return null;
    const head = await readHead(store, tenantId, tx);
    const times = entries.map(({ occurredAt }) => occurredAt).sort();
    const sealedAt = new Date(system.now()).toISOString();
    const content = {
      tenantId,
      seal: (head?.seal ?? 0) + 1,
      count: entries.length,
      root: merkleRoot(entries.map(({ leaf }) => leaf)),
      prevHash: head?.hash ?? FIRST_PREV_HASH,
      firstAt: times[0] ?? sealedAt,
      lastAt: times.at(-1) ?? sealedAt,
      sealedAt,
    };
    const hash = hashOfSeal(content);
    const seal = { ...content, hash, keyId: keys.current, signature: await keys.sign(hash) };
    await store.query(INSERT, Object.values(seal), tx);
    await store.query(PLACE, [tenantId, seal.seal, ...columnsOf(entries, complete)], tx);
    await store.query(HEAD, [tenantId, seal.seal], tx);
    return seal;
  });
}

/** An entry that a seal can take. */
interface Sealable {
  id: string;
  occurredAt: string;
  leaf: string;
  /** Missing if the table has it already. */
  commitment?: string;
}

/** Adds the leaf of an entry from before the seals. */
function withLeaf(entry: AuditEntry): Sealable {
  const commitment = entry.commitment ?? auditCommitment(entry.salt ?? '', entry.data ?? {});
  return { ...entry, commitment, leaf: entry.leaf ?? auditLeaf(entry, commitment) };
}

/**
 * Returns the columns for the statement that gives entries their places: the ids, and the digests of entries unless the
 * table has all of them.
 */
function columnsOf(entries: readonly Sealable[], complete: boolean): (string[] | null)[] {
  const ids = entries.map(({ id }) => id);
  if (complete) return [ids, null, null];
  return [ids, entries.map(({ commitment = '' }) => commitment), entries.map(({ leaf }) => leaf)];
}

const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('audit:' || $1, 0))::text AS locked";
const INSERT = `
  INSERT INTO audit_seals (tenant_id, seal, count, root, prev_hash, first_at, last_at, sealed_at, hash, key_id, signature)
  VALUES ($1, $2::int, $3::int, $4, $5, $6::text::timestamp, $7::text::timestamp, $8::text::timestamp, $9, $10, $11)`;
const HEAD = `
  INSERT INTO audit_anchors (tenant_id, head, anchored) VALUES ($1, $2::int, 0)
  ON CONFLICT (tenant_id) DO UPDATE SET head = excluded.head`;
/** If a column of digests is NULL, the entries keep the digests of the table. */
const PLACE = 'SELECT audit_place($1, $2::int, $3::text[], $4::text[], $5::text[]) AS placed';
