/** The condition for changes of the user's own factors: a browser session with a new proof of identity (ASVS 7.5.1). */
import { ProblemError } from '../../platform/http/index.ts';
import type { Services } from '../../platform/rest/index.ts';
import type { Session } from '../../platform/sessions/index.ts';
import { person } from '../sessions.ts';

/**
 * Returns the browser session of the caller, if its last proof is at most five minutes old: the proof of the second
 * factor if the session has one, otherwise the sign-in.
 * @param what the subject of the message for programs: `your passkeys`.
 * @throws {ProblemError} 403 `NEEDS_SESSION` for a program, 403 `NOT_A_PERSON` for an API key.
 * @throws {SessionError} `SESSION_NOT_FRESH`.
 */
export function freshSession({ tenant, caller }: Services, what: string): Session {
  const { session } = person(caller);
  if (!session) throw new ProblemError(403, 'NEEDS_SESSION', `Change ${what} in a browser session`);
  if (session.factorAt === undefined) tenant.sessions.requireFresh(session, '5m');
  else tenant.sessions.requireFreshFactor(session, '5m');
  return session;
}
