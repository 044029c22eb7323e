/**
 * The removal of a user's second factor by a person who manages users, for a user who lost the app and the recovery
 * codes. Nothing is granted: the user signs in with one proof as before, and gets no right that needs a second factor
 * until the user adds an app again, for which a mailed code is needed.
 */
import { notFound, ProblemError } from '../../platform/http/index.ts';
import { enqueue } from '../../platform/jobs/index.ts';
import type { Services } from '../../platform/rest/index.ts';
import { holdGrants, requireAppointment } from '../grants.ts';
import { mailFactorChanged } from '../jobs.ts';
import { lockFactor, removeEverything } from './rows.ts';

/** The right required to remove the second factor of another user. */
export const RESET_FACTORS = 'users:manage';

/**
 * Removes the second factor of a user, ends all sessions of the user, mails the user, and adds an entry to the audit trail.
 * @throws {ProblemError} 404 if the user does not exist, is disabled or has no second factor; 403 `OWN_FACTOR` for the
 *   caller's own factor, whose removal needs a proof of it; 403 `BEYOND_YOUR_RIGHTS` if the user has rights that the caller
 *   lacks.
 */
export async function resetFactor({ scope, tenant, caller }: Services, userId: string): Promise<void> {
  await tenant.commit(async (tx) => {
    const grants = await holdGrants(tx, caller, RESET_FACTORS);
    const where = { tenantId_id: { tenantId: tx.tenant, id: userId }, disabledAt: null };
    const user = await tx.db.user.findUnique({ where, select: { role: true } });
    if (!user) throw notFound('user');
    if (userId === caller.userId)
      throw new ProblemError(403, 'OWN_FACTOR', 'Remove your own factor with a proof of it');
    requireAppointment(grants, user.role, { userId, caller });
    if (!(await lockFactor(tx, userId))) throw notFound('second factor');
    await removeEverything(tx, userId);
    await enqueue(tx, mailFactorChanged, { userId, at: tx.system.now(), device: '', change: 'reset' });
    await tx.audit({ action: 'factor.reset', entity: { type: 'user', id: userId } });
    // A sign-in waits for the lock of the user's row, and so cannot outlive this change.
    tx.beforeCommit(() => tenant.sessions.revokeAll(userId));
  });
  scope.log.warn('auth.factor_reset', { tenant: tenant.tenant, userId, by: caller.id });
}
