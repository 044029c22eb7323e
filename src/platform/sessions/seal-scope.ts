/** The services for sealing values. */
import type { Sealer } from '../redis/index.ts';

export interface SealScope {
  /** Seals values that must not be readable where they are stored; `null` if the setting SEAL_KEYS is missing. */
  readonly sealer: Sealer | null;
  /** Seals codes that wait to be mailed, and stored answers; see `auth-sealer.ts`. This sealer always exists. */
  readonly authSealer: Sealer;
}
