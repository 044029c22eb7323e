/** Inviting somebody into the tenant: a user without a password, who signs in with a code and may set one then. */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, guarded, json, jsonBody, problems, rightsOf } from '../http/index.ts';
import { enqueue } from '../jobs/index.ts';
import { holdGrants, requireGrant } from './grants.ts';
import { mailInvitation } from './jobs.ts';
import { inviteRules } from './rules.ts';
import { invitedSchema, inviteSchema } from './schema.ts';
import { userTags } from './tags.ts';

export const inviteRoutes = createRouter();
const access = 'users:manage';

const invite = createRoute(
  guarded(
    { access, limits: inviteRules },
    {
      method: 'post',
      path: '/auth/invitations',
      tags: ['Auth'],
      summary: 'Invite somebody',
      description:
        'They get a mail, and sign in with a code. You can give a role only if you have every right of it yourself.',
      request: { body: jsonBody(inviteSchema) },
      responses: { 201: json(invitedSchema, 'The new user'), ...problems(400, 409, 415, 429) },
    },
  ),
);
inviteRoutes.openapi(invite, async (c) => {
  const { email, name, role } = c.req.valid('json');
  const { scope, tenant, caller } = c.var;
  const createdAt = new Date(scope.system.now());
  const id = scope.system.rowId('user');
  await tenant.commit(async (tx) => {
    const grants = await holdGrants(tx.db, tenant.tenant, caller, access, scope.system.now());
    requireGrant(grants, rightsOf(role), 'role');
    await tx.db.user.create({
      data: { tenantId: tenant.tenant, id, email, name, role, createdAt },
      select: { id: true },
    });
    tx.invalidate(...userTags.of({ id }));
    await enqueue(tx, mailInvitation, { userId: id });
  });
  return c.json({ id, email }, 201, { location: `/users/${id}` });
});
