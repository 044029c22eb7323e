/**
 * An API client's refresh token: `r1.<tenant>.<bucket>.<family>.<generation>.<secret>.<mac>`. The MAC covers all
 * other parts, so that we recognize every token that we issued without storing old tokens. A token of an old
 * generation with a right MAC is a replay. A token with a wrong MAC is ignored, so no guess can sign users out.
 */
import { Buffer } from 'node:buffer';
import { hkdfSync } from 'node:crypto';
import { createSealer, type RedisKey, type Sealer } from '../redis/index.ts';
import type { AuthKeys } from './keys.ts';
import { BITS_128, BITS_256, TENANT } from './token.ts';

/** The parts of a presented refresh token. Only the form has been checked. */
export interface PresentedRefreshToken {
  readonly tenant: string;
  readonly bucket: string;
  readonly family: string;
  readonly generation: number;
  readonly secret: string;
  readonly mac: string;
}

const FORM = new RegExp(
  `^r1\\.(${TENANT})\\.(${BITS_128})\\.(${BITS_128})\\.([1-9]\\d{0,8})\\.(${BITS_256})\\.(${BITS_256})$`,
);
const LONGEST = 300;

/**
 * Reads a refresh token. Returns `null` for a text that does not have the form of a refresh token. Never throws; no
 * I/O.
 */
export function parseRefreshToken(text: string): PresentedRefreshToken | null {
  if (text.length > LONGEST) return null;
  const [, tenant = '', bucket = '', family = '', generation = '', secret = '', mac = ''] = FORM.exec(text) ?? [];
  return mac === '' ? null : { tenant, bucket, family, generation: Number(generation), secret, mac };
}

/** Writes a refresh token as text, with its MAC. */
export function formatRefreshToken(keys: AuthKeys, token: Omit<PresentedRefreshToken, 'mac'>): string {
  const text = signedPart(token);
  return `${text}.${keys.hmac('refresh', text).mac}`;
}

/** Checks that we issued this token, with any key of `AUTH_KEYS`. */
export function isGenuine(keys: AuthKeys, token: PresentedRefreshToken): boolean {
  const text = signedPart(token);
  return keys.ids.some((keyId) => keys.verifyHmac('refresh', keyId, text, token.mac));
}

function signedPart({ tenant, bucket, family, generation, secret }: Omit<PresentedRefreshToken, 'mac'>): string {
  return `r1.${tenant}.${bucket}.${family}.${generation}.${secret}`;
}

/**
 * Creates a sealer for the successor of a token: only a caller with the token can open the successor. The key of the
 * sealer is derived from the token's secret, and Redis has only the digest of this secret.
 */
export function successorSealer({ secret }: PresentedRefreshToken): Sealer {
  const bytes = hkdfSync('sha256', secret, '', 'holdfast:refresh:successor', 32);
  return createSealer({ keys: { t: Buffer.from(bytes).toString('base64') }, current: 't' });
}

/** Returns the context to which the seal of a successor is bound. */
export function successorContext(hash: RedisKey, { family, generation }: PresentedRefreshToken): string[] {
  return ['refresh', hash, family, String(generation + 1)];
}
