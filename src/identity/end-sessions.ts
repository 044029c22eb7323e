/**
 * The ends of sessions by an administrator, by the API or in the console, each with its entry in the audit trail. A
 * caller whose entry cannot be written gets an error, although the sessions have ended, and may ask again.
 */
import { notFound } from '../platform/http/index.ts';
import type { Services } from '../platform/rest/index.ts';

/** The services of these functions. */
type Acting = Pick<Services, 'scope' | 'tenant' | 'caller'>;

/**
 * Ends one session or token family of a user of the caller's tenant. 1 request to Redis and 1 transaction.
 * @throws {ProblemError} 404 if the user has no such session.
 */
export async function endSession({ tenant }: Acting, userId: string, id: string): Promise<void> {
  if (!/^[\w-]{22}$/.test(id) || !/^[\w-]{1,64}$/.test(userId)) throw notFound('session');
  if (!(await tenant.sessions.revoke({ userId, id }))) throw notFound('session');
  const entity = { type: 'user', id: userId };
  await tenant.commit((tx) => tx.audit({ action: 'session.ended', entity, data: { sessionId: id } }));
}

/**
 * Ends all sessions and token families of a user of the caller's tenant, and returns their number. 2 requests to Redis
 * and 1 transaction.
 * @throws {ProblemError} 404 if the id is not the id of a user.
 */
export async function endSessions({ tenant }: Acting, userId: string): Promise<number> {
  if (!/^[\w-]{1,64}$/.test(userId)) throw notFound('user');
  const { length } = await tenant.sessions.list(userId);
  await tenant.sessions.revokeAll(userId);
  const entity = { type: 'user', id: userId };
  await tenant.commit((tx) => tx.audit({ action: 'sessions.ended', entity, data: { sessions: length } }));
  return length;
}

/** Ends all sessions and token families of the caller's tenant. 1 request to Redis and 1 transaction. */
export async function endSessionsOfTenant({ scope, tenant, caller }: Acting): Promise<void> {
  await tenant.sessions.revokeTenant();
  scope.log.warn('auth.tenant_signed_out', { tenant: tenant.tenant, by: caller.id });
  const entity = { type: 'tenant', id: tenant.tenant };
  await tenant.commit((tx) => tx.audit({ action: 'sessions.ended', entity }));
}
