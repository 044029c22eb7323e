/**
 * Which browser signed an account up. A sign-up sets a password before the address is proven, and any stranger can sign
 * any address up; so the password outlives the first proof of the address only in the browser that set it. That
 * browser holds a sealed mark with the account's id, also if it asks for another code.
 */
import type { Context } from 'hono';
import type { AppEnv } from '../platform/http/index.ts';
import type { Account } from './accounts.ts';
import { setSignUpMark, signUpMarkOf } from './cookies.ts';

/** As much of an account as names it. */
type AccountName = Pick<Account, 'tenantId' | 'id'>;

/** How long the mark counts, in ms: a few codes long. After that a new password is set with the code. */
const LIFE_MS = 3_600_000;
const MARK = ['sign-up-mark'];

/** Marks this browser as the one that signed the account up. */
export async function markSignUp(c: Context<AppEnv>, { tenantId, id }: AccountName): Promise<void> {
  const { authSealer, system } = c.get('scope');
  const mark = await authSealer.seal(JSON.stringify([tenantId, id, system.now() + LIFE_MS]), MARK);
  setSignUpMark(c, mark, LIFE_MS);
}

/** Whether this browser signed the account up, within the last hour. */
export async function isOwnSignUp(c: Context<AppEnv>, account: AccountName): Promise<boolean> {
  const { authSealer, system } = c.get('scope');
  const text = await authSealer.open(signUpMarkOf(c) ?? '', MARK);
  if (text === null) return false;
  const [tenantId, id, until] = JSON.parse(text) as [string, string, number]; // Sealed by us alone.
  return tenantId === account.tenantId && id === account.id && system.now() < until;
}
