/** Completes a sign-in with a proof of the second factor. */
import type { Context } from 'hono';
import { type AppEnv, enforceLimits, ProblemError, subjectOf } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import { deviceOf } from '../../platform/sessions/index.ts';
import { findAccount } from '../accounts.ts';
import { clearPending } from '../cookies.ts';
import { mailFactorChanged } from '../jobs.ts';
import { requestOptions } from '../passkeys/ceremony.ts';
import { factorRules, pendingPasskeyRules } from '../rules.ts';
import { signIn } from '../signed-in.ts';
import { openPending, signInOver } from './pending.ts';
import { checkProof, type FactorProof, factorPasskeys } from './proof.ts';
import type { FactorOwner } from './totp.ts';

/**
 * Completes a sign-in with a proof of the second factor.
 * @param given the sealed sign-in of a program. A browser sends it as a cookie.
 * @throws {ProblemError} 401 `SIGN_IN_OVER` if no sign-in waits, or it was completed or ended; 401 `WRONG_FACTOR` or
 *   `PASSKEY_REFUSED`; 429 and 503 by the limits, and the errors of {@link signIn}.
 */
export async function completeSignIn(c: Context<AppEnv>, proof: FactorProof, given?: string) {
  const scope = c.get('scope');
  const { tenantId, userId, epochs, methods, as, at, id } = await openPending(c, given);
  const owner = { tenantId, userId };
  const device = deviceOf(c.req.header('user-agent'));
  await enforceLimits(c, factorRules, subject(c, owner)).catch((error: unknown) =>
    tellOfGuesses(c, owner, device, error),
  );
  const account = await findAccount(await scope.database.client(), tenantId, userId);
  if (!account) throw signInOver();
  const { method, spend } = await checkProof({ scope, tenant: scope.tenant(tenantId) }, owner, id, proof);
  const answer = await signIn(c, {
    ...{ account, epochs, as, methods: [...methods, method], provesFactor: true },
    async spend(tx) {
      await spend(tx.db);
      const where = { ...owner, lastPending: { lt: at } };
      const { count } = await tx.db.totpDevice.updateMany({ where, data: { lastPending: at } });
      if (count !== 1) throw signInOver();
      if (method === 'recovery')
        await enqueue(tx, mailFactorChanged, { userId, at: tx.system.now(), device, change: 'recovered' });
    },
  });
  if (as === 'cookie') clearPending(c);
  return answer;
}

/**
 * Mails the user that many proofs were wrong, once a day: another person may know the password (ASVS 6.3.5).
 * @throws the refusal by the limits.
 */
async function tellOfGuesses(
  c: Context<AppEnv>,
  { tenantId, userId }: FactorOwner,
  device: string,
  refusal: unknown,
): Promise<never> {
  if (refusal instanceof ProblemError && refusal.code === 'RATE_LIMITED') {
    const scope = c.get('scope');
    const at = scope.system.now();
    const id = `factor-guesses-${userId}-${new Date(at).toISOString().slice(0, 10)}`;
    await scope.tenant(tenantId).commit(async (tx) => {
      await enqueue(tx, mailFactorChanged, { userId, at, device, change: 'guessed' }, { id });
    });
  }
  throw refusal;
}

/**
 * Returns the options for the proof of a passkey, to complete a sign-in. `allowCredentials` is empty if the user has no
 * passkey that proves the second factor.
 * @throws {ProblemError} 401 `SIGN_IN_OVER`; 429 and 503 by the limits.
 */
export async function beginPasskeyProof(c: Context<AppEnv>, given?: string) {
  const scope = c.get('scope');
  const { tenantId, userId, id } = await openPending(c, given);
  const owner = { tenantId, userId };
  await enforceLimits(c, pendingPasskeyRules, subject(c, owner));
  const services = { scope, tenant: scope.tenant(tenantId) };
  return requestOptions(services, { purpose: 'prove', userId, by: id }, await factorPasskeys(services, owner));
}

/** Attempts are counted by user. */
function subject(c: Context<AppEnv>, { tenantId, userId }: FactorOwner) {
  return subjectOf(c, { account: c.get('scope').addressDigest(`${tenantId} ${userId}`) });
}
