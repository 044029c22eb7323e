/**
 * Invites a user into the tenant. The new user has no password, signs in with the code of the mailed link and can set a
 * password then.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { lockRow } from '../platform/db/index.ts';
import {
  createRouter,
  guarded,
  idSchema,
  json,
  jsonBody,
  notFound,
  ProblemError,
  problems,
  rightsOf,
  unguarded,
} from '../platform/http/index.ts';
import { holdGrants, requireGrant } from './grants.ts';
import { acceptInvitation, sendInvitation } from './invitation.ts';
import { inviteRules } from './rules.ts';
import { acceptSchema, invitedSchema, inviteSchema, signedInSchema } from './schema.ts';
import { userTags } from './tags.ts';

export const inviteRoutes = createRouter();
const access = 'users:manage';

const invite = createRoute(
  guarded(
    { access, limits: inviteRules },
    {
      operationId: 'invitations.create',
      method: 'post',
      path: '/auth/invitations',
      tags: ['Auth'],
      summary: 'Invite a user',
      description: 'The user gets a mail with a sign-in link. You can only give a role if you have all of its rights.',
      request: { body: jsonBody(inviteSchema) },
      responses: { 201: json(invitedSchema, 'The new user'), ...problems(400, 409, 415, 429) },
    },
  ),
);
inviteRoutes.openapi(invite, async (c) => {
  const { email, name, role } = c.req.valid('json');
  const { scope, tenant, caller } = c.var;
  const id = await tenant.commit(async (tx) => {
    const id = scope.system.rowId('user');
    const createdAt = new Date(scope.system.now());
    const grants = await holdGrants(tx.db, tenant.tenant, caller, access, scope.system.now());
    requireGrant(grants, rightsOf(role), 'role');
    await tx.db.user.create({
      data: { tenantId: tenant.tenant, id, email, name, role, createdAt },
      select: { id: true },
    });
    tx.invalidate(...userTags.of({ id }));
    await sendInvitation(tx, scope, { userId: id, by: caller.userId });
    return id;
  });
  return c.json({ id, email }, 201, { location: `/users/${id}` });
});

const again = createRoute(
  guarded(
    { access, limits: inviteRules, harmlessTwice: true },
    {
      operationId: 'invitations.resend',
      method: 'post',
      path: '/auth/invitations/{userId}/again',
      tags: ['Auth'],
      summary: 'Send an invitation again',
      description: 'The previous link stops working. Only for an invited user who has not signed in yet.',
      request: { params: z.object({ userId: idSchema }) },
      responses: { 202: json(invitedSchema, 'The mail is on its way'), ...problems(400, 404, 409, 429) },
    },
  ),
);
inviteRoutes.openapi(again, async (c) => {
  const { userId } = c.req.valid('param');
  const { scope, tenant, caller } = c.var;
  const email = await tenant.commit(async (tx) => {
    if (!(await lockRow(tx.db, 'users', tenant.tenant, userId))) throw notFound('user');
    const user = await tx.db.user.findUniqueOrThrow({
      where: { tenantId_id: { tenantId: tenant.tenant, id: userId } },
      select: { email: true, passwordHash: true, verifiedAt: true, disabledAt: true },
    });
    if (user.disabledAt || user.verifiedAt || user.passwordHash !== null) {
      throw new ProblemError(409, 'NOT_INVITED', 'This user is disabled or has no open invitation');
    }
    await sendInvitation(tx, scope, { userId, by: caller.userId });
    return user.email;
  });
  return c.json({ id: userId, email }, 202);
});

const accept = createRoute(
  unguarded({
    operationId: 'invitations.accept',
    method: 'post',
    path: '/auth/invitations/accept',
    tags: ['Auth'],
    summary: 'Accept an invitation',
    description: 'Signs the invited user in with the code of the mailed link, once. The code also proves the address.',
    request: { body: jsonBody(acceptSchema) },
    responses: { 200: json(signedInSchema, 'You are signed in'), ...problems(400, 401, 409, 415, 429, 503) },
  }),
);
inviteRoutes.openapi(accept, async (c) => c.json(await acceptInvitation(c, c.req.valid('json')), 200));
