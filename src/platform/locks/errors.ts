/**
 * - `LOCK_BUSY`: another caller held the lock for the whole waiting time.
 * - `LOCK_LOST`: the lease ended, or another caller has the lock now. Stop the work; the fence rejects later writes.
 * - `LOCK_REFUSED`: Redis answered but refused the lock, because Redis is full or read-only, or a permission is
 *   missing. The lock is not held.
 * - `LOCK_UNAVAILABLE`: Redis did not answer, so the holder is unknown.
 */
export type LockErrorCode = 'LOCK_BUSY' | 'LOCK_LOST' | 'LOCK_REFUSED' | 'LOCK_UNAVAILABLE';

/** Thrown if a lock could not be acquired or kept. */
export class LockError extends Error {
  override readonly name = 'LockError';
  readonly code: LockErrorCode;
  /** The time until the holder's lease ends, in ms; only for `LOCK_BUSY`. */
  readonly retryAfterMs: number | undefined;

  constructor(code: LockErrorCode, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
