/**
 * The challenge: the text in a cookie that ties a one-time code to the browser that asked for it. It is
 * `c1.<key id>.<address and context>.<secret>`. The address travels with the browser, which keeps it out of Redis; it
 * cannot be exchanged for another, because the keys and the MAC of a code are made of it.
 */
import { Buffer } from 'node:buffer';

/** A challenge as the browser holds it. */
export interface Challenge {
  /** Stays with the challenge, so that a change of keys ends no code. */
  keyId: string;
  /** The address that is to be proven. */
  identifier: string;
  /** Further parts of the browser's request, such as a tenant. */
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

/** Reads a challenge; `null` for a text of another form. Only Redis knows whether the challenge is one of ours. */
export function parseChallenge(text: string): Challenge | null {
  const [, keyId, encoded = '', secret] = FORM.exec(text) ?? [];
  if (keyId === undefined || secret === undefined) return null;
  const [identifier, context] = listOf(Buffer.from(encoded, 'base64url').toString());
  if (typeof identifier !== 'string' || (typeof context !== 'string' && context !== null)) return null;
  const challenge = { keyId, identifier, context, secret };
  // Several texts mean the same list, and only one of them is ours.
  return formatChallenge(challenge) === text ? challenge : null;
}

/** Address and context as one text, of which keys and MACs are made. */
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
