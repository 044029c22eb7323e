/**
 * - `MAIL_INVALID`: the mail was not sent, because the message is not valid: a mistake of the caller.
 * - `MAIL_UNAUTHORIZED`: the mail was not sent, because the provider refuses our token or our sender: a wrong
 *   configuration.
 * - `MAIL_REFUSED`: the mail was not sent, because the provider refuses this message. A retry would be refused too.
 * - `MAIL_THROTTLED`: the mail was not sent, because we send too many mails. Retry after `retryAfterMs`.
 * - `MAIL_UNAVAILABLE`: the provider could not be reached or did not answer; the mail may have been sent. A retry
 *   with the same idempotency key is safe.
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

/**
 * A mail was not sent, or may not have been sent. The error contains no address, no content and no text of the
 * provider.
 */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: MailErrorCode;
  /** The provider's HTTP status, if the provider answered. */
  readonly status: number | undefined;
  /** The provider's name of the error, such as `validation_error`. */
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
