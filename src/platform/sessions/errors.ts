/** The one error class of sessions and tokens. A caller who is not signed in is an answer, not an error. */
import { isRefusal, RedisError } from '../redis/index.ts';

/**
 * - `SESSION_UNAVAILABLE`: Redis did not answer, so the session cannot be verified, or a change may or may not have
 *   been made. Answer 503: neither "not signed in" nor a stale yes.
 * - `SESSION_REFUSED`: Redis answers and takes no change: it is full, read-only, or lacks a permission. The requested
 *   change was not made. Answer 503.
 * - `SESSION_NOT_FRESH`: the caller must prove again who they are.
 * - `SESSION_DATA`: the data of a session is too large.
 * - `SESSION_CONFIG`: a policy, a tenant or an option cannot be used.
 */
export type SessionErrorCode =
  | 'SESSION_UNAVAILABLE'
  | 'SESSION_REFUSED'
  | 'SESSION_NOT_FRESH'
  | 'SESSION_DATA'
  | 'SESSION_CONFIG';

/** An error of sessions. Free of tokens and of users' input. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** For `promise.catch(unavailable)`: a failure of Redis becomes `SESSION_UNAVAILABLE`. */
export function unavailable(error: unknown): never {
  if (!(error instanceof RedisError)) throw error;
  throw new SessionError('SESSION_UNAVAILABLE', 'Redis did not say who is signed in', { cause: error });
}

/** For a change: one that Redis refuses becomes `SESSION_REFUSED`, any other failure `SESSION_UNAVAILABLE`. */
export function refused(error: unknown): never {
  // With refused credentials Redis answers no reads either, so sessions cannot be verified.
  if (!isRefusal(error) || error.code === 'REDIS_UNAUTHORIZED') return unavailable(error);
  throw new SessionError('SESSION_REFUSED', 'Redis refused the change', { cause: error });
}
