/** Who somebody is: sessions for browsers, tokens for API clients, and what proves it. */
export { type ClaimedAccess, claimsOfAccessToken } from './access-claims.ts';
export type { AccessGrant } from './access-token.ts';
export { type AddressDigest, addressDigest } from './address-digest.ts';
export { authSealer } from './auth-sealer.ts';
export {
  type ClientTokens,
  type ClientTokensOptions,
  createClientTokens,
  type Issued,
  type IssueOutcome,
  type RefreshOutcome,
  type TokenPair,
} from './client-tokens.ts';
export { codeHmac } from './code-hmac.ts';
export { clearSessionCookie, readSessionCookie, SESSION_COOKIE, serializeSessionCookie } from './cookie.ts';
export { deviceOf } from './device.ts';
export { REPEAT_AFTER_MS, REVOCATION_DEBT, type Revocation, revocationPayer } from './end-again.ts';
export type { Epochs } from './epochs.ts';
export { SessionError, type SessionErrorCode } from './errors.ts';
export { type AuthKeys, AuthKeysError, type AuthPurpose, createAuthKeys, sameText } from './keys.ts';
export type { ListedSession } from './list.ts';
export {
  type CodeGuess,
  type CodeHmac,
  type CodeOptions,
  type CodeRequest,
  type CodeServices,
  createOneTimeCodes,
  type IssuedCode,
  type MailedLink,
  type OneTimeCodes,
  type VerifiedCode,
} from './one-time-code.ts';
export {
  hashPassword,
  PASSWORD_COST,
  type PasswordCheck,
  type PasswordCost,
  verifyAbsent,
  verifyPassword,
} from './password.ts';
export { type PasswordPolicy, passwordProblem } from './password-policy.ts';
export { type OnCap, policies, refreshPolicy, type SessionPolicy } from './policy.ts';
export type { Identity } from './record.ts';
export { type PresentedRefreshToken, parseRefreshToken } from './refresh-token.ts';
export type { Session } from './session.ts';
export {
  type CreateOutcome,
  createSessions,
  type Opened,
  type Refusal,
  type RevokeOthersOutcome,
  type RotateOutcome,
  type SessionChanges,
  type Sessions,
  type SessionsOptions,
  type SignIn,
} from './sessions.ts';
export { type PresentedSession, parseSessionToken } from './token.ts';
