/** Mails that bring people in. */
import { letter, type MailApp, type MailContent, shown } from './letter.ts';

/** Who invites, and to what. */
export interface InvitationMail {
  inviter: string;
  organization: string;
  /** Where to sign in. */
  path: string;
}

/** Somebody is invited into an organization. */
export function invitation(app: MailApp, { inviter, organization, path }: InvitationMail): MailContent {
  return letter(app, `${shown(inviter)} invites you to ${shown(organization)}`, [
    `${shown(inviter)} invites you to work in ${shown(organization)} on ${app.name}.`,
    `Sign in with this address; you will be sent a code.`,
    { label: `Open ${app.name}`, path },
    'If you do not know who sent this, ignore it.',
  ]);
}

/** Whose account is ready, and where. */
export interface WelcomeMail {
  name: string;
  organization: string;
  /** Whether a password that was set before the address was proven has ended. */
  passwordEnded: boolean;
  path: string;
}

/** An account is ready: its address is proven. */
export function welcome(app: MailApp, { name, organization, passwordEnded, path }: WelcomeMail): MailContent {
  return letter(app, `Welcome to ${app.name}`, [
    `Hello ${shown(name)},`,
    `your account in ${shown(organization)} is ready.`,
    ...(passwordEnded
      ? ['The password that was given at sign-up, in another browser, has ended. You can set a new one.']
      : []),
    { label: `Open ${app.name}`, path },
  ]);
}
