/**
 * A message, and its checks: a line break in an address or a subject would add headers (CWE-93), and a second address
 * would add receivers. The provider's API takes JSON and probably refuses both, but we do not rely on the provider.
 */
import { MailError } from './errors.ts';

/** A message to one receiver. */
export interface Mail {
  /** The receiver: one address, without a name. */
  to: string;
  subject: string;
  text: string;
  html: string;
  /**
   * The idempotency key of the mail: if a mail is sent again with the same key within a day, the mail is delivered only
   * once. The key has at most 256 visible ASCII characters and no secrets. A mail without a key is not sent again after
   * a lost answer.
   */
  idempotencyKey?: string;
}

const ADDRESS = /^[^\s\p{C}@<>()[\]\\,;:"]{1,64}@[^\s\p{C}@<>()[\]\\,;:"]{1,253}$/u;
const NAMED_ADDRESS = /^(?:[^<>]+<([^<>]+)>|([^<>]+))$/;
const LINE_BREAK = /[\p{Cc}\u2028\u2029]/u;
const LONGEST_SUBJECT = 250;

/**
 * Checks that a mail is one message to one receiver.
 * @throws {MailError} `MAIL_INVALID`, with the name of the wrong field but not its value.
 */
export function checkMail({ to, subject, text, html, idempotencyKey }: Mail): void {
  if (!ADDRESS.test(to)) throw invalid('to', 'is not one e-mail address');
  if (subject.trim() === '' || subject.length > LONGEST_SUBJECT) throw invalid('subject', 'is empty or too long');
  if (LINE_BREAK.test(subject)) throw invalid('subject', 'contains control characters');
  if (text === '' || html === '') throw invalid('text or html', 'is empty');
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,256}$/.test(idempotencyKey)) {
    throw invalid('idempotencyKey', 'is not 1 to 256 visible ASCII characters');
  }
}

/**
 * Checks that a text is a sender: an address, or `Name <address>`.
 * @throws {MailError} `MAIL_INVALID`
 */
export function checkSender(from: string): void {
  const [, named, bare] = NAMED_ADDRESS.exec(from) ?? [];
  if (LINE_BREAK.test(from) || !ADDRESS.test(named ?? bare ?? '')) throw invalid('from', 'is not a sender');
}

function invalid(field: string, problem: string): MailError {
  return new MailError('MAIL_INVALID', `The mail was not sent: its ${field} ${problem}`);
}
