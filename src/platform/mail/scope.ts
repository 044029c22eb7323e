/** The services of code that sends mails. */
import type { Mailer } from './mailer.ts';

export interface MailScope {
  readonly mailer: Mailer;
}
