/** Changing one's password. Everything else that lets the user in ends with it, and the session gets a new token. */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, guarded, jsonBody, ProblemError, problems } from '../http/index.ts';
import { enqueue } from '../jobs/index.ts';
import { hashPassword, verifyPassword } from '../sessions/index.ts';
import { findAccount } from './accounts.ts';
import { clearSession, setSession } from './cookies.ts';
import { wrongCredentials } from './enter.ts';
import { mailPasswordChanged } from './jobs.ts';
import { requireGoodPassword } from './password-policy.ts';
import { passwordRules } from './rules.ts';
import { passwordChangeSchema } from './schema.ts';
import { person } from './sessions.ts';

export const passwordRoutes = createRouter();

const change = createRoute(
  guarded(
    { limits: passwordRules, secretBody: true },
    {
      method: 'post',
      path: '/auth/password',
      tags: ['Auth'],
      summary: 'Change or set your password',
      description:
        'Asks for the current password, unless you have none yet or signed in with a code within the last five minutes. ' +
        'Ends all your other sessions and tokens.',
      request: { body: jsonBody(passwordChangeSchema) },
      responses: { 204: { description: 'It is changed' }, ...problems(400, 409, 415, 429, 503) },
    },
  ),
);
passwordRoutes.openapi(change, async (c) => {
  const { current, password } = c.req.valid('json');
  const { userId, session } = person(c);
  if (!session) throw new ProblemError(403, 'NEEDS_SESSION', 'Change your password in a browser session');
  const { scope, tenant } = c.var;
  const account = await findAccount(await scope.database.client(), tenant.tenant, userId);
  if (!account) throw wrongCredentials();

  if (account.passwordHash !== null && current !== undefined) {
    if (!(await verifyPassword(current, account.passwordHash)).ok) throw wrongCredentials();
  } else if (account.passwordHash !== null) {
    // Who has just read the mail of the address has proven as much as the old password would.
    if (!session.methods.includes('otp')) throw currentNeeded();
    tenant.sessions.requireFresh(session, '5m');
  }
  requireGoodPassword(password, [account.email, tenant.tenant, account.name]);
  const passwordHash = await hashPassword(password);

  const outcome = await tenant.commit(async (tx) => {
    const changed = await tx.db.$executeRaw`
      UPDATE users SET password_hash = ${passwordHash}
      WHERE tenant_id = ${tenant.tenant} AND id = ${userId} AND disabled_at IS NULL
        AND password_hash IS NOT DISTINCT FROM ${account.passwordHash}`;
    // While the row is held nobody signs in with the old password; whoever did before is out after this.
    if (changed !== 1) return { kind: 'gone' } as const;
    await enqueue(tx, mailPasswordChanged, { userId, at: scope.system.now(), device: session.device });
    return tenant.sessions.revokeOthers(session, { reauthenticated: true });
  });
  if (outcome.kind === 'gone') throw new ProblemError(409, 'CONFLICT', 'Your password or session changed meanwhile');
  if (outcome.kind === 'ended') clearSession(c);
  else setSession(c, outcome.token);
  scope.log.info('auth.password_changed', { tenant: tenant.tenant, userId });
  return c.body(null, 204);
});

function currentNeeded(): ProblemError {
  return new ProblemError(400, 'VALIDATION_FAILED', 'Check these fields: current', {
    fields: [{ field: 'current', message: 'is needed' }],
  });
}
