/**
 * Proofs of a second factor: a code of the user's app, a recovery code, or a passkey. One statement accepts a proof and
 * makes it invalid, so of two requests with the same proof at most one passes (RFC 6238, section 5.2; ASVS 6.5.1).
 */
import { createHash } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import type { TransactionClient } from '../../platform/db/index.ts';
import { ProblemError, type Scope, type TenantScope } from '../../platform/http/index.ts';
import { provenCounter } from '../passkeys/ceremony.ts';
import { passkeysOf } from '../passkeys/own-passkeys.ts';
import type { assertionSchema } from '../passkeys/schema.ts';
import { type FactorOwner, secretContext, stepOf } from './totp.ts';

/** A proof as the caller sent it: one of the three. */
export interface FactorProof {
  code?: string | undefined;
  recoveryCode?: string | undefined;
  passkey?: z.output<typeof assertionSchema> | undefined;
}

/** The services that a proof needs. */
export interface ProofServices {
  scope: Pick<Scope, 'authSealer' | 'database' | 'environment' | 'log' | 'system'>;
  tenant: Pick<TenantScope, 'tenant' | 'cache'>;
}

/** A proof whose form has been checked. */
export interface CheckedProof {
  /** The method of proof, as sessions and lists show it: `hwk` is a name of RFC 8176. */
  method: 'totp' | 'recovery' | 'hwk';
  /**
   * Accepts the proof and makes it invalid, in a transaction.
   * @throws {ProblemError} 401 `WRONG_FACTOR` for a wrong or used proof.
   */
  spend(db: TransactionClient): Promise<void>;
}

/** Returns the stored form of a recovery code: SHA-256 is enough for 128 random bits (ASVS 6.5.2). */
export function digestOfRecoveryCode(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/**
 * Checks a proof as far as no transaction is needed. Spending a code takes 2 statements, a recovery code 1, a passkey 1;
 * the check of a passkey takes 1 query and 1 request to Redis before.
 * @param by the id of the session or of the sign-in that requested the challenge of the passkey.
 * @throws {ProblemError} 401 `WRONG_FACTOR` for an unknown passkey, 401 `PASSKEY_REFUSED` for a wrong one.
 */
export async function checkProof(
  services: ProofServices,
  owner: FactorOwner,
  by: string,
  { code, recoveryCode = '', passkey }: FactorProof,
): Promise<CheckedProof> {
  if (passkey) return checkPasskey(services, owner, by, passkey);
  if (code !== undefined) return { method: 'totp', spend: (db) => spendCode(services, db, owner, code) };
  return {
    method: 'recovery',
    async spend(db) {
      const where = { ...owner, digest: digestOfRecoveryCode(recoveryCode) };
      const { count } = await db.recoveryCode.deleteMany({ where });
      if (count !== 1) throw wrongFactor(services);
    },
  };
}

async function spendCode(services: ProofServices, db: TransactionClient, owner: FactorOwner, code: string) {
  const { authSealer, system } = services.scope;
  const device = await db.totpDevice.findUnique({ where: { tenantId_userId: owner }, select: { secret: true } });
  const secret = device && (await authSealer.open(device.secret, secretContext(owner)));
  const step = secret === null ? null : await stepOf(secret, code, system.now());
  if (step === null) throw wrongFactor(services);
  const where = { ...owner, lastStep: { lt: step } };
  const { count } = await db.totpDevice.updateMany({ where, data: { lastStep: step } });
  if (count !== 1) throw wrongFactor(services);
}

async function checkPasskey(
  services: ProofServices,
  { tenantId, userId }: FactorOwner,
  by: string,
  passkey: z.output<typeof assertionSchema>,
): Promise<CheckedProof> {
  const { scope } = services;
  const known = await factorPasskeys(services, { tenantId, userId });
  const used = known.find(({ credentialId }) => credentialId === passkey.id);
  if (!used) throw wrongFactor(services);
  const counter = await provenCounter(services, { purpose: 'prove', userId, by }, passkey, used);
  return {
    method: 'hwk',
    async spend(db) {
      // The challenge worked once already. The condition refuses a passkey that another request has removed or used.
      const where = { tenantId, userId, id: used.id, counter: used.counter };
      const { count } = await db.passkey.updateMany({
        where,
        data: { counter, usedAt: new Date(scope.system.now()) },
      });
      if (count !== 1) throw wrongFactor(services);
    },
  };
}

/**
 * Lists the passkeys that prove the second factor: those that the user has added since the second factor exists. A passkey
 * that is older was added with a single proof, such as a password. 2 queries.
 */
export async function factorPasskeys({ scope }: Pick<ProofServices, 'scope'>, { tenantId, userId }: FactorOwner) {
  const client = await scope.database.client();
  const where = { tenantId_id: { tenantId, id: userId } };
  const user = await client.user.findUnique({ where, select: { factorAt: true } });
  const { factorAt } = user ?? { factorAt: null };
  if (!factorAt) return [];
  return (await passkeysOf(client, tenantId, userId)).filter(({ createdAt }) => createdAt >= factorAt);
}

/** Returns the same error for a wrong proof and a used proof, and logs it (ASVS 16.3.1). */
export function wrongFactor({ scope, tenant }: Pick<ProofServices, 'scope' | 'tenant'>): ProblemError {
  scope.log.warn('auth.refused', { reason: 'factor', tenant: tenant.tenant });
  return new ProblemError(401, 'WRONG_FACTOR', 'Wrong or used code: wait for the next code of your app');
}
