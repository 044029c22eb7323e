/**
 * - `LOCK_BUSY`: another caller held the lock for the whole time we were willing to wait.
 * - `LOCK_LOST`: the lease ended, or another caller has the lock now; stop, and let the fence reject later writes.
 * - `LOCK_REFUSED`: Redis answers and takes no lock: it is full, read-only, or lacks a permission. We do not hold it.
 * - `LOCK_UNAVAILABLE`: Redis did not answer, so the holder is unknown.
 */
export type LockErrorCode = 'LOCK_BUSY' | 'LOCK_LOST' | 'LOCK_REFUSED' | 'LOCK_UNAVAILABLE';

/** A lock could not be acquired or kept. */
export class LockError extends Error {
  override readonly name = 'LockError';
  readonly code: LockErrorCode;
  /** For `LOCK_BUSY`: when the holder's lease ends, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(code: LockErrorCode, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
