/**
 * A caller's credentials: an API key or an access token in `Authorization`, or the session cookie. All credentials name
 * their tenant in clear text, so the lookups for the verification can be sent together with the other lookups of the
 * request.
 */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { awaitedLater } from '../awaited-later.ts';
import { notLogged, type PendingRead } from '../read-log/index.ts';
import { claimsOfAccessToken, parseSessionToken, readSessionCookie } from '../sessions/index.ts';
import { parseApiKey, verifyApiKey } from './api-key.ts';
import { logKeyRead } from './log-key-read.ts';
import { rightsOf } from './rights.ts';
import type { AppEnv, Caller, Scope, TenantScope } from './scope.ts';

/** The services that verify credentials. */
type CredentialScope = Pick<Scope, 'apiKeyRecords' | 'redis' | 'system'>;

/** Credentials as claimed, not verified. */
export interface Presented {
  kind: Caller['kind'];
  tenant: string;
  /** The name under which limits count the caller's requests. Other callers cannot use this name without the secret. */
  user: string;
  /**
   * Starts the lookups in this turn. Returns a function that verifies the caller, and resolves with `null` for false
   * credentials. Call that function only after the limits have allowed the request, because it may query the
   * database.
   *
   * An audited `read` is logged by the lookups, if they can prove the credentials.
   */
  begin(
    scope: CredentialScope,
    claimed: TenantScope,
    isUse?: boolean,
    read?: PendingRead,
  ): () => Promise<Caller | null>;
}

/**
 * Returns the credentials of a request, or `null`. If the request has an `Authorization` header, its cookie is ignored.
 */
export function presentedBy(c: Context<AppEnv>): Presented | null {
  const authorization = c.req.header('authorization');
  if (authorization === undefined) return sessionCookie(c.req.header('cookie'));
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return token === undefined ? null : (apiKey(token) ?? accessToken(token));
}

function apiKey(text: string): Presented | null {
  const presented = parseApiKey(text);
  if (!presented) return null;
  const { tenant, keyId, secret } = presented;
  return {
    kind: 'api-key',
    tenant,
    // The text contains a digest of the secret. So a caller who knows only the id of a key cannot use up the key's
    // quota.
    user: `${keyId}.${createHash('sha256').update(secret).digest('base64url').slice(0, 16)}`,
    begin(scope, claimed, _isUse, read) {
      const secretHash = createHash('sha256').update(secret).digest('hex');
      const logged = read && awaitedLater(logKeyRead(scope, { keyId, secretHash }, read));
      if (read && logged) read.settled = logged;
      claimed.cache.prefetch(scope.apiKeyRecords, { keyId });
      return async () => {
        await logged?.catch(notLogged);
        const record = await claimed.cache.read(scope.apiKeyRecords, { keyId });
        if (!record || !verifyApiKey(presented, record, scope.system.now())) return null;
        return {
          kind: 'api-key',
          id: keyId,
          userId: null,
          rights: record.rights,
          role: null,
          entryId: null,
          session: null,
          grant: null,
        };
      };
    },
  };
}

function accessToken(text: string): Presented | null {
  const claimed = claimsOfAccessToken(text);
  if (!claimed) return null;
  return {
    kind: 'token',
    tenant: claimed.tenant,
    user: claimed.bucket,
    begin(_scope, tenant, _isUse, read) {
      const validated = awaitedLater(tenant.tokens.validate(text, read));
      return async () => {
        const grant = await validated;
        if (!grant) return null;
        const { userId, role, id } = grant;
        return { kind: 'token', id: userId, userId, rights: rightsOf(role), role, entryId: id, session: null, grant };
      };
    },
  };
}

function sessionCookie(cookies: string | undefined): Presented | null {
  const presented = parseSessionToken(readSessionCookie(cookies) ?? '');
  if (!presented) return null;
  return {
    kind: 'session',
    tenant: presented.tenant,
    user: presented.bucket,
    begin(_scope, claimed, isUse, read) {
      // A limit may refuse the caller before the validation ends. Then the request does not wait for the validation.
      const validated = awaitedLater(claimed.sessions.validate(presented, isUse, read));
      return async () => {
        const session = await validated;
        if (!session) return null;
        const { userId, role } = session;
        const { id: entryId } = session;
        return { kind: 'session', id: userId, userId, rights: rightsOf(role), role, entryId, session, grant: null };
      };
    },
  };
}
