/**
 * The signature of a delivery: a compact JWT in the header `Upstash-Signature`. It is signed with HS256, whose key is
 * the signing key in UTF-8. The JWT contains the destination URL (`sub`) and the SHA-256 of the body.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const LIFETIME_SECONDS = 300;
const HEADER = base64url({ alg: 'HS256', typ: 'JWT' });

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

/** Signs a delivery and returns the JWT. Synchronous, because Web Crypto would cost each delivery several turns. */
export function signDelivery({ key, url, body, now, id }: SignatureInput): string {
  const issuedAt = Math.floor(now / 1_000);
  const claims = {
    body: bodyHash(body),
    iss: 'Upstash',
    sub: url,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
    // QStash sends 0. So a receiver whose clock is behind still accepts the signature.
    nbf: 0,
    jti: `jwt_${id}`,
  };
  const signed = `${HEADER}.${base64url(claims)}`;
  return `${signed}.${createHmac('sha256', secretOf(key)).update(signed).digest('base64url')}`;
}

/** The last signing key in the form of the library. */
let secret: { text: string; key: KeyObject } | undefined;

function secretOf(text: string): KeyObject {
  if (secret?.text !== text) secret = { text, key: createSecretKey(text, 'utf8') };
  return secret.key;
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Returns the SHA-256 of a body as base64url with padding, the form that QStash sends. */
function bodyHash(body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('base64url');
  return hash.padEnd(Math.ceil(hash.length / 4) * 4, '=');
}
