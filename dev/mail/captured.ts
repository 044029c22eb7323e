/** A message that the local mailbox has accepted. */

/** A captured message; the fields are Resend's. */
export interface CapturedMail {
  id: string;
  from: string;
  to: string[];
  subject: string;
  html?: string;
  text?: string;
  headers?: Record<string, string>;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}
