/**
 * A browser's session token: `v1.<tenant>.<bucket>.<sid>.<secret>`. The first parts tell where the session is stored;
 * the secret proves that the bearer may use the session. Redis stores only the SHA-256 of the secret. A slow hash would
 * add no safety to 256 random bits.
 *
 * The form is strict: each token has one spelling. Base64url allows several spellings of the last bits, and code that
 * compares texts would treat two spellings of one token as two tokens.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';

/** The parts of a presented session token. Only the form has been checked. */
export interface PresentedSession {
  readonly tenant: string;
  readonly bucket: string;
  readonly sid: string;
  readonly secret: string;
}

/** The pattern of a tenant's name in tokens. */
export const TENANT = '[a-z0-9][a-z0-9-]{0,39}';
/** The pattern of 128 bits in base64url. The last character contains two of the bits. */
export const BITS_128 = '[\\w-]{21}[AQgw]';
/** The pattern of 256 bits in base64url. The last character contains four of the bits. */
export const BITS_256 = '[\\w-]{42}[AEIMQUYcgkosw048]';

const FORM = new RegExp(`^v1\\.(${TENANT})\\.(${BITS_128})\\.(${BITS_128})\\.(${BITS_256})$`);
const LONGEST = 200;
const NOBODY = Buffer.alloc(32);

/**
 * Reads a session token. Returns `null` for a text that does not have the form of a session token. Never throws; no
 * I/O.
 */
export function parseSessionToken(text: string): PresentedSession | null {
  if (text.length > LONGEST) return null;
  const [, tenant, bucket, sid, secret] = FORM.exec(text) ?? [];
  if (tenant === undefined || bucket === undefined || sid === undefined || secret === undefined) return null;
  return { tenant, bucket, sid, secret };
}

/** Writes a session token as text. */
export function formatSessionToken({ tenant, bucket, sid, secret }: PresentedSession): string {
  return `v1.${tenant}.${bucket}.${sid}.${secret}`;
}

/** Returns the stored form of a secret: the SHA-256 in base64url. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/**
 * Checks in constant time that a secret has this digest. If the digest is missing, the check takes the same time and
 * returns `false`.
 */
export function provesDigest(secret: string, digest: string | undefined): boolean {
  const presented = createHash('sha256').update(secret).digest();
  const kept = Buffer.from(digest ?? '', 'base64url');
  const known = kept.length === presented.length;
  return timingSafeEqual(presented, known ? kept : NOBODY) && known;
}
