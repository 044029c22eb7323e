/**
 * Verifies deliveries. QStash signs each with a compact JWT, bound to the URL it goes to (`sub`) and to the body by its
 * SHA-256. The official verifier takes any HMAC, binds the URL only if asked and compares texts; this one pins HS256,
 * wants the URL under which we are configured to be reached (a Host header is the sender's word), hashes the raw bytes
 * and compares in constant time. A delivery replayed within its five minutes has a valid signature; the claim knows its
 * nonce. QStash signs every attempt separately, so its own redeliveries have other nonces.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Refusal } from './refusals.ts';

/** The values that a delivery is checked against. */
export interface DeliveryProof {
  /** The header `Upstash-Signature`. */
  signature: string | undefined;
  /** The body, byte for byte. */
  body: Uint8Array;
  /** Where it must have been sent to. */
  url: string;
  /** Signing keys: the current one, and the one that follows it at a rotation. */
  keys: readonly string[];
  /** Ms since the epoch. */
  now: number;
}

/** Letters of a nonce, of 6 bits each. */
export const NONCE_LENGTH = 8;

/** Clocks of two services may differ by this much. */
const TOLERANCE_SECONDS = 60;

/** Checks that QStash sent a delivery, with this body, to this URL; says why not, or gives its nonce. */
export async function verifyDelivery(proof: DeliveryProof): Promise<Refusal | { nonce: string }> {
  if (!proof.signature) return 'missing';
  let refusal: Refusal = 'key';
  for (const key of proof.keys) {
    const verdict = await verifyWith(key, proof.signature, proof);
    if (typeof verdict !== 'string') {
      return sameHash(verdict['body'], proof.body) ? { nonce: nonceOf(verdict) } : 'body';
    }
    refusal = verdict;
    // Try the other key only if the first one did not match.
    if (refusal !== 'key') break;
  }
  return refusal;
}

async function verifyWith(key: string, signature: string, { url, now }: DeliveryProof): Promise<Refusal | JWTPayload> {
  try {
    const { payload } = await jwtVerify(signature, new TextEncoder().encode(key), {
      algorithms: ['HS256'],
      issuer: 'Upstash',
      subject: url,
      requiredClaims: ['exp', 'body'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    return refusalFor(error);
  }
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'key';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'sub') return 'url';
    return error.claim === 'iss' ? 'issuer' : 'claims';
  }
  return 'malformed';
}

/**
 * Tells a delivery from every other one, in few bytes, as the record keeps it. By its claims: other writings of the same
 * token would have other texts. Two deliveries of one job with the same nonce would do no harm; QStash would try again.
 */
function nonceOf({ jti, iat }: JWTPayload): string {
  return jti === undefined
    ? ''
    : createHash('sha256').update(`${jti} ${iat}`).digest('base64url').slice(0, NONCE_LENGTH);
}

/** QStash writes the hash with padding, its SDK compares it without. */
function sameHash(claimed: unknown, body: Uint8Array): boolean {
  if (typeof claimed !== 'string') return false;
  const expected = Buffer.from(createHash('sha256').update(body).digest('base64url'));
  const given = Buffer.from(claimed.replace(/=+$/, ''));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
