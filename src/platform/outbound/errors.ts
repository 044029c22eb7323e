import { takeFrames } from '../error-report.ts';

/**
 * - `OUTBOUND_OPEN`: no request was sent, because the third party failed repeatedly a moment ago; `retryAfterMs` says
 *   when to try again.
 * - `OUTBOUND_TIMEOUT`: no answer within the time limit; the request may or may not have been executed.
 * - `OUTBOUND_FAILED`: no connection, or the answer is a failure; the request may or may not have been executed.
 *   `retryAfterMs` is the wait that the third party asks for, if it does.
 * - `OUTBOUND_ADDRESS`: no request was sent, because the host has an address that is not public.
 */
export type OutboundErrorCode = 'OUTBOUND_OPEN' | 'OUTBOUND_TIMEOUT' | 'OUTBOUND_FAILED' | 'OUTBOUND_ADDRESS';

/**
 * A call to a third party failed. The error contains neither the request nor the answer nor the URL, because these may
 * contain secrets.
 */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly code: OutboundErrorCode;
  /** The HTTP status, if the third party answered. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: OutboundErrorCode,
    message: string,
    details: { status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Makes a thrown error safe to log: keeps only the class and the stack frames of an error from other code. */
export function toOutboundError(name: string, error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const failure = new OutboundError('OUTBOUND_FAILED', `${name} failed: ${classOf(error)}`);
  takeFrames(failure, error);
  return failure;
}

function classOf(error: unknown): string {
  return error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'an unknown error';
}
