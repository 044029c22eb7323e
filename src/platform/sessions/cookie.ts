/**
 * The session's cookie. Its name begins with `__Host-`, so that browsers take it only over TLS, for this very host and
 * the whole of it: no sister domain can plant one (RFC 6265bis, section 4.1.3.2). An answer that sets the cookie must
 * also send `Cache-Control: no-store`.
 *
 * An answer to a session that is not known (any more) should leave the cookie alone: another tab may just have been
 * given its successor, and clearing it would end that. Clear it on sign-out.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { SessionError } from './errors.ts';

/** The cookie's name. */
export const SESSION_COOKIE = '__Host-session';

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
/** Name and value together, in bytes (RFC 6265, section 6.1; ASVS 3.3.5). */
const LARGEST = 4096;

/**
 * A `Set-Cookie` header that hands over a session token.
 * @param maxAge how long the browser keeps it. Default: until it is closed, as OWASP advises.
 * @throws {SessionError} `SESSION_CONFIG` if the value could not be a cookie's.
 */
export function serializeSessionCookie(token: string, maxAge?: Duration): string {
  if (!/^[\w.-]+$/.test(token) || SESSION_COOKIE.length + token.length > LARGEST) {
    throw new SessionError('SESSION_CONFIG', 'This cannot be the value of a session cookie');
  }
  const age = maxAge === undefined ? '' : `; Max-Age=${Math.floor(milliseconds(maxAge) / 1000)}`;
  return `${SESSION_COOKIE}=${token}; ${ATTRIBUTES}${age}`;
}

/** A `Set-Cookie` header that makes the browser forget the token. */
export function clearSessionCookie(): string {
  return `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;
}

/**
 * The session token in a `Cookie` header, or `null`. Two cookies of that name also give `null`: one of them was
 * planted, and the choice must not depend on their order. Never throws.
 */
export function readSessionCookie(header: string | null | undefined): string | null {
  let found: string | null = null;
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1 || pair.slice(0, equals).trimStart() !== SESSION_COOKIE) continue;
    if (found !== null) return null;
    found = pair.slice(equals + 1);
  }
  return found === '' ? null : found;
}
