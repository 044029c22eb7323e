/** Mails about changes of an account, so that its owner notices changes by others (ASVS 6.3.5, 6.3.7). */
import { letter, type MailApp, type MailContent, moment, shown } from './letter.ts';

/** The event, the device, and the page to undo it. */
export interface NoticeMail {
  at: Date;
  /** As the browser calls itself, in words: `Firefox on Linux`. */
  device: string;
  /** Where the reader can act: sessions, or a new password. */
  path: string;
}

/** The password of an account was changed. */
export function passwordChanged(app: MailApp, { at, device, path }: NoticeMail): MailContent {
  return letter(app, `Your password for ${app.name} was changed`, [
    `Your password was changed on ${moment(at)} with ${shown(device)}, and every other device was signed out.`,
    'If that was you, there is nothing to do. If not, choose a new password now:',
    { label: 'Choose a new password', path },
  ]);
}
