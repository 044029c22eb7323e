/**
 * The signature of a delivery: a compact JWT in the header `Upstash-Signature`. It is signed with HS256, whose key is
 * the signing key in UTF-8. The JWT contains the destination URL (`sub`) and the SHA-256 of the body.
 */
import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';

const LIFETIME_SECONDS = 300;

/** The two keys of an account: QStash signs with `current`, and a rotation replaces `current` with `next`. */
export interface SigningKeys {
  current: string;
  next: string;
}

/** The input of a signature. */
export interface SignatureInput {
  key: string;
  url: string;
  body: Buffer;
  /** The time of signing, in ms since the epoch. */
  now: number;
  id: string;
}

/** Signs a delivery and returns the JWT. */
export function signDelivery({ key, url, body, now, id }: SignatureInput): Promise<string> {
  const issuedAt = Math.floor(now / 1_000);
  return (
    new SignJWT({ body: bodyHash(body) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('Upstash')
      .setSubject(url)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      // QStash sends 0. So a receiver whose clock is behind still accepts the signature.
      .setNotBefore(0)
      .setJti(`jwt_${id}`)
      .sign(new TextEncoder().encode(key))
  );
}

/** Returns the SHA-256 of a body as base64url with padding, the form that QStash sends. */
function bodyHash(body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('base64url');
  return hash.padEnd(Math.ceil(hash.length / 4) * 4, '=');
}
