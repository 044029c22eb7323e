/** Mails to new users. */
import { letter, type MailApp, type MailContent, shown, spoken } from './letter.ts';

/** An invitation. */
export interface InvitationMail {
  inviter: string;
  organization: string;
  /** The organization's name at sign-in. */
  slug: string;
  /** The path of the page on which the reader accepts. */
  path: string;
  /** How long the link of `path` signs the reader in, in ms; `null` if the link contains no code. */
  lifeMs: number | null;
}

/** Writes the mail that invites a person into an organization. */
export function invitation(app: MailApp, { inviter, organization, slug, path, lifeMs }: InvitationMail): MailContent {
  return letter(app, `${shown(inviter)} invites you to ${shown(organization)}`, [
    `${shown(inviter)} invites you to work in ${shown(organization)} on ${app.name}.`,
    ...(lifeMs === null
      ? [{ label: 'Sign in', path }]
      : [
          `This link signs you in. It works once, for ${spoken(lifeMs)}. Do not pass it on:`,
          { label: 'Accept the invitation', path },
        ]),
    `Without the link, sign in with this address and the organization ${slug}. You will get a code by mail.`,
    'If you do not know the sender, ignore this mail.',
  ]);
}

/** The user of the ready account, and the organization. */
export interface WelcomeMail {
  name: string;
  organization: string;
  /** `true` if the account had a password from the time before its address was proven. That password was removed. */
  passwordEnded: boolean;
  path: string;
}

/** Writes the mail for a user who has proven the address, so that the account is ready. */
export function welcome(app: MailApp, { name, organization, passwordEnded, path }: WelcomeMail): MailContent {
  return letter(app, `Welcome to ${app.name}`, [
    `Hello ${shown(name)},`,
    `your account in ${shown(organization)} is ready.`,
    ...(passwordEnded
      ? ['The password chosen at sign-up in another browser is no longer valid. You can set a new one.']
      : []),
    { label: `Open ${app.name}`, path },
  ]);
}
