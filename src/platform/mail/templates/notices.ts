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

/** A change or a use of the second factor of an account. */
export interface FactorMail extends NoticeMail {
  change: 'added' | 'removed' | 'renewed' | 'recovered' | 'guessed' | 'reset';
}

/** The subject and the first sentence of each mail. */
const FACTOR_TEXTS: Readonly<Record<FactorMail['change'], (app: string, when: string) => [string, string]>> = {
  added: (app, when) => [
    `The second factor of your sign-in for ${app} was added`,
    `Your authenticator app was added on ${when}, and every other device was signed out.`,
  ],
  removed: (app, when) => [
    `The second factor of your sign-in for ${app} was removed`,
    `Your authenticator app, recovery codes and passkeys were removed on ${when}, and every other device was signed out.`,
  ],
  renewed: (app, when) => [
    `You have new recovery codes for ${app}`,
    `New recovery codes were made on ${when}. The older codes have ended, and every other device was signed out.`,
  ],
  recovered: (app, when) => [
    `A recovery code was used to sign in to ${app}`,
    `Your account was opened with a recovery code on ${when}. Each code works once.`,
  ],
  guessed: (app, when) => [
    `Sign-ins to ${app} stopped at your second factor`,
    `Many wrong codes were entered for your account, the last on ${when}. These sign-ins failed, but another person may know ` +
      'your password or read your mail.',
  ],
  reset: (app, when) => [
    `The second factor of your sign-in for ${app} was reset`,
    `A manager of your organization removed your authenticator app, recovery codes and passkeys on ${when}, and every ` +
      'device was signed out. Sign in with a mailed code to add an app again.',
  ],
};

/** Writes the mail after a change or a use of a second factor. The device of a reset is left out: it is not the user's. */
export function factorChanged(app: MailApp, { at, device, path, change }: FactorMail): MailContent {
  const when = change === 'reset' ? moment(at) : `${moment(at)} with ${shown(device)}`;
  const [subject, sentence] = FACTOR_TEXTS[change](app.name, when);
  const then =
    change === 'reset'
      ? 'If you did not ask for that, tell your organization.'
      : 'If that was you, there is nothing to do.';
  return letter(app, subject, [
    sentence,
    `${then} If you do not know why, choose a new password now:`,
    { label: 'Choose a new password', path },
  ]);
}
