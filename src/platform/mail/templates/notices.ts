/** Mails about changes of an account, so that the owner notices changes by other people (ASVS 6.3.5, 6.3.7). */
import { letter, type MailApp, type MailContent, moment, shown } from './letter.ts';

/** The time and the device of a change, and the page on which the reader can act. */
export interface NoticeMail {
  at: Date;
  /** The name of the device, in words: `Firefox on Linux`. */
  device: string;
  /** The path of the page on which the reader can act: to end sessions, or to choose a new password. */
  path: string;
}

/** Writes the mail after a change of the password. */
export function passwordChanged(app: MailApp, { at, device, path }: NoticeMail): MailContent {
  return letter(app, `Your password for ${app.name} was changed`, [
    `Your password was changed on ${moment(at)} with ${shown(device)}, and every other device was signed out.`,
    'If that was you, there is nothing to do. If not, choose a new password now:',
    { label: 'Choose a new password', path },
  ]);
}

/** A change of the passkeys of an account. */
export interface PasskeyMail extends NoticeMail {
  change: 'added' | 'removed';
  /** The name that the user gave to the passkey. */
  name: string;
}

/** Writes the mail after a passkey was added or removed. */
export function passkeyChanged(app: MailApp, { at, device, path, change, name }: PasskeyMail): MailContent {
  return letter(app, `A passkey for ${app.name} was ${change}`, [
    `The passkey “${shown(name)}” was ${change} on ${moment(at)} with ${shown(device)}, and every other device was signed out.`,
    'If that was you, there is nothing to do. If not, choose a new password now, and look at your passkeys:',
    { label: 'Look at your account', path },
  ]);
}
