/** Mail in the local mailbox. */

/** A message that the local mailbox has accepted, with the fields of Resend's API. */
export interface CapturedMail {
  id: string;
  from: string;
  to: string[];
  subject: string;
  html?: string;
  text?: string;
  headers?: Record<string, string>;
  /** The time of acceptance, in ms since the epoch. */
  receivedAt: number;
}
