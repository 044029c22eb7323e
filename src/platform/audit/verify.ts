/**
 * Verifies the audit trail of a tenant: every leaf from its entry, every root from its leaves, the chain of the seals,
 * their signatures, and a seal that was kept elsewhere. Without a kept seal, the removal of the newest seals together
 * with their entries cannot be found.
 */
import { auditCommitment, auditLeaf } from '../outbox/index.ts';
import type { SqlStore } from '../sql/index.ts';
import { type AuditEntry, readHead, readSealed, readSeals, readUnsealed } from './entries-table.ts';
import { merkleRoot } from './merkle.ts';
import { FIRST_PREV_HASH, hashOfSeal, type Seal } from './seal-form.ts';
import { type PublicAuditKey, verifySignature } from './signing.ts';

/** A fault of the trail. The codes are stable. */
export interface AuditFault {
  /**
   * - `ENTRY_CHANGED`: a field of the entry, or its data, does not match its leaf.
   * - `ENTRY_MISSING`, `ENTRY_ADDED`: a seal has fewer or more entries than its count, or a place twice or never.
   * - `ROOT_CHANGED`: the leaves do not give the root of their seal.
   * - `SEAL_CHANGED`: the content of the seal does not match its hash.
   * - `SEAL_UNSIGNED`: the signature is wrong, or its key is unknown.
   * - `CHAIN_BROKEN`: a seal is missing, or does not follow from the seal before it.
   * - `SEAL_MISSING`: entries name a seal, or a kept seal exists, that the table does not have.
   * - `ANCHOR_DIFFERS`: a kept seal differs from the seal in the table.
   * - `NOT_SEALED`: an entry is older than {@link SEALED_WITHIN_MS}, and has no seal.
   */
  code:
    | 'ENTRY_CHANGED'
    | 'ENTRY_MISSING'
    | 'ENTRY_ADDED'
    | 'ROOT_CHANGED'
    | 'SEAL_CHANGED'
    | 'SEAL_UNSIGNED'
    | 'CHAIN_BROKEN'
    | 'SEAL_MISSING'
    | 'ANCHOR_DIFFERS'
    | 'NOT_SEALED';
  seal: number | null;
  entry: string | null;
}

/** The result of a verification. */
export interface AuditReport {
  /** The numbers of seals and of sealed entries that were checked. */
  seals: number;
  entries: number;
  /** The number of seals from outside the database that the trail was compared with. */
  anchors: number;
  /** The newest seal; `null` without seals. */
  head: { seal: number; hash: string } | null;
  /** The first faults, in the order of the trail; at most {@link MOST_FAULTS}. Empty: the trail is as it was sealed. */
  faults: AuditFault[];
}

/** A seal that was kept outside the database. */
export type Anchor = Pick<Seal, 'seal' | 'hash'>;

/** The options of a verification. */
export interface VerifyOptions {
  tenantId: string;
  publicKeys: ReadonlyMap<string, PublicAuditKey>;
  /** The present time, in ms since the epoch. */
  now: number;
  /** Seals that were kept outside the database. */
  anchors?: readonly Anchor[];
  /** Called after each seal with the number of seals that were checked. */
  progress?(seals: number): Promise<void> | void;
}

/** The maximum number of faults in a report. */
export const MOST_FAULTS = 100;
/** The time within which a new entry gets its seal, in ms. */
export const SEALED_WITHIN_MS = 10 * 60_000;
const SEALS_AT_A_TIME = 100;

/** Verifies the whole trail of a tenant. 1 statement for each seal and for each 100 seals, and 3 more. */
export async function verifyTrail(store: SqlStore, options: VerifyOptions): Promise<AuditReport> {
  const { tenantId, publicKeys, now, anchors = [], progress } = options;
  const faults: AuditFault[] = [];
  const report = (code: AuditFault['code'], seal: number | null, entry: string | null = null) => {
    if (faults.length < MOST_FAULTS) faults.push({ code, seal, entry });
  };
  const kept = new Map(anchors.map(({ seal, hash }) => [seal, hash]));
  let previous: Pick<Seal, 'seal' | 'hash'> = { seal: 0, hash: FIRST_PREV_HASH };
  let seals = 0;
  let entries = 0;
  for (;;) {
    const batch = await readSeals(store, tenantId, previous.seal + 1, SEALS_AT_A_TIME);
    for (const seal of batch) {
      if (seal.seal !== previous.seal + 1 || seal.prevHash !== previous.hash) report('CHAIN_BROKEN', seal.seal);
      if (hashOfSeal(seal) !== seal.hash) report('SEAL_CHANGED', seal.seal);
      const key = publicKeys.get(seal.keyId);
      if (!key || !(await verifySignature(key, seal.hash, seal.signature))) report('SEAL_UNSIGNED', seal.seal);
      const anchor = kept.get(seal.seal);
      if (anchor !== undefined && anchor !== seal.hash) report('ANCHOR_DIFFERS', seal.seal);
      kept.delete(seal.seal);
      const sealed = await readSealed(store, tenantId, seal.seal);
      checkEntries(seal, sealed, report);
      seals += 1;
      entries += sealed.length;
      previous = seal;
      await progress?.(seals);
    }
    if (batch.length < SEALS_AT_A_TIME) break;
  }
  for (const seal of kept.keys()) report('SEAL_MISSING', seal);
  for (const { seal } of await store.query<{ seal: number }>(BEYOND, [tenantId, previous.seal])) {
    report('SEAL_MISSING', seal);
  }
  const limit = new Date(now - SEALED_WITHIN_MS).toISOString();
  for (const entry of await readUnsealed(store, tenantId, MOST_FAULTS)) {
    if (entry.leaf !== null && !matches(entry)) report('ENTRY_CHANGED', null, entry.id);
    if (entry.occurredAt < limit) report('NOT_SEALED', null, entry.id);
  }
  const head = await readHead(store, tenantId);
  return { seals, entries, anchors: anchors.length, head: head ? { seal: head.seal, hash: head.hash } : null, faults };
}

function checkEntries(
  seal: Seal,
  entries: readonly AuditEntry[],
  report: (code: AuditFault['code'], seal: number, entry?: string) => void,
): void {
  for (const entry of entries) if (!matches(entry)) report('ENTRY_CHANGED', seal.seal, entry.id);
  const places = new Set(entries.map(({ position }) => position));
  for (let place = 0; place < seal.count; place += 1) if (!places.has(place)) report('ENTRY_MISSING', seal.seal);
  if (entries.length > seal.count || places.size < entries.length) report('ENTRY_ADDED', seal.seal);
  if (merkleRoot(entries.map(({ leaf }) => leaf ?? '')) !== seal.root) report('ROOT_CHANGED', seal.seal);
}

/** Returns whether the leaf of an entry follows from its fields, and its commitment from its data. */
export function matches(entry: AuditEntry): boolean {
  const { commitment, data, salt } = entry;
  if (commitment === null || entry.leaf !== auditLeaf(entry, commitment)) return false;
  // An erasure removes the data together with their salt. Entries from before the seals have data and no salt.
  return data === null ? salt === null : auditCommitment(salt ?? '', data) === commitment;
}

/** The seals that entries name, but that are outside the range of the table. */
const BEYOND = `
  SELECT DISTINCT seal FROM audit_entries
  WHERE tenant_id = $1 AND (seal > $2::int OR seal < 1) ORDER BY seal LIMIT 100`;
