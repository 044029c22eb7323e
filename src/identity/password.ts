/** Changes the user's own password. All other sessions and tokens end, and the current session gets a new token. */
import type { Context } from 'hono';
import { type AppEnv, createRouter, invalidField, ProblemError } from '../platform/http/index.ts';
import { enqueue } from '../platform/jobs/index.ts';
import { hashPassword, verifyPassword } from '../platform/passwords/index.ts';
import { command, type Services } from '../platform/rest/index.ts';
import { findAccount } from './accounts.ts';
import { clearSession, setSession } from './cookies.ts';
import { mailPasswordChanged } from './jobs.ts';
import { requireGoodPassword } from './password-policy.ts';
import { passwordRules } from './rules.ts';
import { passwordChangeSchema } from './schema.ts';
import { person } from './sessions.ts';
import { wrongCredentials } from './signed-in.ts';

export const passwordRoutes = createRouter();

command(passwordRoutes, {
  id: 'passwords.change',
  path: '/auth/password',
  tag: 'Auth',
  summary: 'Change or set your password',
  cost: { requests: 3, commands: 8, statements: 5, messages: 1 },
  description:
    'Requires the current password, unless you have none yet or signed in by code within the last five minutes. ' +
    'Ends all your other sessions and tokens.',
  access: null,
  limits: passwordRules,
  secretBody: true,
  body: passwordChangeSchema,
  effect: 'Changed',
  run: ({ body }, services, c) => changePassword(services, c, body),
});

/** A new password, and the current password if the user has a password. */
export interface PasswordChange {
  current?: string | undefined;
  password: string;
}

/**
 * Changes or sets the password of the session's user, and gives the session a new token.
 * @throws {ProblemError} 400 that names the wrong field, 401 for a wrong current password, 403 without a browser
 *   session, 409 if the password or the session has changed in the meantime.
 */
export async function changePassword(
  { scope, tenant, caller }: Services,
  c: Context<AppEnv>,
  { current, password }: PasswordChange,
): Promise<void> {
  const { userId, session } = person(caller);
  if (!session) throw new ProblemError(403, 'NEEDS_SESSION', 'Change your password in a browser session');
  const account = await findAccount(await scope.database.client(), tenant.tenant, userId);
  if (!account) throw wrongCredentials();

  if (account.passwordHash !== null && current !== undefined) {
    if (!(await verifyPassword(current, account.passwordHash)).ok) throw wrongCredentials();
  } else if (account.passwordHash !== null) {
    // A user who has just signed in with a mailed code need not prove the old password as well.
    if (!session.methods.includes('otp')) throw invalidField('current', 'is required');
    tenant.sessions.requireFresh(session, '5m');
  }
  requireGoodPassword(password, [account.email, tenant.tenant, account.name]);
  const passwordHash = await hashPassword(password, scope.system.passwordCost);

  // The new token. It stays `null` if Redis ended all sessions but refused a new token, so that this session has ended
  // too.
  const renewed: { token: string | null } = { token: null };
  await tenant.commit(async (tx) => {
    const changed = await tx.db.$executeRaw`
      UPDATE users SET password_hash = ${passwordHash}
      WHERE tenant_id = ${tx.tenant} AND id = ${userId} AND disabled_at IS NULL
        AND password_hash IS NOT DISTINCT FROM ${account.passwordHash}`;
    if (changed !== 1) throw changedMeanwhile();
    await enqueue(tx, mailPasswordChanged, { userId, at: tx.system.now(), device: session.device });
    // The step runs last, while the row is locked. So no sign-in can still use the old password, and all earlier
    // sessions end.
    tx.beforeCommit(async () => {
      const outcome = await tenant.sessions.revokeOthers(session, { reauthenticated: true });
      // The error rolls back the change of the password.
      if (outcome.kind === 'gone') throw changedMeanwhile();
      renewed.token = outcome.kind === 'ended' ? null : outcome.token;
    });
  });
  if (renewed.token === null) clearSession(c);
  else setSession(c, renewed.token);
  scope.log.info('auth.password_changed', { tenant: tenant.tenant, userId });
}

function changedMeanwhile(): ProblemError {
  return new ProblemError(409, 'CONFLICT', 'Your password or session has changed in the meantime');
}
