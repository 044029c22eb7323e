/**
 * The signature of a delivery: a compact JWT in `Upstash-Signature`, HS256 over the UTF-8 bytes of the signing key, bound
 * to the destination URL (`sub`) and to the body by its SHA-256.
 */
import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';

const LIFETIME_SECONDS = 300;

/** The two keys of an account: QStash signs with the current one, and `next` replaces it at a rotation. */
export interface SigningKeys {
  current: string;
  next: string;
}

/** The input of a signature. */
export interface SignatureInput {
  key: string;
  url: string;
  body: Buffer;
  /** Milliseconds since the epoch. */
  now: number;
  id: string;
}

/** Signs a delivery. */
export function signDelivery({ key, url, body, now, id }: SignatureInput): Promise<string> {
  const issuedAt = Math.floor(now / 1_000);
  return (
    new SignJWT({ body: bodyHash(body) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('Upstash')
      .setSubject(url)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      // QStash sends 0 so that a receiver whose clock is behind still accepts.
      .setNotBefore(0)
      .setJti(`jwt_${id}`)
      .sign(new TextEncoder().encode(key))
  );
}

/** base64url with its padding, as QStash writes it. */
function bodyHash(body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('base64url');
  return hash.padEnd(Math.ceil(hash.length / 4) * 4, '=');
}
