/** Mails with a one-time code. The code is not in the subject, which is shown on locked screens and kept in logs. */
import { letter, type MailApp, type MailContent, spoken } from './letter.ts';

/** A code, and how long it is good, in ms. */
export interface CodeMail {
  code: string;
  lifeMs: number;
}

/** The code that signs a person in, and the name of the organization that it leads to. */
export function signInCode(app: MailApp, { code, lifeMs, slug }: CodeMail & { slug: string }): MailContent {
  return letter(app, `Your sign-in code for ${app.name}`, [
    `Enter this code in the window in which you asked for it. It signs you in to the organization ${slug}:`,
    { code },
    `It is good once, for ${spoken(lifeMs)} after you asked for it. Nobody from ${app.name} will ever ask you for it.`,
    'If you did not try to sign in, ignore this mail: nobody gets in without the code.',
  ]);
}

/** A link that signs in, and how long it is good after it was mailed, in ms. */
export interface LinkMail {
  path: string;
  lifeMs: number;
}

/** The link that takes the place of codes when an address has had too many of them, or of wrong guesses. */
export function signInLink(app: MailApp, { path, lifeMs }: LinkMail): MailContent {
  return letter(app, `Your sign-in link for ${app.name}`, [
    'Open this link in the browser in which you asked to sign in. In another browser, ask to sign in there first:',
    { label: 'Sign in', path },
    `It is good once, for ${spoken(lifeMs)}. You get a link and not a code, because too many codes were asked for with your ` +
      'address today, or too many wrong ones were tried.',
    `If you did not try to sign in, ignore this mail: without the link no access is given. ${app.name} will never ask you ` +
      'for it.',
  ]);
}

/** The organizations that have an address, and where to sign in. */
export interface OrganizationsMail {
  slugs: readonly string[];
  path: string;
}

/** In place of a code, because the reader has to choose. */
export function nameOrganization(app: MailApp, { slugs, path }: OrganizationsMail): MailContent {
  return letter(app, `Name your organization to sign in to ${app.name}`, [
    'You asked for a code without the name of an organization. Your address is not confirmed for any yet, and one of these ' +
      'may be from a stranger who typed your address. Ask again with the name of yours:',
    slugs.join(', '),
    { label: 'Sign in', path },
    'If you did not try to sign in, ignore this mail.',
  ]);
}
