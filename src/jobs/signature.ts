/**
 * Who delivers? QStash signs each delivery with a compact JWT, bound to the URL it goes to (`sub`) and to the body by its
 * SHA-256. The official verifier takes any HMAC, binds the URL only if asked and compares texts; this one pins HS256,
 * wants the URL under which we are configured to be reached (a Host header is the sender's word), hashes the raw bytes
 * and compares in constant time. A replay within its five minutes is let through: the claim makes it harmless.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify } from 'jose';

/** What a delivery is checked against. */
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

/** Why a delivery is refused. Never quotes what was sent. */
export type Refusal = 'missing' | 'malformed' | 'key' | 'expired' | 'issuer' | 'url' | 'claims' | 'body';

/** Clocks of two services may differ by this much. */
const TOLERANCE_SECONDS = 60;

/** Checks a delivery; `null` if QStash sent it, with this body, to this URL. */
export async function refusalOf(proof: DeliveryProof): Promise<Refusal | null> {
  if (!proof.signature) return 'missing';
  let refusal: Refusal = 'key';
  for (const key of proof.keys) {
    const verdict = await verifyWith(key, proof.signature, proof);
    if (typeof verdict !== 'string') return sameHash(verdict.body, proof.body) ? null : 'body';
    refusal = verdict;
    // Another key changes nothing unless it was the key that did not fit.
    if (refusal !== 'key') break;
  }
  return refusal;
}

async function verifyWith(
  key: string,
  signature: string,
  { url, now }: DeliveryProof,
): Promise<Refusal | { body: unknown }> {
  try {
    const { payload } = await jwtVerify(signature, new TextEncoder().encode(key), {
      algorithms: ['HS256'],
      issuer: 'Upstash',
      subject: url,
      requiredClaims: ['exp', 'body'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    return { body: payload['body'] };
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

/** QStash writes the hash with padding, its SDK compares it without. */
function sameHash(claimed: unknown, body: Uint8Array): boolean {
  if (typeof claimed !== 'string') return false;
  const expected = Buffer.from(createHash('sha256').update(body).digest('base64url'));
  const given = Buffer.from(claimed.replace(/=+$/, ''));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
