/** The error class of sessions and tokens. A caller who is not signed in is a normal result, not an error. */
import { CodedError } from '../coded-error.ts';
import { isRefusal, RedisError } from '../redis/index.ts';

/**
 * - `SESSION_UNAVAILABLE`: Redis did not answer, so the session cannot be verified, or a change may or may not have
 *   been made. Answer 503; do not treat the caller as signed out or as signed in.
 * - `SESSION_REFUSED`: Redis answered but refused the change, because Redis is full or read-only, or a permission is
 *   missing. The requested change was not made. Answer 503.
 * - `SESSION_NOT_FRESH`: the caller must prove their identity again.
 * - `SESSION_DATA`: the data of a session is too large.
 * - `SESSION_SEAL_KEYS`: the policy of the role requires a seal, and SEAL_KEYS is missing. Answer 503.
 * - `SESSION_CONFIG`: a policy, a tenant or an option cannot be used.
 */
export type SessionErrorCode =
  | 'SESSION_UNAVAILABLE'
  | 'SESSION_REFUSED'
  | 'SESSION_NOT_FRESH'
  | 'SESSION_DATA'
  | 'SESSION_SEAL_KEYS'
  | 'SESSION_CONFIG';

/** An error of sessions. The message contains no tokens and no users' input. */
export class SessionError extends CodedError<SessionErrorCode> {
  override readonly name = 'SessionError';
}

/** Turns a Redis error into `SESSION_UNAVAILABLE`: `promise.catch(unavailable)`. Throws other errors unchanged. */
export function unavailable(error: unknown): never {
  if (!(error instanceof RedisError)) throw error;
  throw new SessionError('SESSION_UNAVAILABLE', 'Redis did not say who is signed in', { cause: error });
}

/**
 * Turns a Redis error of a change into `SESSION_REFUSED` if Redis refused the change; otherwise into
 * `SESSION_UNAVAILABLE`.
 */
export function refused(error: unknown): never {
  // If Redis refuses our credentials, Redis answers no reads either, so sessions cannot be verified.
  if (!isRefusal(error) || error.code === 'REDIS_UNAUTHORIZED') return unavailable(error);
  throw new SessionError('SESSION_REFUSED', 'Redis refused the change', { cause: error });
}
