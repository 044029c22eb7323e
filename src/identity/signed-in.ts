/**
 * How somebody gets in, once they have proven who they are. The session is made inside a transaction that holds the
 * account's row: whoever disables the account or changes its role or password waits until it stands, and then ends it;
 * or was first, and then it is not made. So no session outlives what it was made from.
 */
import type { Context } from 'hono';
import type { TransactionClient } from '../platform/db/index.ts';
import { type AppEnv, ProblemError, type TenantScope } from '../platform/http/index.ts';
import { enqueue } from '../platform/jobs/index.ts';
import { type Epochs, parseSessionToken, readSessionCookie } from '../platform/sessions/index.ts';
import { type Account, holdAccount } from './accounts.ts';
import { clearSignUpMark, setSession } from './cookies.ts';
import { mailWelcome } from './jobs.ts';
import { isOwnSignUp } from './own-sign-up.ts';

/** Who enters, how they have proven it, and what the browser or program wants to hold. */
export interface Entry {
  account: Account;
  /** Read before the proof was looked at. */
  epochs: Epochs;
  /** As in RFC 8176: `pwd`, `otp`. */
  methods: readonly string[];
  as: 'cookie' | 'tokens';
  /** Uses the proof up, in the transaction that lets the user in. It throws if the proof was used before. */
  spend?(db: TransactionClient): Promise<void>;
}

/**
 * Signs an account in and returns the answer. A code that proves the address for the first time ends what others set
 * before: the password, unless this browser signed the account up, and with it every session and token.
 * @throws {ProblemError} 401 if the account has changed since it was looked at, 409 if it has too many sessions.
 */
export async function signIn(c: Context<AppEnv>, { account, epochs, methods, as, spend }: Entry) {
  const scope = c.get('scope');
  const tenant = scope.tenant(account.tenantId);
  const now = scope.system.now();
  const holder = { userId: account.id, role: account.role, methods, userAgent: c.req.header('user-agent') };
  const replaces = as === 'cookie' ? await currentSession(c) : null;
  const ownSignUp = await isOwnSignUp(c, account);
  const proof = { readsMail: methods.includes('otp'), ownSignUp };

  const outcome = await tenant.commit(async (tx) => {
    const held = await holdAccount(tx.db, account, proof, now);
    if (!held) return { kind: 'gone' } as const;
    const { first, passwordEnded } = held;
    await spend?.(tx.db);
    // With its address proven the account needs no invitation, and none must be left that lets a finder in.
    if (first) await tx.db.invitation.deleteMany({ where: { tenantId: account.tenantId, userId: account.id } });
    // The id is the same for all who come in at once for the first time.
    if (first) await enqueue(tx, mailWelcome, { userId: account.id, passwordEnded }, { id: `welcome-${account.id}` });
    const current = first && !ownSignUp ? await endEverythingBefore(tenant, account.id) : epochs;
    const created =
      as === 'tokens'
        ? await tenant.tokens.issue(holder, current)
        : await tenant.sessions.create({ ...holder, replaces }, current);
    return { ...created, passwordEnded };
  });
  if (outcome.kind === 'gone') throw wrongCredentials();
  if (outcome.kind === 'cap') {
    throw new ProblemError(409, 'TOO_MANY_SESSIONS', 'You are signed in too often; end one of your sessions first');
  }
  scope.log.info('auth.signed_in', { tenant: account.tenantId, userId: account.id, methods, as });

  const { id, email, name, role } = account;
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

/** Ends the sessions and tokens of an account whose address was not proven when they were made, and starts its epochs. */
async function endEverythingBefore({ sessions }: TenantScope, userId: string): Promise<Epochs> {
  await sessions.revokeAll(userId);
  return sessions.readEpochs(userId);
}

/** Tokens in the names of RFC 6749, section 5.1. */
export function tokensAnswer(tokens: { accessToken: string; accessTokenMs: number; refreshToken: string }) {
  const { accessToken, accessTokenMs, refreshToken } = tokens;
  return { accessToken, tokenType: 'Bearer' as const, expiresIn: Math.floor(accessTokenMs / 1000), refreshToken };
}

/** The same answer whether there is no such account, it is disabled, or the proof is wrong (ASVS 6.3.8). */
export function wrongCredentials(): ProblemError {
  return new ProblemError(401, 'WRONG_CREDENTIALS', 'This is not how you sign in: check what you typed');
}

/** The session this browser has until now: a new one takes its place (ASVS 7.2.4). */
async function currentSession(c: Context<AppEnv>) {
  const presented = parseSessionToken(readSessionCookie(c.req.header('cookie')) ?? '');
  return presented && c.get('scope').tenant(presented.tenant).sessions.validate(presented);
}
