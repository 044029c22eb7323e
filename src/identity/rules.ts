/**
 * Limits on sign-in attempts: by IP address and by account, against attacks from many addresses on one account and
 * from one address on many accounts (ASVS 6.3.1). Without Redis the attempts cannot be counted, so they are refused.
 */
import { type Rule, rule, type Subject, sliding } from '../platform/limits/index.ts';

/** Returns the account of an attempt, existing or not: a digest of its address, because Redis keys can be read. */
const account = ({ account = '' }: Subject): string => account;

const signInAddress = rule('sign-in-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' });

/** Requests for a code, limited by IP address only, so that strangers cannot use up an account's limit. */
export const codeRules: readonly Rule[] = [signInAddress];

/** Sign-in with a password. */
export const signInRules: readonly Rule[] = [
  signInAddress,
  rule('sign-in-account', { window: sliding(10, '1m'), by: account, whenDown: 'closed' }),
];

/** Entering a code. The challenge names the account and has a separate, smaller limit. */
export const verifyRules: readonly Rule[] = [
  rule('verify-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Accepting an invitation. Its code cannot be guessed; the limit protects the database. */
export const invitationRules: readonly Rule[] = [
  rule('invitation-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Signing up a new tenant. */
export const signUpRules: readonly Rule[] = [
  rule('sign-up-address', { window: sliding(10, '1h'), by: 'ip', whenDown: 'closed' }),
];

/** Exchanging a refresh token, every few minutes for each client. The clients of an office share an IP address. */
export const refreshRules: readonly Rule[] = [
  rule('refresh-address', { window: sliding(120, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Inviting users, which sends mail to addresses that did not request it. */
export const inviteRules: readonly Rule[] = [
  rule('invite-tenant', { window: sliding(100, '1d'), by: 'tenant', whenDown: 'closed' }),
];

/** Changing a password, which could be attempted with a stolen session. */
export const passwordRules: readonly Rule[] = [
  rule('password-user', { window: sliding(10, '1m'), by: 'user', whenDown: 'closed' }),
];
