/**
 * The name of an e-mail address in keys of Redis. A plain hash would not hide it: addresses can be guessed, and each
 * guess be hashed. So it is an HMAC under a key of `AUTH_KEYS`; a change of that key resets the counts under the name
 * once.
 */
import type { AuthKeys } from '../sessions/index.ts';

/** Names addresses. */
export type AddressDigest = (email: string) => string;

/** The name of an address in one form (lower case): 128 bits, base64url. */
export function addressDigest(keys: AuthKeys): AddressDigest {
  return (email) => keys.hmac('address', email).mac.slice(0, 22);
}
