/** The services for mailing and checking one-time codes. */
import type { AddressDigest } from './address-digest.ts';
import type { OneTimeCodes } from './one-time-code.ts';

export interface CodeScope {
  readonly codes: OneTimeCodes;
  /** Returns the name of an e-mail address in keys of Redis. */
  readonly addressDigest: AddressDigest;
}
