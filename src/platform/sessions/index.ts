/** Sessions for browsers, and tokens for API clients. */
export { type ClaimedAccess, claimsOfAccessToken } from './access-claims.ts';
export type { AccessGrant } from './access-token.ts';
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
export { clearSessionCookie, readSessionCookie, SESSION_COOKIE, serializeSessionCookie } from './cookie.ts';
export { type AliveEntries, countAlive } from './count-alive.ts';
export { createSessions } from './create-sessions.ts';
export { deviceOf } from './device.ts';
export { REPEAT_AFTER_MS, REVOCATION, type Revocation, revocationHandler } from './end-again.ts';
export { EPOCH_TTL_MS, type Epochs, LUA_EPOCH, tenantEpochBeside } from './epochs.ts';
export { SessionError, type SessionErrorCode } from './errors.ts';
export { type AuthKeys, AuthKeysError, type AuthPurpose, createAuthKeys } from './keys.ts';
export type { ListedSession } from './list.ts';
export { userOfLogged } from './look-up-logged.ts';
export { type EntryPlace, entryKeys, placeOf } from './place.ts';
export {
  type Limits as SessionLimits,
  type OnCap,
  policies,
  type SessionPolicy,
} from './policy.ts';
export { type Identity, LUA_RECORD } from './record.ts';
export { type PresentedRefreshToken, parseRefreshToken } from './refresh-token.ts';
export { defineSessionPolicy, roleLimits } from './role-policies.ts';
export type { SealScope } from './seal-scope.ts';
export type { Session } from './session.ts';
export type {
  CreateOutcome,
  Opened,
  Refusal,
  RevokeOthersOutcome,
  RotateOutcome,
  SessionChanges,
  Sessions,
  SessionsOptions,
  SignIn,
} from './sessions.ts';
export { type PresentedSession, parseSessionToken } from './token.ts';
