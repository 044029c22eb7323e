/**
 * The challenge: the text in a cookie that ties a one-time code to the browser that requested the code. The form is
 * `c1.<key id>.<address and context>.<secret>`. The browser keeps the address, so that Redis need not store it. The
 * address cannot be replaced by another address, because a code's Redis keys and MAC are derived from the address.
 */
import { Buffer } from 'node:buffer';

/** The parts of a challenge. The browser holds them as one text. */
export interface Challenge {
  /** The id of the key that made the challenge, so that codes stay valid when keys change. */
  keyId: string;
  /** The address to prove. */
  identifier: string;
  /** The other data to which the code is tied, such as the tenant that the user named; `null` for none. */
  context: string | null;
  /** 128 random bits. */
  secret: string;
}

const FORM = /^c1\.([\w-]{1,32})\.([\w-]{1,1400})\.([\w-]{22,64})$/;

/** Writes a challenge for a cookie. */
export function formatChallenge(challenge: Challenge): string {
  const { keyId, secret } = challenge;
  return `c1.${keyId}.${Buffer.from(ownerOf(challenge)).toString('base64url')}.${secret}`;
}

/**
 * Reads a challenge. Returns `null` for a text that does not have the form of a challenge. Only Redis knows whether we
 * issued the challenge.
 */
export function parseChallenge(text: string): Challenge | null {
  const [, keyId, encoded = '', secret] = FORM.exec(text) ?? [];
  if (keyId === undefined || secret === undefined) return null;
  const [identifier, context] = listOf(Buffer.from(encoded, 'base64url').toString());
  if (typeof identifier !== 'string' || (typeof context !== 'string' && context !== null)) return null;
  const challenge = { keyId, identifier, context, secret };
  // Several texts decode to the same list; only the text that {@link formatChallenge} writes is accepted.
  return formatChallenge(challenge) === text ? challenge : null;
}

/** Returns address and context as one text. Redis keys and MACs are derived from this text. */
export function ownerOf({ identifier, context }: Pick<Challenge, 'identifier' | 'context'>): string {
  return JSON.stringify([identifier, context]);
}

function listOf(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.length === 2 ? list : [];
  } catch {
    return [];
  }
}
