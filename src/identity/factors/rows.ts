/** The rows of a second factor. `users.factor_at` says whether the user has one. */
import type { Transaction } from '../../platform/db/index.ts';
import { wrongCredentials } from '../signed-in.ts';

/**
 * Locks the user's row until the transaction ends. Returns whether the user has a second factor.
 * @throws {ProblemError} 401 `WRONG_CREDENTIALS` for a disabled user.
 */
export async function lockFactor({ db, tenant }: Transaction, userId: string): Promise<boolean> {
  const [held] = await db.$queryRaw<{ hasFactor: boolean }[]>`
    SELECT factor_at IS NOT NULL AS "hasFactor" FROM users
    WHERE tenant_id = ${tenant} AND id = ${userId} AND disabled_at IS NULL FOR UPDATE`;
  if (!held) throw wrongCredentials();
  return held.hasFactor;
}

/** Sets when the user confirmed the factor. `updated_at` does not change, because no visible field has changed. */
export async function setFactorAt({ db, tenant }: Transaction, userId: string, at: Date | null): Promise<void> {
  await db.$executeRaw`UPDATE users SET factor_at = ${at} WHERE tenant_id = ${tenant} AND id = ${userId}`;
}

/** Removes the app, the recovery codes and the passkeys of a user. The caller holds the lock of the user's row. */
export async function removeEverything(tx: Transaction, userId: string): Promise<void> {
  const owner = { tenantId: tx.tenant, userId };
  await tx.db.totpDevice.deleteMany({ where: owner });
  await tx.db.recoveryCode.deleteMany({ where: owner });
  await tx.db.passkey.deleteMany({ where: owner });
  await setFactorAt(tx, userId, null);
}
