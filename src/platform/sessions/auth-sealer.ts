/**
 * Seals values on their way to the person or program they belong to, such as a code that waits to be mailed, or an
 * answer that is kept for a repeat of its request.
 */
import { Buffer } from 'node:buffer';
import { createSealer, type Sealer } from '../redis/index.ts';
import type { AuthKeys } from './keys.ts';

/** A sealer under the keys of `AUTH_KEYS`, which every deployment with sign-in has; `SEAL_KEYS` may be missing. */
export function authSealer(keys: AuthKeys): Sealer {
  const sealing = keys.ids.map((id) => [id, Buffer.from(keys.bytes('seal', id) ?? []).toString('base64')]);
  return createSealer({ keys: Object.fromEntries(sealing), current: keys.ids[0] });
}
