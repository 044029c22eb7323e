/**
 * A browser's session token: `v1.<tenant>.<bucket>.<sid>.<secret>`. All parts but the secret say where to look; the
 * secret proves the session. Redis keeps only its SHA-256: the secret has 256 bits, so a slow hash would add nothing.
 *
 * The form is strict, one spelling for each token: base64url leaves the last bits of a text open, and two texts for one
 * token would be two identities for code that compares texts.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';

/** A session token's parts, as presented: only the form has been checked. */
export interface PresentedSession {
  readonly tenant: string;
  readonly bucket: string;
  readonly sid: string;
  readonly secret: string;
}

/** A tenant as written in tokens. */
export const TENANT = '[a-z0-9][a-z0-9-]{0,39}';
/** 128 bits of base64url, of which the last character carries two. */
export const BITS_128 = '[\\w-]{21}[AQgw]';
/** 256 bits of base64url, of which the last character carries four. */
export const BITS_256 = '[\\w-]{42}[AEIMQUYcgkosw048]';

const FORM = new RegExp(`^v1\\.(${TENANT})\\.(${BITS_128})\\.(${BITS_128})\\.(${BITS_256})$`);
const LONGEST = 200;
const NOBODY = Buffer.alloc(32);

/** Reads a session token, or gives `null` for any text that is not one. Never throws; no I/O. */
export function parseSessionToken(text: string): PresentedSession | null {
  if (text.length > LONGEST) return null;
  const [, tenant, bucket, sid, secret] = FORM.exec(text) ?? [];
  if (tenant === undefined || bucket === undefined || sid === undefined || secret === undefined) return null;
  return { tenant, bucket, sid, secret };
}

/** Writes a session token. */
export function formatSessionToken({ tenant, bucket, sid, secret }: PresentedSession): string {
  return `v1.${tenant}.${bucket}.${sid}.${secret}`;
}

/** The stored form of a secret: its SHA-256, base64url. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether a secret has that digest, in constant time, also if there is no digest to compare it with. */
export function provesDigest(secret: string, digest: string | undefined): boolean {
  const presented = createHash('sha256').update(secret).digest();
  const kept = Buffer.from(digest ?? '', 'base64url');
  const known = kept.length === presented.length;
  return timingSafeEqual(presented, known ? kept : NOBODY) && known;
}
