/** Mails that bring people in. */
import { letter, type MailApp, type MailContent, shown, spoken } from './letter.ts';

/** Who invites, and to what. */
export interface InvitationMail {
  inviter: string;
  organization: string;
  /** Where the invitation is accepted. */
  path: string;
  lifeMs: number;
}

/** Somebody is invited into an organization. */
export function invitation(app: MailApp, { inviter, organization, path, lifeMs }: InvitationMail): MailContent {
  return letter(app, `${shown(inviter)} invites you to ${shown(organization)}`, [
    `${shown(inviter)} invites you to work in ${shown(organization)} on ${app.name}.`,
    { label: 'Accept the invitation', path },
    `The invitation is good for ${spoken(lifeMs)}. If you do not know who sent it, ignore this mail.`,
  ]);
}

/** Somebody has an account now. */
export function welcome(app: MailApp, { name }: { name: string }): MailContent {
  return letter(app, `Welcome to ${app.name}`, [
    `Hello ${shown(name)},`,
    `your account is ready.`,
    { label: `Open ${app.name}`, path: '/' },
  ]);
}
