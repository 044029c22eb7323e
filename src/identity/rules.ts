/**
 * How often a caller may try to sign in: by IP address, and by the account that is tried, so that neither many addresses
 * against one account nor one address against many gets far (ASVS 6.3.1). Without Redis the tries cannot be counted,
 * and are refused.
 */
import { type Rule, rule, type Subject, sliding } from '../platform/limits/index.ts';

/** The account that is tried, whether it exists or not: by a digest of its e-mail address, because keys can be read. */
const account = ({ account = '' }: Subject): string => account;

const signInAddress = rule('sign-in-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' });

/** Asking for a code. By address only: strangers who use up an account's tries must not keep its owner from a code. */
export const codeRules: readonly Rule[] = [signInAddress];

/** Signing in with a password. */
export const signInRules: readonly Rule[] = [
  signInAddress,
  rule('sign-in-account', { window: sliding(10, '1m'), by: account, whenDown: 'closed' }),
];

/** Entering a code. Which account it is for is in the challenge, whose own budget is smaller yet. */
export const verifyRules: readonly Rule[] = [
  rule('verify-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Accepting an invitation, whose code cannot be guessed: for the database's sake. */
export const invitationRules: readonly Rule[] = [
  rule('invitation-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Making a new tenant. */
export const signUpRules: readonly Rule[] = [
  rule('sign-up-address', { window: sliding(10, '1h'), by: 'ip', whenDown: 'closed' }),
];

/** Exchanging a refresh token: a client does so every few minutes, an office of them shares an address. */
export const refreshRules: readonly Rule[] = [
  rule('refresh-address', { window: sliding(120, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Inviting somebody sends mail to an address that never asked for it. */
export const inviteRules: readonly Rule[] = [
  rule('invite-tenant', { window: sliding(100, '1d'), by: 'tenant', whenDown: 'closed' }),
];

/** Changing a password, which may be tried with a stolen session. */
export const passwordRules: readonly Rule[] = [
  rule('password-user', { window: sliding(10, '1m'), by: 'user', whenDown: 'closed' }),
];
