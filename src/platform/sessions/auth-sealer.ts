/**
 * Seals values until they reach their owner. Such a value is a code that waits to be mailed, or an answer that is
 * stored in case the client repeats the request.
 */
import { Buffer } from 'node:buffer';
import { createSealer, type Sealer } from '../redis/index.ts';
import type { AuthKeys } from './keys.ts';

/** Creates a sealer with `AUTH_KEYS`. Every deployment with sign-in has these keys; `SEAL_KEYS` may be missing. */
export function authSealer(keys: AuthKeys): Sealer {
  const sealing = keys.ids.map((id) => [id, Buffer.from(keys.bytes('seal', id) ?? []).toString('base64')]);
  return createSealer({ keys: Object.fromEntries(sealing), current: keys.ids[0] });
}
