/** The errors that a read gets because of another caller's load. */
import type { ErrorSummary } from './load-end.ts';

/**
 * The load for which a caller waited has failed in another scope. `status` and `code` are those of the loader's error;
 * the log of the other scope has the error itself.
 */
export class SharedLoadError extends Error {
  override readonly name = 'SharedLoadError';
  /** The code of the loader's error; `LOAD_FAILED` for an error without one. */
  readonly code: string;
  /** The HTTP status of the loader's error; 500 for an error without one. */
  readonly status: number;

  constructor({ status, code }: ErrorSummary) {
    super('The load for which this read waited has failed');
    this.status = status;
    this.code = code;
  }
}

/** Another caller was still loading the value at the end of the wait. */
export class CacheBusyError extends Error {
  override readonly name = 'CacheBusyError';
  readonly code = 'CACHE_BUSY';
  /** When to read again, in ms. */
  readonly retryAfterMs = 2_000;

  constructor() {
    super('Another caller is still loading the value');
  }
}
