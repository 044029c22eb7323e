/** Mail: the templates, and the sending. */
export { MailError, type MailErrorCode } from './errors.ts';
export { createMailer, type Mailer, type MailerOptions } from './mailer.ts';
export type { Mail } from './message.ts';
export type { MailScope } from './scope.ts';
export { type AuditSealMail, auditSeal } from './templates/audit.ts';
export {
  type CodeMail,
  type LinkMail,
  nameOrganization,
  type OrganizationsMail,
  signInCode,
  signInLink,
} from './templates/codes.ts';
export { letter, type MailApp, type MailContent, shown } from './templates/letter.ts';
export {
  type FactorMail,
  factorChanged,
  type NoticeMail,
  type PasskeyMail,
  passkeyChanged,
  passwordChanged,
} from './templates/notices.ts';
export { type InvitationMail, invitation, welcome } from './templates/people.ts';
