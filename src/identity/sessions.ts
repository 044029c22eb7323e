/** Routes to list and end a user's own sessions and tokens. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, createRouter, guarded, json, notFound, ProblemError, problems } from '../platform/http/index.ts';
import { clearSession, setSession } from './cookies.ts';
import { sessionListSchema, whoSchema } from './schema.ts';

export const sessionRoutes = createRouter();
const tags = ['Auth'];

const who = createRoute(
  guarded(
    {},
    {
      operationId: 'sessions.getCurrent',
      method: 'get',
      path: '/auth/session',
      tags,
      summary: 'Get the current caller',
      responses: { 200: json(whoSchema, 'The caller') },
    },
  ),
);
sessionRoutes.openapi(who, (c) => {
  const { kind, userId, rights } = c.var.caller;
  return c.json({ kind, tenant: c.var.tenant.tenant, userId, rights: [...rights] }, 200);
});

const list = createRoute(
  guarded(
    {},
    {
      operationId: 'sessions.list',
      method: 'get',
      path: '/auth/sessions',
      tags,
      summary: 'List your sessions and signed-in programs',
      responses: { 200: json(sessionListSchema, 'The sessions, last used first') },
    },
  ),
);
sessionRoutes.openapi(list, async (c) => {
  const { userId, session } = person(c);
  const listed = await c.var.tenant.sessions.list(userId, session ?? undefined);
  const items = listed.map(({ id, kind, device, methods, createdAt, lastSeenAt, expiresAt, current }) => ({
    id,
    kind: kind === 'session' ? ('browser' as const) : ('program' as const),
    device,
    methods: [...methods],
    createdAt: new Date(createdAt).toISOString(),
    seenAt: new Date(lastSeenAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    current,
  }));
  return c.json({ items }, 200);
});

const revokeOne = createRoute(
  guarded(
    {},
    {
      operationId: 'sessions.revoke',
      method: 'delete',
      path: '/auth/sessions/{id}',
      tags,
      summary: 'End one of your sessions',
      request: { params: z.object({ id: z.string().regex(/^[\w-]{22}$/, 'must be the id of a session') }) },
      responses: { 204: { description: 'Ended' }, ...problems(400, 404) },
    },
  ),
);
sessionRoutes.openapi(revokeOne, async (c) => {
  const { userId, session } = person(c);
  const { id } = c.req.valid('param');
  if (!(await c.var.tenant.sessions.revoke({ userId, id }))) throw notFound('session');
  if (session?.id === id) clearSession(c);
  return c.body(null, 204);
});

const revokeOthers = createRoute(
  guarded(
    {},
    {
      operationId: 'sessions.revokeOthers',
      method: 'delete',
      path: '/auth/sessions',
      tags,
      summary: 'End all your other sessions',
      responses: { 204: { description: 'Ended' }, ...problems(409) },
    },
  ),
);
sessionRoutes.openapi(revokeOthers, async (c) => {
  const { userId, session } = person(c);
  if (!session) await c.var.tenant.sessions.revokeAll(userId);
  else {
    const outcome = await c.var.tenant.sessions.revokeOthers(session);
    if (outcome.kind === 'gone') throw new ProblemError(409, 'CONFLICT', 'Your session has changed; try again');
    if (outcome.kind === 'ended') clearSession(c);
    else setSession(c, outcome.token);
  }
  return c.body(null, 204);
});

const revokeTenant = createRoute(
  guarded(
    { access: 'users:manage', harmlessTwice: true },
    {
      operationId: 'sessions.revokeAll',
      method: 'post',
      path: '/auth/sessions/revoke-all',
      tags,
      summary: 'End all sessions of the tenant',
      description:
        'Signs out all users and their programs, including you. Use it if credentials leaked and you do not know ' +
        'whose. API keys stay valid.',
      responses: { 204: { description: 'Ended' }, ...problems(503) },
    },
  ),
);
sessionRoutes.openapi(revokeTenant, async (c) => {
  const { caller, scope, tenant } = c.var;
  await tenant.sessions.revokeTenant();
  scope.log.warn('auth.tenant_signed_out', { tenant: tenant.tenant, by: caller.id });
  if (caller.session) clearSession(c);
  return c.body(null, 204);
});

const signOut = createRoute(
  guarded(
    { harmlessTwice: true },
    {
      operationId: 'sessions.signOut',
      method: 'post',
      path: '/auth/sign-out',
      tags,
      summary: 'Sign out',
      responses: { 204: { description: 'Signed out' } },
    },
  ),
);
sessionRoutes.openapi(signOut, async (c) => {
  await endOwnEntry(c);
  return c.body(null, 204);
});

/**
 * Ends the caller's own session or family of tokens.
 * @throws {ProblemError} 403 for an API key.
 */
export async function endOwnEntry(c: Context<AppEnv>): Promise<void> {
  const { userId, entryId } = person(c);
  await c.var.tenant.sessions.revoke({ userId, id: entryId });
  clearSession(c);
}

/**
 * The user who makes the request.
 * @throws {ProblemError} 403 for an API key, which has no session.
 */
export function person(c: Context<AppEnv>) {
  const { userId, session, entryId } = c.var.caller;
  if (userId === null || entryId === null) {
    throw new ProblemError(403, 'NOT_A_PERSON', 'API keys have no sessions; sign in as a user');
  }
  return { userId, session, entryId };
}
