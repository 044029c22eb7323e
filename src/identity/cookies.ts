/**
 * The cookies of sign-in: the session, the challenge of a requested code, a mark in the browser of a sign-up, and a
 * sign-in that waits for its second factor.
 */
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { AppEnv } from '../platform/http/index.ts';
import { clearSessionCookie, serializeSessionCookie } from '../platform/sessions/index.ts';

/** The name without its prefix: Hono adds `__Host-` and the attributes that browsers require with this prefix. */
const CHALLENGE = 'challenge';
const SIGN_UP = 'sign-up';
const PENDING = 'pending';
const secretAttributes = { prefix: 'host', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' } as const;

/** Sets the session cookie. No cache may store the answer (ASVS 14.3.2). */
export function setSession(c: Context<AppEnv>, token: string): void {
  c.header('set-cookie', serializeSessionCookie(token), { append: true });
  c.header('cache-control', 'no-store');
}

/** Clears the session cookie and the browser's cached answers of this site (ASVS 14.3.1). */
export function clearSession(c: Context<AppEnv>): void {
  c.header('set-cookie', clearSessionCookie(), { append: true });
  c.header('clear-site-data', '"cache", "cookies", "storage"');
  c.header('cache-control', 'no-store');
}

/** Sets the challenge of a requested code. */
export function setChallenge(c: Context<AppEnv>, challenge: string, lifeMs: number): void {
  setCookie(c, CHALLENGE, challenge, { ...secretAttributes, maxAge: Math.floor(lifeMs / 1000) });
  c.header('cache-control', 'no-store');
}

/** Clears the challenge after its code has been used. */
export function clearChallenge(c: Context<AppEnv>): void {
  setCookie(c, CHALLENGE, '', { ...secretAttributes, maxAge: 0 });
}

/** Reads the challenge that this browser holds. */
export function challengeOf(c: Context<AppEnv>): string | undefined {
  return getCookie(c, CHALLENGE, 'host');
}

/** Sets a mark in the browser that made the sign-up. */
export function setSignUpMark(c: Context<AppEnv>, mark: string, lifeMs: number): void {
  setCookie(c, SIGN_UP, mark, { ...secretAttributes, maxAge: Math.floor(lifeMs / 1000) });
}

/** Clears the mark when the address of the sign-up is proven. */
export function clearSignUpMark(c: Context<AppEnv>): void {
  setCookie(c, SIGN_UP, '', { ...secretAttributes, maxAge: 0 });
}

/** Reads the mark of the last sign-up in this browser. */
export function signUpMarkOf(c: Context<AppEnv>): string | undefined {
  return getCookie(c, SIGN_UP, 'host');
}

/** Sets a sign-in that waits for its second factor. */
export function setPending(c: Context<AppEnv>, pending: string, lifeMs: number): void {
  setCookie(c, PENDING, pending, { ...secretAttributes, maxAge: Math.floor(lifeMs / 1000) });
  c.header('cache-control', 'no-store');
}

/** Clears the sign-in that waits, after its end. */
export function clearPending(c: Context<AppEnv>): void {
  setCookie(c, PENDING, '', { ...secretAttributes, maxAge: 0 });
}

/** Reads the sign-in that waits in this browser. */
export function pendingOf(c: Context<AppEnv>): string | undefined {
  return getCookie(c, PENDING, 'host');
}
