/**
 * Two of the ways to sign in: with a password and with a mailed code. The third way, an invitation, is in
 * `invitation.ts`. The JSON routes and the pages call the same functions, so a way has the same limits and checks over
 * JSON and on the pages.
 */
import type { Context } from 'hono';
import { type AppEnv, enforceLimits, ProblemError, subjectOf } from '../platform/http/index.ts';
import { type PasswordCost, verifyAbsent, verifyPassword } from '../platform/passwords/index.ts';
import { type Account, chooseAccount, findAccounts } from './accounts.ts';
import { type CodeOwner, checkCode, sendCode } from './codes.ts';
import { clearChallenge } from './cookies.ts';
import { NOBODY } from './jobs.ts';
import { codeRules, signInRules, verifyRules } from './rules.ts';
import { type Entry, signIn, wrongCredentials } from './signed-in.ts';

/** The input of a sign-in with a password. */
export interface PasswordSignIn {
  email: string;
  password: string;
  tenant?: string | undefined;
  as: Entry['as'];
}

/**
 * Signs in with a password.
 * @throws {ProblemError} 401 if the password is wrong. 403 `ADDRESS_NOT_VERIFIED` if the address is not proven yet;
 * then a code is mailed, and this browser gets the challenge of the code. 429 and 503 by the limits, and the errors of
 * {@link signIn}.
 */
export async function signInByPassword(c: Context<AppEnv>, { email, password, tenant, as }: PasswordSignIn) {
  const scope = c.get('scope');
  await enforceLimits(c, signInRules, subjectOf(c, { account: scope.addressDigest(email) }));
  const client = await scope.database.client();
  const accounts = await findAccounts(client, email, tenant);
  // Epochs are read even if the address has no account. So neither the timing nor `Server-Timing` shows whether an
  // account exists.
  const owners = accounts.length > 0 ? accounts : [{ tenantId: tenant ?? NOBODY, id: NOBODY }];
  const epochs = await Promise.all(owners.map(({ tenantId, id }) => scope.tenant(tenantId).sessions.readEpochs(id)));

  const index = await indexOfOwner(accounts, password, scope.system.passwordCost);
  const account = accounts[index];
  const before = epochs[index];
  if (!account || !before) {
    scope.log.warn('auth.refused', { reason: 'password', tenant });
    throw wrongCredentials();
  }
  if (!account.verifiedAt) {
    await sendCode(c, { email, tenant: account.tenantId });
    throw new ProblemError(
      403,
      'ADDRESS_NOT_VERIFIED',
      'Prove your address first: a code for /auth/verify has been mailed to you',
    );
  }
  return signIn(c, { account, epochs: before, methods: ['pwd'], as });
}

/**
 * Returns the index of the account with this password, or -1. If there is no account, the check takes the same time.
 */
async function indexOfOwner(accounts: readonly Account[], password: string, cost?: PasswordCost): Promise<number> {
  if (accounts.length === 0) await verifyAbsent(password, cost);
  for (const [index, { passwordHash }] of accounts.entries()) {
    const { ok } =
      passwordHash === null ? await verifyAbsent(password, cost) : await verifyPassword(password, passwordHash, cost);
    if (ok) return index;
  }
  return -1;
}

/**
 * Requests a code or link by mail. The work is the same whether the address has an account or not.
 * @throws {ProblemError} 429 and 503 by the limits.
 */
export async function requestCode(c: Context<AppEnv>, { email, tenant }: CodeOwner): Promise<void> {
  await enforceLimits(c, codeRules, subjectOf(c));
  await sendCode(c, { email, tenant });
}

/**
 * Signs in with a mailed code or the code of a mailed link, in the browser that requested it.
 * @throws {ProblemError} 401 if the code is wrong or has expired, or no account can be chosen; 429 and 503 by the
 *   limits, and the errors of {@link signIn}.
 */
export async function signInByCode(c: Context<AppEnv>, { code, as }: { code: string; as: Entry['as'] }) {
  const scope = c.get('scope');
  await enforceLimits(c, verifyRules, subjectOf(c));
  const { email, tenant } = await checkCode(c, code);
  clearChallenge(c);
  const account = await chooseAccount(await scope.database.client(), email, tenant);
  if (!account) throw wrongCredentials();
  // The epochs are read after the code is used, so that any later change of the account ends the new session.
  const epochs = await scope.tenant(account.tenantId).sessions.readEpochs(account.id);
  return signIn(c, { account, epochs, methods: ['otp'], as });
}
