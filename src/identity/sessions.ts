/** Routes to list and end a user's own sessions and tokens. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, type Caller, createRouter, notFound, ProblemError } from '../platform/http/index.ts';
import { command, type Services, view } from '../platform/rest/index.ts';
import { clearSession, setSession } from './cookies.ts';
import { endSessionsOfTenant } from './end-sessions.ts';
import { sessionListSchema, whoSchema } from './schema.ts';

export const sessionRoutes = createRouter();

const tag = 'Auth';
const all = { path: '/auth/sessions', tag, access: null } as const;

view(sessionRoutes, {
  id: 'sessions.getCurrent',
  path: '/auth/session',
  tag,
  summary: 'Get the current caller',
  cost: { commands: 4, statements: 0 },
  access: null,
  answer: whoSchema,
  effect: 'The caller',
  load: (_input, { tenant, caller: { kind, userId, rights } }) => ({
    kind,
    tenant: tenant.tenant,
    userId,
    rights: [...rights],
  }),
});

view(sessionRoutes, {
  ...all,
  id: 'sessions.list',
  summary: 'List your sessions and signed-in programs',
  cost: { requests: 2, commands: 6, statements: 0 },
  answer: sessionListSchema,
  effect: 'The sessions, last used first',
  load: async (_input, services) => ({ items: await listSessions(services) }),
});

command(sessionRoutes, {
  ...all,
  id: 'sessions.revoke',
  method: 'delete',
  path: '/auth/sessions/{id}',
  summary: 'End one of your sessions',
  cost: { requests: 3, commands: 6, statements: 1 },
  params: z.object({ id: z.string().regex(/^[\w-]{22}$/, 'must be the id of a session') }),
  effect: 'Ended',
  commits: false,
  problems: [404],
  async run({ params: { id } }, { tenant, caller }, c) {
    const { userId, session } = person(caller);
    if (!(await tenant.sessions.revoke({ userId, id }))) throw notFound('session');
    if (session?.id === id) clearSession(c);
  },
});

command(sessionRoutes, {
  ...all,
  id: 'sessions.revokeOthers',
  method: 'delete',
  summary: 'End all your other sessions',
  cost: { requests: 3, commands: 6, statements: 1 },
  effect: 'Ended',
  commits: false,
  problems: [409],
  run: (_input, services, c) => revokeOthers(services, c),
});

command(sessionRoutes, {
  id: 'sessions.revokeAll',
  path: '/auth/sessions/revoke-all',
  tag,
  summary: 'End all sessions of the tenant',
  cost: { requests: 3, commands: 5, statements: 2 },
  description:
    'Signs out all users and their programs, including you. Use it if credentials leaked and you do not know ' +
    'whose. API keys stay valid.',
  access: 'users:manage',
  harmlessTwice: true,
  effect: 'Ended',
  async run(_input, services, c) {
    await endSessionsOfTenant(services);
    if (services.caller.session) clearSession(c);
  },
});

command(sessionRoutes, {
  id: 'sessions.signOut',
  path: '/auth/sign-out',
  tag,
  summary: 'Sign out',
  cost: { requests: 3, commands: 6, statements: 1 },
  access: null,
  harmlessTwice: true,
  commits: false,
  effect: 'Signed out',
  run: (_input, services, c) => endOwnEntry(services, c),
});

/** Lists the sessions and signed-in programs of the user, the last used first. */
async function listSessions({ tenant, caller }: Services): Promise<z.input<typeof sessionListSchema>['items']> {
  const { userId, session } = person(caller);
  const listed = await tenant.sessions.list(userId, session ?? undefined);
  return listed.map(({ id, kind, device, methods, createdAt, lastSeenAt, expiresAt, current }) => ({
    id,
    kind: kind === 'session' ? 'browser' : 'program',
    device,
    methods: [...methods],
    createdAt: new Date(createdAt).toISOString(),
    seenAt: new Date(lastSeenAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    current,
  }));
}

/**
 * Ends the other sessions and tokens of the user, and gives the current session a new token.
 * @throws {ProblemError} 403 for an API key, 409 if the session has changed in the meantime.
 */
async function revokeOthers({ tenant, caller }: Services, c: Context<AppEnv>): Promise<void> {
  const { userId, session } = person(caller);
  if (!session) {
    await tenant.sessions.revokeAll(userId);
    return;
  }
  const outcome = await tenant.sessions.revokeOthers(session);
  if (outcome.kind === 'gone') throw new ProblemError(409, 'CONFLICT', 'Your session has changed; try again');
  if (outcome.kind === 'ended') clearSession(c);
  else setSession(c, outcome.token);
}

/**
 * Ends the caller's own session or family of tokens.
 * @throws {ProblemError} 403 for an API key.
 */
export async function endOwnEntry({ tenant, caller }: Services, c: Context<AppEnv>): Promise<void> {
  const { userId, entryId } = person(caller);
  await tenant.sessions.revoke({ userId, id: entryId });
  clearSession(c);
}

/**
 * Returns the user who makes the request.
 * @throws {ProblemError} 403 for an API key, which has no session.
 */
export function person({ userId, session, entryId }: Caller) {
  if (userId === null || entryId === null) {
    throw new ProblemError(403, 'NOT_A_PERSON', 'API keys have no sessions; sign in as a user');
  }
  return { userId, session, entryId };
}
