import { takeFrames } from '../error-report.ts';

/**
 * - `OUTBOUND_OPEN`: not asked, because it failed repeatedly a moment ago; `retryAfterMs` says when it may be again.
 * - `OUTBOUND_TIMEOUT`: no answer within the time limit; the request may or may not have been executed.
 * - `OUTBOUND_FAILED`: it could not be reached, or answered with a failure; the request may or may not have been executed.
 * - `OUTBOUND_ADDRESS`: not asked, because its host has an address that is not public.
 */
export type OutboundErrorCode = 'OUTBOUND_OPEN' | 'OUTBOUND_TIMEOUT' | 'OUTBOUND_FAILED' | 'OUTBOUND_ADDRESS';

/** A call to a third party failed. Has its status, never the request, the answer or the URL, which may hold secrets. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly code: OutboundErrorCode;
  /** The HTTP status, if there was one. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: OutboundErrorCode, message: string, details: { status?: number; retryAfterMs?: number } = {}) {
    super(message);
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Makes a thrown error safe to log: of a foreign one only its class is kept, and the code it ran in. */
export function toOutboundError(name: string, error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const failure = new OutboundError('OUTBOUND_FAILED', `${name} failed: ${classOf(error)}`);
  takeFrames(failure, error);
  return failure;
}

function classOf(error: unknown): string {
  return error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'an unknown error';
}
