/**
 * Bearer tokens of the local cloud, compared in constant time: the local secrets are public, but readers may take
 * this code as an example.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const SCHEME = 'bearer ';

/** The token of an `Authorization: Bearer …` header, if there is one. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  return header.slice(SCHEME.length).trim();
}

/** Whether a presented token is the expected one; its duration reveals only whether the lengths differ. */
export function isToken(presented: string | undefined, expected: string): boolean {
  if (presented === undefined) return false;
  const a = Buffer.from(presented);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
