/** A seal: the root of a batch of entries, chained to the seal before it and signed. */
import { createHash } from 'node:crypto';

/** The content of a seal, without its signature. */
export interface SealContent {
  tenantId: string;
  /** 1 for the first seal of the tenant; each next seal has the next number. */
  seal: number;
  /** The number of entries. */
  count: number;
  /** The root of the Merkle tree of the entries' leaves. */
  root: string;
  /** The hash of the seal before; {@link FIRST_PREV_HASH} for the first seal. */
  prevHash: string;
  /** The times of the oldest and the newest entry, and of the seal: ISO 8601 in UTC, with milliseconds. */
  firstAt: string;
  lastAt: string;
  sealedAt: string;
}

/** A seal with its hash and its signature. */
export interface Seal extends SealContent {
  /** SHA-256 of the content: 64 hexadecimal digits. */
  hash: string;
  /** The id of the key that signed. */
  keyId: string;
  /** The signature of the hash by Ed25519, base64url. */
  signature: string;
}

/** The `prevHash` of the first seal of a tenant. */
export const FIRST_PREV_HASH = '0'.repeat(64);

/** The form of seals. A changed form gets a new name. */
const FORM = 'holdfast-seal-1';

/** Returns the hash of a seal, which the signature signs and the next seal repeats. */
export function hashOfSeal({ tenantId, seal, count, root, prevHash, firstAt, lastAt, sealedAt }: SealContent): string {
  const content = [FORM, tenantId, seal, count, root, prevHash, firstAt, lastAt, sealedAt];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
