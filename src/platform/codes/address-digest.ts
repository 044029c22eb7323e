/**
 * The names of e-mail addresses in keys of Redis. A plain hash would not hide an address, because an attacker can
 * hash guessed addresses. So a name is an HMAC under a key of `AUTH_KEYS`. A change of the key changes all names, and
 * so resets the counts once.
 */
import type { AuthKeys } from '../sessions/index.ts';

/** Returns the name of an address, which must be in lower case. */
export type AddressDigest = (email: string) => string;

/** Creates the function that names addresses. A name has 128 bits, base64url. */
export function addressDigest(keys: AuthKeys): AddressDigest {
  return (email) => keys.hmac('address', email).mac.slice(0, 22);
}
