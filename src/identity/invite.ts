/**
 * Invites a user into the tenant. The new user has no password. The code of the mailed link signs the user in, and then
 * the user can set a password.
 */
import { z } from '@hono/zod-openapi';
import { lockRow, type Transaction } from '../platform/db/index.ts';
import { createRouter, idSchema, notFound, ProblemError, type TenantScope } from '../platform/http/index.ts';
import { command, publicCommand, type Services } from '../platform/rest/index.ts';
import type { SealScope } from '../platform/sessions/index.ts';
import { holdGrants, requireAppointment } from './grants.ts';
import { acceptInvitation, sendInvitation } from './invitation.ts';
import { inviteRules } from './rules.ts';
import { acceptSchema, invitedSchema, inviteSchema, signedInSchema } from './schema.ts';
import { userTags } from './tags.ts';

export const inviteRoutes = createRouter();

const tag = 'Auth';
const access = 'users:manage';

command(inviteRoutes, {
  id: 'invitations.create',
  path: '/auth/invitations',
  tag,
  summary: 'Invite a user',
  cost: { requests: 4, commands: 8, statements: 7, messages: 1 },
  description: 'The user gets a mail with a sign-in link. You can only give a role if you have all of its rights.',
  access,
  limits: inviteRules,
  body: inviteSchema,
  answer: invitedSchema,
  location: ({ id }) => `/users/${id}`,
  effect: 'The new user',
  run: async ({ body }, services) => ({ id: await inviteUser(services, body), email: body.email }),
});

command(inviteRoutes, {
  id: 'invitations.resend',
  path: '/auth/invitations/{userId}/again',
  tag,
  summary: 'Send an invitation again',
  cost: { requests: 3, commands: 6, statements: 6, messages: 1 },
  description: 'The previous link stops working. Only for an invited user who has not signed in yet.',
  access,
  limits: inviteRules,
  harmlessTwice: true,
  params: z.object({ userId: idSchema }),
  answer: invitedSchema,
  status: 202,
  effect: 'The mail is on its way',
  problems: [404],
  run: async ({ params: { userId } }, services) => ({ id: userId, email: await inviteAgain(services, userId) }),
});

publicCommand(inviteRoutes, {
  id: 'invitations.accept',
  path: '/auth/invitations/accept',
  tag,
  summary: 'Accept an invitation',
  cost: { requests: 6, commands: 8, statements: 8, messages: 1 },
  description: 'Signs the invited user in with the code of the mailed link, once. The code also proves the address.',
  body: acceptSchema,
  answer: signedInSchema,
  effect: 'You are signed in',
  problems: [401, 403, 409, 429, 503],
  run: ({ body }, _services, c) => acceptInvitation(c, body),
});

/**
 * Adds a user, enqueues the mail with the invitation, and adds an entry to the audit trail.
 * @returns the id of the user.
 * @throws {ProblemError} 403 `BEYOND_YOUR_RIGHTS` if the role has rights that the caller lacks.
 */
function inviteUser({ scope, tenant, caller }: Services, user: z.output<typeof inviteSchema>): Promise<string> {
  return tenant.commit(async (tx) => {
    const grants = await holdGrants(tx, caller, access);
    requireAppointment(grants, user.role, { userId: null, caller }, 'role');
    return addInvitedUser(tx, scope, tenant.cache, user);
  });
}

/**
 * Adds a user, enqueues the mail with the invitation, and adds an entry to the audit trail, in a transaction that holds
 * the lock of `grants.ts`. The caller has checked the right to give the role. `from` is the inviter that the mail names.
 * @returns the id of the user.
 */
export async function addInvitedUser(
  tx: Transaction,
  scope: Pick<SealScope, 'authSealer'>,
  cache: Pick<TenantScope['cache'], 'admit'>,
  { email, name, role }: z.output<typeof inviteSchema>,
  from: 'caller' | 'organization' = 'caller',
): Promise<string> {
  const id = tx.system.rowId('user');
  const createdAt = new Date(tx.system.now());
  await tx.db.user.create({
    data: { tenantId: tx.tenant, id, email, name, role, createdAt },
    select: { id: true },
  });
  tx.invalidate(...userTags.of({ id }));
  await sendInvitation(tx, scope, cache, id, from);
  await tx.audit({ action: 'user.invited', entity: { type: 'user', id }, data: { role } });
  return id;
}

/**
 * Enqueues the mail with a new code for a user who has not signed in yet, and adds an entry to the audit trail.
 * @returns the address of the user.
 * @throws {ProblemError} 404 if the user does not exist, 409 `NOT_INVITED`.
 */
function inviteAgain({ scope, tenant }: Services, userId: string): Promise<string> {
  return tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'users', tx.tenant, userId))) throw notFound('user');
    const user = await tx.db.user.findUniqueOrThrow({
      where: { tenantId_id: { tenantId: tx.tenant, id: userId } },
      select: { email: true, passwordHash: true, verifiedAt: true, disabledAt: true },
    });
    if (user.disabledAt || user.verifiedAt || user.passwordHash !== null) {
      throw new ProblemError(409, 'NOT_INVITED', 'This user is disabled or has no open invitation');
    }
    await sendInvitation(tx, scope, tenant.cache, userId);
    await tx.audit({ action: 'invitation.resent', entity: { type: 'user', id: userId } });
    return user.email;
  });
}
