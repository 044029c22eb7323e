/**
 * A sign-in that waits for its second factor. The first proof creates no session: the service seals the proven identity
 * under a key of AUTH_KEYS and gives it to the caller for five minutes. The sealed value has the epochs that were read
 * before the first proof. So if the user's sessions are ended in between, the sign-in cannot be completed.
 */
import type { Context } from 'hono';
import { type AppEnv, ProblemError } from '../../platform/http/index.ts';
import type { Epochs } from '../../platform/sessions/index.ts';
import type { Account } from '../accounts.ts';
import { pendingOf, setPending } from '../cookies.ts';

/** How long a sign-in waits for its second factor, in ms. */
const LIFE_MS = 5 * 60_000;
const CONTEXT = ['pending-sign-in'];

/** The sealed content. */
interface Pending {
  tenantId: string;
  userId: string;
  methods: readonly string[];
  epochs: Epochs;
  as: 'cookie' | 'tokens';
  /** When the sign-in began, in ms since the epoch. */
  at: number;
  /** The id of the sign-in, to which the challenge of a passkey is bound. */
  id: string;
}

/** A first proof that was accepted. */
interface FirstProof extends Pick<Pending, 'methods' | 'epochs' | 'as'> {
  account: Account;
}

/** Gives the caller a sign-in that waits, and returns the problem that asks for the second factor. */
export async function askForFactor(
  c: Context<AppEnv>,
  { account, methods, epochs, as }: FirstProof,
): Promise<ProblemError> {
  const { authSealer, system } = c.get('scope');
  const waiting: Pending = {
    ...{ tenantId: account.tenantId, userId: account.id },
    ...{ methods, epochs, as, at: system.now(), id: system.token() },
  };
  const pending = await authSealer.seal(JSON.stringify(waiting), CONTEXT);
  if (as === 'cookie') setPending(c, pending, LIFE_MS);
  const detail = 'Prove your second factor at /auth/factor within five minutes';
  return new ProblemError(403, 'SECOND_FACTOR_NEEDED', detail, {
    headers: { 'cache-control': 'no-store' },
    members: as === 'tokens' ? { pending } : {},
  });
}

/**
 * Opens a sign-in that waits.
 * @param given the sealed sign-in of a program. A browser sends it as a cookie.
 * @throws {ProblemError} 401 `SIGN_IN_OVER` if no sign-in waits, or its five minutes are over.
 */
export async function openPending(c: Context<AppEnv>, given?: string): Promise<Pending> {
  const { authSealer, system } = c.get('scope');
  const text = await authSealer.open(given ?? pendingOf(c) ?? '', CONTEXT);
  if (text === null) throw signInOver();
  const pending = JSON.parse(text) as Pending; // Only this file seals these values.
  if (pending.at + LIFE_MS <= system.now()) throw signInOver();
  return pending;
}

/** Returns the error for a sign-in that was completed or has ended. */
export function signInOver(): ProblemError {
  return new ProblemError(401, 'SIGN_IN_OVER', 'This sign-in has ended: sign in again');
}
