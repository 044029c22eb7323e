/** Mails with a one-time code. The subject has no code, because locked screens and logs show subjects. */
import { letter, type MailApp, type MailContent, spoken } from './letter.ts';

/** A code, and how long the code is valid, in ms. */
export interface CodeMail {
  code: string;
  lifeMs: number;
}

/** Writes the mail with a sign-in code and the name of the organization. */
export function signInCode(app: MailApp, { code, lifeMs, slug }: CodeMail & { slug: string }): MailContent {
  return letter(app, `Your sign-in code for ${app.name}`, [
    `Enter this code in the window in which you asked for it. It signs you in to the organization ${slug}:`,
    { code },
    `The code works once, for ${spoken(lifeMs)} after you asked for it. ${app.name} will never ask you for this code.`,
    'If you did not try to sign in, ignore this mail: without the code, no sign-in is possible.',
  ]);
}

/** A sign-in link, and how long the link is valid after the mail was sent, in ms. */
export interface LinkMail {
  path: string;
  lifeMs: number;
}

/**
 * Writes the mail with a sign-in link. An address gets a link instead of a code after too many codes or wrong guesses.
 */
export function signInLink(app: MailApp, { path, lifeMs }: LinkMail): MailContent {
  return letter(app, `Your sign-in link for ${app.name}`, [
    'Open this link in the browser in which you asked to sign in. In another browser, ask to sign in there first:',
    { label: 'Sign in', path },
    `The link works once, for ${spoken(lifeMs)}. You get a link instead of a code because too many codes were requested ` +
      'for your address today, or too many wrong codes were entered.',
    `If you did not try to sign in, ignore this mail: without the link, no sign-in is possible. ${app.name} will never ` +
      'ask you for this link.',
  ]);
}

/** The organizations in which an address has an account, and the path of the sign-in page. */
export interface OrganizationsMail {
  slugs: readonly string[];
  path: string;
}

/** Writes the mail that replaces a code if the reader must choose an organization. */
export function nameOrganization(app: MailApp, { slugs, path }: OrganizationsMail): MailContent {
  return letter(app, `Name your organization to sign in to ${app.name}`, [
    'You asked for a code without naming an organization. Your address is not confirmed for any organization yet, and a ' +
      'stranger may have created one of these with your address. Ask again with the name of your organization:',
    slugs.join(', '),
    { label: 'Sign in', path },
    'If you did not try to sign in, ignore this mail.',
  ]);
}
