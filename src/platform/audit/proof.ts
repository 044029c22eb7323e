/** The proof that one entry is in a seal, without any other entry. */
import type { SqlStore } from '../sql/index.ts';
import { type AuditEntry, readEntry, readSealed, readSeals } from './entries-table.ts';
import { inclusionPath, rootOfPath } from './merkle.ts';
import { hashOfSeal, type Seal } from './seal-form.ts';
import { type PublicAuditKey, verifySignature } from './signing.ts';
import { matches } from './verify.ts';

/** An entry, its seal, and the path between them. */
export interface EntryProof {
  entry: AuditEntry;
  seal: Seal;
  /** The sibling nodes from the leaf to the root, the lowest first. */
  path: string[];
}

/**
 * Returns the proof of an entry; `null` if the entry does not exist or has no seal yet. 3 statements.
 * The proof repeats the database: {@link verifyProof} tells whether it is valid.
 */
export async function proveEntry(store: SqlStore, tenant: string, id: string): Promise<EntryProof | null> {
  const entry = await readEntry(store, tenant, id);
  if (entry?.seal == null || entry.position === null) return null;
  const [[seal], sealed] = await Promise.all([
    readSeals(store, tenant, entry.seal, 1),
    readSealed(store, tenant, entry.seal),
  ]);
  if (seal?.seal !== entry.seal) return null;
  const leaves = sealed.map(({ leaf }) => leaf ?? '');
  return { entry, seal, path: inclusionPath(leaves, entry.position) };
}

/** Verifies a proof with a public key that its reader trusts. */
export async function verifyProof({ entry, seal, path }: EntryProof, key: PublicAuditKey): Promise<boolean> {
  if (entry.leaf === null || entry.position === null || !matches(entry)) return false;
  if (entry.tenantId !== seal.tenantId || entry.seal !== seal.seal) return false;
  if (rootOfPath(entry.leaf, entry.position, seal.count, path) !== seal.root) return false;
  return hashOfSeal(seal) === seal.hash && key.kid === seal.keyId && verifySignature(key, seal.hash, seal.signature);
}
