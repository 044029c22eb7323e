/**
 * Sending and accepting invitations. The code of an invitation signs the invited user in, once. The code proves the
 * address and names the tenant, even if the address has a sign-up in another tenant. The code ends when it is used,
 * when the address is first proven in another way, when a newer invitation is sent, when the user is disabled, and
 * after a week.
 */
import type { Context } from 'hono';
import type { Transaction, TransactionClient } from '../platform/db/index.ts';
import { type AppEnv, enforceLimits, ProblemError, subjectOf, type TenantScope } from '../platform/http/index.ts';
import { enqueue } from '../platform/jobs/index.ts';
import type { SealScope } from '../platform/sessions/index.ts';
import { findAccount } from './accounts.ts';
import { hashOfInvitation, INVITATION_MS, invitationByHash, invitedUser, sealInvitation } from './invitation-code.ts';
import { mailInvitation } from './jobs.ts';
import { invitationRules } from './rules.ts';
import { type Entry, signIn } from './signed-in.ts';

/**
 * Makes the code of an invitation, ends the previous code and enqueues the mail. The mail names the acting user as the
 * inviter, who never sees the code. With `from: 'organization'` the mail names the organization.
 */
export async function sendInvitation(
  tx: Transaction,
  scope: Pick<SealScope, 'authSealer'>,
  cache: Pick<TenantScope['cache'], 'admit'>,
  userId: string,
  from: 'caller' | 'organization' = 'caller',
): Promise<void> {
  const code = tx.system.token();
  const now = tx.system.now();
  const row = {
    secretHash: hashOfInvitation(code),
    createdAt: new Date(now),
    expiresAt: new Date(now + INVITATION_MS),
  };
  await tx.db.invitation.upsert({
    where: { tenantId_userId: { tenantId: tx.tenant, userId } },
    create: { tenantId: tx.tenant, userId, ...row },
    update: row,
    select: { userId: true },
  });
  tx.alongsideMarks(() => cache.admit(invitationByHash, { hash: row.secretHash }));
  const by = from === 'caller' ? { by: tx.actorId } : {};
  await enqueue(tx, mailInvitation, { userId, ...by, sealed: await sealInvitation(scope, code) });
}

/** Ends the invitation of a user, if the user has one. */
export async function endInvitation(db: TransactionClient, tenantId: string, userId: string): Promise<void> {
  await db.invitation.deleteMany({ where: { tenantId, userId } });
}

/**
 * Signs an invited user in. Attempts are limited only by the caller's IP address.
 * @throws {ProblemError} 401 `INVITATION_OVER` if the code was used, was replaced, has expired or never existed.
 */
export async function acceptInvitation(
  c: Context<AppEnv>,
  { tenant, invitation, as }: { tenant: string; invitation: string; as: Entry['as'] },
) {
  const scope = c.get('scope');
  const secretHash = hashOfInvitation(invitation);
  // The check of the guard is sent in the same request as the limits.
  const mayExist = scope.tenant(tenant).cache.mayExist(invitationByHash, { hash: secretHash });
  await enforceLimits(c, invitationRules, subjectOf(c));
  const userId = (await mayExist) ? await invitedUser(scope.tenant(tenant), invitation) : null;
  const account = userId === null ? null : await findAccount(await scope.database.client(), tenant, userId);
  if (!account) {
    scope.log.warn('auth.refused', { reason: 'invitation', tenant });
    throw invitationOver();
  }
  const epochs = await scope.tenant(tenant).sessions.readEpochs(account.id);
  return signIn(c, {
    account,
    epochs,
    methods: ['otp'],
    as,
    async spend({ db }) {
      const { count } = await db.invitation.deleteMany({ where: { tenantId: tenant, userId: account.id, secretHash } });
      if (count !== 1) throw invitationOver();
    },
  });
}

function invitationOver(): ProblemError {
  const detail = 'This invitation has ended: request a code with your address and the name of the organization';
  return new ProblemError(401, 'INVITATION_OVER', detail);
}
