/**
 * - `MAIL_INVALID`: not sent, because the message is not valid; a mistake of the caller.
 * - `MAIL_UNAUTHORIZED`: not sent; the provider refuses our token or our sender. A matter of configuration.
 * - `MAIL_REFUSED`: not sent; the provider refuses this message, and will again.
 * - `MAIL_THROTTLED`: not sent; we send too many. May be sent after `retryAfterMs`.
 * - `MAIL_UNAVAILABLE`: the provider could not be reached or did not answer; the message may have been sent.
 *   Sending it again with the same idempotency key is safe.
 */
export type MailErrorCode =
  | 'MAIL_INVALID'
  | 'MAIL_UNAUTHORIZED'
  | 'MAIL_REFUSED'
  | 'MAIL_THROTTLED'
  | 'MAIL_UNAVAILABLE';

export interface MailErrorDetails {
  status?: number | undefined;
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
}

/** A message was not sent, or may not have been. Has neither the address nor the content nor the provider's text. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: MailErrorCode;
  /** The provider's HTTP status, if it answered. */
  readonly status: number | undefined;
  /** The provider's name for what is wrong, such as `validation_error`. */
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: MailErrorCode, message: string, details: MailErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}
