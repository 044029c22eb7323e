/**
 * The bearer tokens of the local cloud. The local secrets are public, but the comparison takes constant time, because
 * readers may copy this code.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const SCHEME = 'bearer ';

/** Returns the token of an `Authorization: Bearer …` header, if there is one. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  return header.slice(SCHEME.length).trim();
}

/** Compares a presented token with the expected token. The duration reveals only whether the lengths differ. */
export function isToken(presented: string | undefined, expected: string): boolean {
  if (presented === undefined) return false;
  const a = Buffer.from(presented);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
