/**
 * Reads the claims of an access token before the token is verified. The claims name the token's family, so the family
 * can be looked up in the same request as the other reads. This is safe: if a token is invented, Redis has no keys for
 * its claims.
 */
import { decodeJwt } from 'jose';
import { BITS_128, TENANT } from './token.ts';

/** The claims of a token that is not verified. */
export interface ClaimedAccess {
  readonly tenant: string;
  readonly bucket: string;
  /** The family of refresh tokens. */
  readonly id: string;
}

const LONGEST = 4096;
const IS_TENANT = new RegExp(`^${TENANT}$`);
const IS_ID = new RegExp(`^${BITS_128}$`);

/** Reads the claims of a token. Returns `null` for a text that cannot be one of our tokens. Never throws; no I/O. */
export function claimsOfAccessToken(text: string): ClaimedAccess | null {
  if (text.length > LONGEST) return null;
  try {
    const { tenant, bucket, sid } = decodeJwt(text);
    if (typeof tenant !== 'string' || typeof bucket !== 'string' || typeof sid !== 'string') return null;
    if (!IS_TENANT.test(tenant) || !IS_ID.test(bucket) || !IS_ID.test(sid)) return null;
    return { tenant, bucket, id: sid };
  } catch {
    return null;
  }
}
