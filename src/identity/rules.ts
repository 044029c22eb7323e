/**
 * Limits on sign-in attempts. A limit by account stops an attack from many addresses on one account, and a limit by IP
 * address stops an attack from one address on many accounts (ASVS 6.3.1). While Redis does not answer, attempts cannot
 * be counted and are refused.
 */
import { type Rule, rule, type Subject, sliding } from '../platform/limits/index.ts';

/**
 * Returns the account by which attempts are counted: a digest of the e-mail address, because operators can read keys in
 * Redis. The account need not exist.
 */
const account = ({ account = '' }: Subject): string => account;

const signInAddress = rule('sign-in-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' });

/** Limits on requests for a code: only by IP address, so that strangers cannot use up the limit of an account. */
export const codeRules: readonly Rule[] = [signInAddress];

/** Sign-in with a password. */
export const signInRules: readonly Rule[] = [
  signInAddress,
  rule('sign-in-account', { window: sliding(10, '1m'), by: account, whenDown: 'closed' }),
];

/** Limits on attempts to enter a code. In addition, each challenge and each e-mail address has a budget of guesses. */
export const verifyRules: readonly Rule[] = [
  rule('verify-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/**
 * Limits on attempts to accept an invitation. The code of an invitation cannot be guessed; the limit protects the
 * database.
 */
export const invitationRules: readonly Rule[] = [
  rule('invitation-address', { window: sliding(10, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Signing up a new tenant. */
export const signUpRules: readonly Rule[] = [
  rule('sign-up-address', { window: sliding(10, '1h'), by: 'ip', whenDown: 'closed' }),
];

/**
 * Limits on exchanges of refresh tokens. Each client exchanges a token every few minutes, and the clients of an office
 * share an IP address.
 */
export const refreshRules: readonly Rule[] = [
  rule('refresh-address', { window: sliding(120, '1m'), by: 'ip', whenDown: 'closed' }),
];

/** Limits on invitations, which send mail to people who did not request mail. */
export const inviteRules: readonly Rule[] = [
  rule('invite-tenant', { window: sliding(100, '1d'), by: 'tenant', whenDown: 'closed' }),
];

/** Limits on changes of a password: a thief with a stolen session could try to guess the current password. */
export const passwordRules: readonly Rule[] = [
  rule('password-user', { window: sliding(10, '1m'), by: 'user', whenDown: 'closed' }),
];

/** Limits on changes of passkeys: each makes a challenge, or checks a signature. */
export const passkeyRules: readonly Rule[] = [
  rule('passkey-user', { window: sliding(30, '1m'), by: 'user', whenDown: 'closed' }),
];

/**
 * Limits on attempts to prove a second factor. Three of the million codes are valid at a time, so 480 guesses a day
 * succeed with a chance of 0.15 %.
 */
export const factorRules: readonly Rule[] = [
  rule('factor-account', { window: sliding(5, '15m'), by: account, whenDown: 'closed' }),
];

/** Limits on challenges for passkeys at sign-in. */
export const pendingPasskeyRules: readonly Rule[] = [
  rule('pending-passkey-account', { window: sliding(30, '15m'), by: account, whenDown: 'closed' }),
];

/** Limits on changes of the own second factor. */
export const ownFactorRules: readonly Rule[] = [
  rule('factor-user', { window: sliding(10, '1m'), by: 'user', whenDown: 'closed' }),
];
