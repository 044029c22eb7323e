/** The services of code that mails and checks one-time codes. */
import type { AddressDigest } from './address-digest.ts';
import type { OneTimeCodes } from './one-time-code.ts';

export interface CodeScope {
  readonly codes: OneTimeCodes;
  /** Names an e-mail address in a key of Redis. */
  readonly addressDigest: AddressDigest;
}
