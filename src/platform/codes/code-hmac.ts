/** The keyed hash of one-time codes, under the keys of `AUTH_KEYS`. */
import { createHmac } from 'node:crypto';
import type { AuthKeys } from '../sessions/index.ts';
import type { CodeHmac } from './one-time-code.ts';

/** Creates the keyed hash. `compute` uses the key with the id `keyId`, or the current key if no id is given. */
export function codeHmac(keys: AuthKeys): CodeHmac {
  return {
    compute(text, keyId = keys.ids[0]) {
      const key = keys.bytes('code', keyId);
      return key && { keyId, mac: createHmac('sha256', key).update(text).digest('base64url') };
    },
  };
}
