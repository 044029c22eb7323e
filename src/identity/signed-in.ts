/**
 * Signs a user in after the proof of identity. The session is created inside a transaction that locks the account's
 * row. Another write may disable the account, or change its role or password. Such a write either waits for the lock
 * and then ends the new session, or commits first, and then no session is created. So no session outlives the state of
 * the account for which it was created.
 */
import type { Context } from 'hono';
import type { Transaction } from '../platform/db/index.ts';
import { type AppEnv, ProblemError, type TenantScope } from '../platform/http/index.ts';
import { enqueue } from '../platform/jobs/index.ts';
import { type Epochs, parseSessionToken, readSessionCookie } from '../platform/sessions/index.ts';
import { type Account, holdAccount } from './accounts.ts';
import { clearSignUpMark, setSession } from './cookies.ts';
import { askForFactor } from './factors/pending.ts';
import { mailWelcome } from './jobs.ts';
import { isOwnSignUp } from './own-sign-up.ts';

/** The account, the methods of proof, and the kind of credentials that the browser or program wants. */
export interface Entry {
  account: Account;
  /** The epochs, which were read before the proof was checked. */
  epochs: Epochs;
  /**
   * The methods of proof: `pwd` and `otp` (RFC 8176; here a mailed code), and those of a second factor: `totp`, `recovery`
   * and `hwk`, a passkey. A code of an app is no `otp`, because it proves no address.
   */
  methods: readonly string[];
  as: 'cookie' | 'tokens';
  /** Marks the proof as used, in the transaction of the sign-in. Throws if the proof was used before. */
  spend?(tx: Transaction): Promise<void>;
  /** `true` if `spend` proves the account's second factor. */
  provesFactor?: boolean;
}

/**
 * Signs a user in and returns the answer. If this is the first proof of the address, the password, all sessions and
 * all tokens are removed, because they may belong to a stranger. If this browser made the sign-up, nothing is removed.
 *
 * If the account has a second factor that the entry does not prove, no session is created, and the answer asks for it.
 * @throws {ProblemError} 401 if the account has changed since the check, 403 `SECOND_FACTOR_NEEDED`, 409 if the user has
 *   too many sessions.
 */
export async function signIn(c: Context<AppEnv>, entry: Entry) {
  const { account, epochs, methods, as, spend, provesFactor = false } = entry;
  const scope = c.get('scope');
  const tenant = scope.tenant(account.tenantId);
  const now = scope.system.now();
  const { id: userId, role } = account;
  const holder = { userId, role, methods, provesFactor, userAgent: c.req.header('user-agent') };
  const replaces = as === 'cookie' ? await currentSession(c) : null;
  const ownSignUp = await isOwnSignUp(c, account);
  const proof = { readsMail: methods.includes('otp'), ownSignUp };

  const outcome = await tenant.commit(async (tx) => {
    const held = await holdAccount(tx.db, account, proof, now);
    if (!held) return { kind: 'gone' } as const;
    const { first, passwordEnded } = held;
    await spend?.(tx);
    // An account with a proven address needs no invitation. An invitation that stayed valid could be misused.
    if (first) await tx.db.invitation.deleteMany({ where: { tenantId: account.tenantId, userId: account.id } });
    // The job has a fixed id, so that concurrent first sign-ins send one mail.
    if (first) await enqueue(tx, mailWelcome, { userId: account.id, passwordEnded }, { id: `welcome-${account.id}` });
    const current = first && !ownSignUp ? await endEverythingBefore(tenant, account.id) : epochs;
    if (held.hasFactor && !provesFactor) return { kind: 'factor' } as const;
    const created =
      as === 'tokens'
        ? await tenant.tokens.issue(holder, current)
        : await tenant.sessions.create({ ...holder, replaces }, current);
    return { ...created, passwordEnded };
  });
  if (outcome.kind === 'gone') throw wrongCredentials();
  if (outcome.kind === 'factor') throw await askForFactor(c, entry);
  if (outcome.kind === 'cap') {
    throw new ProblemError(409, 'TOO_MANY_SESSIONS', 'You have too many sessions; end one of them first');
  }
  scope.log.info('auth.signed_in', { tenant: account.tenantId, userId: account.id, methods, as });

  const { id, email, name } = account;
  const identity = {
    tenant: account.tenantId,
    user: { id, email, name, role },
    ...(outcome.passwordEnded ? { passwordEnded: true as const } : {}),
  };
  if (ownSignUp) clearSignUpMark(c);
  if ('session' in outcome) {
    setSession(c, outcome.token);
    return { ...identity, expiresAt: new Date(outcome.session.expiresAt).toISOString() };
  }
  c.header('cache-control', 'no-store');
  return { ...identity, ...tokensAnswer(outcome.tokens) };
}

/** Ends the sessions and tokens created before the address was proven, and starts new epochs. */
async function endEverythingBefore({ sessions }: TenantScope, userId: string): Promise<Epochs> {
  await sessions.revokeAll(userId);
  return sessions.readEpochs(userId);
}

/** Returns tokens with the field names of RFC 6749, section 5.1. */
export function tokensAnswer(tokens: { accessToken: string; accessTokenMs: number; refreshToken: string }) {
  const { accessToken, accessTokenMs, refreshToken } = tokens;
  return { accessToken, tokenType: 'Bearer' as const, expiresIn: Math.floor(accessTokenMs / 1000), refreshToken };
}

/** Returns the same error for an account that does not exist, a disabled account and a wrong proof (ASVS 6.3.8). */
export function wrongCredentials(): ProblemError {
  return new ProblemError(401, 'WRONG_CREDENTIALS', 'Wrong e-mail address or password');
}

/** Reads the browser's current session, which the new session replaces (ASVS 7.2.4). */
async function currentSession(c: Context<AppEnv>) {
  const presented = parseSessionToken(readSessionCookie(c.req.header('cookie')) ?? '');
  return presented && c.get('scope').tenant(presented.tenant).sessions.validate(presented);
}
