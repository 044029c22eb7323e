/** The services for sending mails. */
import type { Mailer } from './mailer.ts';

export interface MailScope {
  readonly mailer: Mailer;
}
