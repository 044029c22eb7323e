/**
 * Recognises the browser that made a sign-up. A sign-up sets a password before the address is proven, and any stranger
 * can sign up with any address. So the first proof of the address removes the password, except in the browser that set
 * the password. This browser holds a sealed mark with the account's id, and keeps the mark when the user requests
 * another code.
 */
import type { Context } from 'hono';
import type { AppEnv } from '../platform/http/index.ts';
import type { Account } from './accounts.ts';
import { setSignUpMark, signUpMarkOf } from './cookies.ts';

/** The identifiers of an account. */
type AccountName = Pick<Account, 'tenantId' | 'id'>;

/** How long the mark is valid, in ms: time for a few codes. If the code comes later, the user sets a new password. */
const LIFE_MS = 3_600_000;
const MARK = ['sign-up-mark'];

/** Marks this browser as the browser that made the sign-up. */
export async function markSignUp(c: Context<AppEnv>, { tenantId, id }: AccountName): Promise<void> {
  const { authSealer, system } = c.get('scope');
  const mark = await authSealer.seal(JSON.stringify([tenantId, id, system.now() + LIFE_MS]), MARK);
  setSignUpMark(c, mark, LIFE_MS);
}

/** Returns whether this browser made the sign-up within the last hour. */
export async function isOwnSignUp(c: Context<AppEnv>, account: AccountName): Promise<boolean> {
  const { authSealer, system } = c.get('scope');
  const text = await authSealer.open(signUpMarkOf(c) ?? '', MARK);
  if (text === null) return false;
  const [tenantId, id, until] = JSON.parse(text) as [string, string, number]; // Only this file seals marks.
  return tenantId === account.tenantId && id === account.id && system.now() < until;
}
