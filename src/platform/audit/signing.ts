/**
 * The keys that sign seals: Ed25519 (RFC 8032). A key is a seed of 32 bytes, which only the deployment that seals needs.
 * Verification needs the public keys only.
 */
import { Buffer } from 'node:buffer';

/** Signs seals, and verifies signatures. */
export interface AuditKeys {
  /** The id of the key that signs. */
  readonly current: string;
  /** Returns the signature of a hash, base64url. */
  sign(hash: string): Promise<string>;
  /** Returns the public keys by id, as JSON Web Keys (RFC 8037). The current key is the first. */
  publicKeys(): Promise<ReadonlyMap<string, PublicAuditKey>>;
}

/** A public key for seals. */
export interface PublicAuditKey {
  kty: 'OKP';
  crv: 'Ed25519';
  kid: string;
  /** 32 bytes, base64url. */
  x: string;
}

/** The first bytes of a private key of Ed25519 in PKCS #8 (RFC 8410); the seed follows. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Makes the keys of a setting `id:base64,id:base64` of 32 bytes each, the current key first. Older keys still verify
 * their own signatures.
 */
export function createAuditKeys(setting: string): AuditKeys {
  const seeds = setting.split(',').map((each) => {
    const at = each.indexOf(':');
    return { id: each.slice(0, at), seed: Buffer.from(each.slice(at + 1), 'base64') };
  });
  const [first] = seeds;
  if (!first) throw new TypeError('There is no key for seals');
  const imported = ({ seed }: { seed: Buffer }) =>
    crypto.subtle.importKey('pkcs8', Buffer.concat([PKCS8, seed]), 'Ed25519', true, ['sign']);
  return {
    current: first.id,
    async sign(hash) {
      const signature = await crypto.subtle.sign('Ed25519', await imported(first), Buffer.from(hash));
      return Buffer.from(signature).toString('base64url');
    },
    async publicKeys() {
      const keys = seeds.map(async (key): Promise<[string, PublicAuditKey]> => {
        const { x = '' } = await crypto.subtle.exportKey('jwk', await imported(key));
        return [key.id, { kty: 'OKP', crv: 'Ed25519', kid: key.id, x }];
      });
      return new Map(await Promise.all(keys));
    },
  };
}

/** Returns the public keys of the setting `AUDIT_SIGNING_KEYS`, by id; none without the setting. */
export async function publicKeysOf(setting: string | undefined): Promise<ReadonlyMap<string, PublicAuditKey>> {
  return setting === undefined ? new Map() : createAuditKeys(setting).publicKeys();
}

/** Verifies the signature of a hash. */
export async function verifySignature(key: PublicAuditKey, hash: string, signature: string): Promise<boolean> {
  const { kty, crv, x } = key;
  const imported = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, Buffer.from(signature, 'base64url'), Buffer.from(hash));
}
