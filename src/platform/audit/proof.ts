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
  return entry ? proofOf(store, entry) : null;
}

/** Returns the proof of an entry that was read; `null` if it has no seal yet, or its seal is missing. 2 statements. */
export async function proofOf(store: SqlStore, entry: AuditEntry): Promise<EntryProof | null> {
  if (entry.seal === null || entry.position === null) return null;
  const [[seal], sealed] = await Promise.all([
    readSeals(store, entry.tenantId, entry.seal, 1),
    readSealed(store, entry.tenantId, entry.seal),
  ]);
  if (seal?.seal !== entry.seal) return null;
  const leaves = sealed.map(({ leaf }) => leaf ?? '');
  return { entry, seal, path: inclusionPath(leaves, entry.position) };
}

/** The parts of a proof, each valid or not. */
export interface ProofParts {
  /** The fields and the data of the entry give its leaf. */
  entry: boolean;
  /** The leaf and the path give the root of the seal that the entry names. */
  path: boolean;
  /** The content of the seal, with its root, gives its hash. */
  seal: boolean;
  /** The key signed the hash. */
  signature: boolean;
}

/** Checks each part of a proof with a public key that its reader trusts. Without a key the signature is not valid. */
export async function checkProof(
  { entry, seal, path }: EntryProof,
  key: PublicAuditKey | undefined,
): Promise<ProofParts> {
  const { leaf, position } = entry;
  const isOfSeal = entry.tenantId === seal.tenantId && entry.seal === seal.seal;
  return {
    entry: matches(entry),
    path: isOfSeal && leaf !== null && position !== null && rootOfPath(leaf, position, seal.count, path) === seal.root,
    seal: hashOfSeal(seal) === seal.hash,
    signature: key?.kid === seal.keyId && (await verifySignature(key, seal.hash, seal.signature)),
  };
}

/** Verifies a proof with a public key that its reader trusts. */
export async function verifyProof(proof: EntryProof, key: PublicAuditKey): Promise<boolean> {
  return Object.values(await checkProof(proof, key)).every(Boolean);
}
