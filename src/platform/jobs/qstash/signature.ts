/**
 * Verifies deliveries. QStash signs each delivery with a compact JWT, which contains the destination URL (`sub`) and
 * the SHA-256 of the body. The official verifier accepts any HMAC, checks the URL only on request, and compares texts.
 * This verifier accepts only HS256, requires the configured URL of this app (a Host header proves nothing), hashes the
 * raw bytes, and compares in constant time. It is synchronous: Web Crypto would add two turns of the event loop and two
 * jobs of a thread pool to the start of each job.
 *
 * A replay within five minutes has a valid signature, so the claim also checks the nonce of the delivery. QStash signs
 * every attempt separately, so redeliveries by QStash have new nonces.
 */
import { Buffer } from 'node:buffer';
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Refusal } from './refusals.ts';

/** The parts of a delivery, and the values to check the delivery against. */
export interface DeliveryProof {
  /** The header `Upstash-Signature`. */
  signature: string | undefined;
  /** The body, byte for byte. */
  body: Uint8Array;
  /** The URL to which QStash must have sent the delivery. */
  url: string;
  /** The signing keys: the current key, and the next key, which replaces the current key in a rotation. */
  keys: readonly string[];
  /** The current time, in ms since the epoch. */
  now: number;
}

/** The number of characters in a nonce; each character has 6 bits. */
export const NONCE_LENGTH = 8;

/** The largest accepted difference between the clocks of two services. */
const TOLERANCE_SECONDS = 60;

/** Checks that QStash sent this body to this URL. Returns the delivery's nonce, or the reason for a refusal. */
export function verifyDelivery(proof: DeliveryProof): Refusal | { nonce: string } {
  if (!proof.signature) return 'missing';
  let refusal: Refusal = 'key';
  for (const key of proof.keys) {
    const verdict = verifyWith(key, proof.signature, proof);
    if (typeof verdict !== 'string') {
      return sameHash(verdict['body'], proof.body) ? { nonce: nonceOf(verdict) } : 'body';
    }
    refusal = verdict;
    // The next key is tried only if the signature does not match this key.
    if (refusal !== 'key') break;
  }
  return refusal;
}

function verifyWith(key: string, signature: string, { url, now }: DeliveryProof): Refusal | JWTPayload {
  const parts = signature.split('.');
  const [header = '', payload = '', mac = ''] = parts;
  try {
    if (parts.length !== 3 || !isAccepted(header, signature)) return 'malformed';
    const expected = createHmac('sha256', secretOf(key)).update(`${header}.${payload}`).digest();
    const given = Buffer.from(mac, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'key';
    const claims = decodeJwt(signature);
    return refusalOf(claims, url, now / 1_000) ?? claims;
  } catch {
    return 'malformed';
  }
}

/** The last accepted header, still encoded: QStash sends the same header with every delivery. */
let acceptedHeader: string | undefined;

/** Returns whether the header of a token names HS256 and no extension. */
function isAccepted(header: string, token: string): boolean {
  if (header === acceptedHeader) return true;
  const { alg, crit } = decodeProtectedHeader(token);
  if (alg !== 'HS256' || crit !== undefined) return false;
  acceptedHeader = header;
  return true;
}

/** The signing keys in the form of the library: the current and the next one, and those of a rotation before. */
const secrets = new Map<string, KeyObject>();
const MOST_SECRETS = 4;

function secretOf(key: string): KeyObject {
  const secret = secrets.get(key) ?? createSecretKey(key, 'utf8');
  if (!secrets.has(key)) {
    if (secrets.size >= MOST_SECRETS) secrets.clear();
    secrets.set(key, secret);
  }
  return secret;
}

/** Returns the first reason to refuse signed claims at a time in seconds, or `null` (RFC 7519, section 4.1). */
function refusalOf({ iss, sub, exp, nbf, body }: JWTPayload, url: string, seconds: number): Refusal | null {
  if (iss !== 'Upstash') return 'issuer';
  if (sub !== url) return 'url';
  if (typeof exp !== 'number' || body === undefined) return 'claims';
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= seconds + TOLERANCE_SECONDS)) return 'claims';
  return exp <= seconds - TOLERANCE_SECONDS ? 'expired' : null;
}

/**
 * Returns a short text that identifies a delivery; the job's record stores it. The text is a hash of the token's
 * claims, not of the token, because the same claims can be written as different tokens. If two deliveries of a job
 * happened to have the same nonce, the second delivery would be refused and QStash would retry it, so no harm is done.
 */
function nonceOf({ jti, iat }: JWTPayload): string {
  return jti === undefined
    ? ''
    : createHash('sha256').update(`${jti} ${iat}`).digest('base64url').slice(0, NONCE_LENGTH);
}

/** Compares the claimed hash with the body's hash. QStash pads the hash, and the comparison ignores the padding. */
function sameHash(claimed: unknown, body: Uint8Array): boolean {
  if (typeof claimed !== 'string') return false;
  const expected = Buffer.from(createHash('sha256').update(body).digest('base64url'));
  const given = Buffer.from(claimed.replace(/=+$/, ''));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
