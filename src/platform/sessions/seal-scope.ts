/** The services of code that seals values. */
import type { Sealer } from '../redis/index.ts';

export interface SealScope {
  /** Seals values that must not be readable where they are stored; `null` without SEAL_KEYS. */
  readonly sealer: Sealer | null;
  /** Seals codes that wait to be mailed, and stored answers; see `auth-sealer.ts`. It always exists. */
  readonly authSealer: Sealer;
}
