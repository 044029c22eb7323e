/**
 * The keys for proofs of identity, derived from `AUTH_KEYS`, a list of master keys. Each purpose has a separate key
 * (HKDF-SHA-256, RFC 5869), so that a value made for one purpose is invalid for another purpose. The first key of the
 * list signs and names buckets. Older keys still verify, and their buckets are still searched.
 *
 * To change keys, follow the order of Google's Tink library: add the new key after the current key and deploy
 * everywhere; then put the new key first. In the opposite order, an isolate that does not know the new key cannot find,
 * and so cannot revoke, the sessions of that key. Removing a key from the list ends every session, refresh token and
 * code of the key.
 */
import { Buffer } from 'node:buffer';
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * The purpose of a key:
 * - `bucket`: names a user's place in Redis
 * - `refresh`, `access`: prove tokens
 * - `code`: hides one-time codes
 * - `seal`: hides codes on their way to a mailbox
 * - `bound`: ties a challenge to the browser that requested it
 * - `address`: names an e-mail address in a key of Redis
 * - `usage`: names an active user in Redis
 */
export type AuthPurpose = 'bucket' | 'refresh' | 'access' | 'code' | 'seal' | 'bound' | 'address' | 'usage';

/** At least one text. The text of the current key comes first, the texts of older keys follow. */
export type CurrentFirst = readonly [current: string, ...older: string[]];

/** Keys by purpose and id. */
export interface AuthKeys {
  /** The ids of the keys. */
  readonly ids: CurrentFirst;
  /**
   * Returns the buckets of a user's sessions, one for each key of `AUTH_KEYS`. A bucket is an HMAC of tenant and user
   * (128 bits, base64url), so that a cookie does not show its user.
   */
  bucketsOf(tenant: string, userId: string): CurrentFirst;
  /** Returns the HMAC-SHA-256 of a text with the current key: 256 bits, base64url. */
  hmac(purpose: AuthPurpose, text: string): { keyId: string; mac: string };
  /** Checks a text's MAC in constant time. Returns `false` for an unknown key. */
  verifyHmac(purpose: AuthPurpose, keyId: string, text: string, mac: string): boolean;
  /** Returns the 32 bytes of a purpose's key; `null` if no key has this id. */
  bytes(purpose: AuthPurpose, keyId: string): Uint8Array | null;
}

/** Thrown if the text of `AUTH_KEYS` is not usable. The message does not contain the text. */
export class AuthKeysError extends Error {
  override readonly name = 'AuthKeysError';
  readonly code = 'AUTH_KEYS';
}

const BUCKET_BYTES = 16;

/**
 * Reads keys from a text `id:base64,id:base64` (32 bytes each, the current key first).
 * @throws {AuthKeysError} if a key does not have 32 bytes, or an id is invalid or occurs twice.
 */
export function createAuthKeys(text: string): AuthKeys {
  const masters = new Map<string, Uint8Array>();
  for (const entry of text.split(',')) {
    const [id = '', encoded = ''] = entry.split(':');
    const master = new Uint8Array(Buffer.from(encoded, 'base64'));
    if (!/^[\w-]{1,32}$/.test(id) || master.length !== 32 || masters.has(id)) {
      throw new AuthKeysError('Each of the auth keys needs an id of its own and 32 bytes of base64');
    }
    masters.set(id, master);
  }
  const ids = [...masters.keys()] as unknown as CurrentFirst; // split() gives at least one part.
  const derived = new Map<string, Uint8Array>();

  function bytes(purpose: AuthPurpose, keyId: string): Uint8Array | null {
    const master = masters.get(keyId);
    if (!master) return null;
    const name = `${purpose}:${keyId}`;
    const known = derived.get(name);
    if (known) return known;
    const key = new Uint8Array(hkdfSync('sha256', master, '', `holdfast:auth:${purpose}`, 32));
    derived.set(name, key);
    return key;
  }

  function macOf(purpose: AuthPurpose, keyId: string, text: string): Buffer | null {
    const key = bytes(purpose, keyId);
    return key && createHmac('sha256', key).update(text).digest();
  }

  const bucketUnder = (keyId: string, tenant: string, userId: string): string =>
    // The length of the tenant comes first, so that no two pairs of tenant and user give the same text.
    macOf('bucket', keyId, `${tenant.length}:${tenant}${userId}`)?.subarray(0, BUCKET_BYTES).toString('base64url') ??
    '';

  return {
    ids,
    bytes,
    bucketsOf(tenant, userId) {
      const [current, ...older] = ids;
      return [bucketUnder(current, tenant, userId), ...older.map((keyId) => bucketUnder(keyId, tenant, userId))];
    },
    hmac: (purpose, text) => ({ keyId: ids[0], mac: macOf(purpose, ids[0], text)?.toString('base64url') ?? '' }),
    verifyHmac(purpose, keyId, text, mac) {
      const expected = macOf(purpose, keyId, text)?.toString('base64url');
      return expected !== undefined && sameText(expected, mac);
    },
  };
}

/**
 * Compares two texts in constant time: the time shows only whether the lengths differ. The texts are not decoded,
 * because several base64url texts decode to the same bytes, and we issue only one of these texts.
 */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
