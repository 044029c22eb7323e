/**
 * - `LOCK_BUSY`: somebody else held it for as long as we were willing to wait.
 * - `LOCK_LOST`: the lease ended, or somebody else has the lock now; stop, and let the fence guard what was begun.
 * - `LOCK_REFUSED`: Redis answers and takes no lock: it is full, read-only, or lacks a permission. It is not held by us.
 * - `LOCK_UNAVAILABLE`: Redis did not answer, so nobody knows who holds it.
 */
export type LockErrorCode = 'LOCK_BUSY' | 'LOCK_LOST' | 'LOCK_REFUSED' | 'LOCK_UNAVAILABLE';

/** A lock could not be had or kept. */
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
