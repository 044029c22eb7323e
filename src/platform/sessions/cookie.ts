/**
 * The session's cookie. Its name begins with `__Host-`, so browsers accept the cookie only over TLS and only from this
 * host: no other subdomain can plant a cookie (RFC 6265bis, section 4.1.3.2). An answer that sets the cookie must also
 * send `Cache-Control: no-store`.
 *
 * If a request has an unknown or ended session, the answer should not clear the cookie. Another tab may just have
 * received the successor of the session, and clearing the cookie would sign this tab out. Clear the cookie on sign-out.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { SessionError } from './errors.ts';

/** The cookie's name. */
export const SESSION_COOKIE = '__Host-session';

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
/** The largest size of name and value together, in bytes (RFC 6265, section 6.1; ASVS 3.3.5). */
const LARGEST = 4096;

/**
 * Returns a `Set-Cookie` header with a session token.
 * @param maxAge how long the browser keeps the cookie. Default: until the browser is closed, as OWASP advises.
 * @throws {SessionError} `SESSION_CONFIG` if the token cannot be the value of a cookie.
 */
export function serializeSessionCookie(token: string, maxAge?: Duration): string {
  if (!/^[\w.-]+$/.test(token) || SESSION_COOKIE.length + token.length > LARGEST) {
    throw new SessionError('SESSION_CONFIG', 'This cannot be the value of a session cookie');
  }
  const age = maxAge === undefined ? '' : `; Max-Age=${Math.floor(milliseconds(maxAge) / 1000)}`;
  return `${SESSION_COOKIE}=${token}; ${ATTRIBUTES}${age}`;
}

/** Returns a `Set-Cookie` header that makes the browser delete the token. */
export function clearSessionCookie(): string {
  return `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;
}

/**
 * Reads the session token of a `Cookie` header. Returns `null` if the header has no session cookie or two session
 * cookies. Of two cookies, one was planted, and the order of cookies must not decide. Never throws.
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
