/**
 * Tokens of API clients: an access token that lives five minutes, and a refresh token that works once (ASVS 10.4.5,
 * RFC 9700 section 4.14). A refresh token and its successors are a family. Families are stored beside the user's
 * sessions and appear in the same list; `revokeAll` ends both.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { notLogged, type PendingRead } from '../read-log/index.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import { claimsOfAccessToken } from './access-claims.ts';
import {
  ACCESS_TOKEN_MS,
  type AccessGrant,
  type AccessTokenOptions,
  isSigned,
  signAccessToken,
  verifyAccessToken,
} from './access-token.ts';
import { createEntry } from './create-entry.ts';
import { deviceOf } from './device.ts';
import type { Revocation } from './end-again.ts';
import { bucketKeys, type Epochs } from './epochs.ts';
import { refused, SessionError, unavailable } from './errors.ts';
import type { AuthKeys } from './keys.ts';
import { lookUpFamily, lookUpLogged } from './look-up-logged.ts';
import { type Limits, limitsOf, refreshPolicy, type SessionPolicy } from './policy.ts';
import { type EntryRecord, endedBy, FAMILY, lastSeenIn, readRecord } from './record.ts';
import { createRecords } from './records.ts';
import {
  formatRefreshToken,
  isGenuine,
  type PresentedRefreshToken,
  successorContext,
  successorSealer,
} from './refresh-token.ts';
import { revokeEntry } from './revoke.ts';
import type { SignIn } from './sessions.ts';
import { digestOf, TENANT } from './token.ts';
import { firstState, useRefreshToken } from './use-refresh-token.ts';

/** The services and options of client tokens. */
export interface ClientTokensOptions {
  tenant: string;
  redis: RedisClient;
  system: System;
  keys: AuthKeys;
  /** The API's origin: `APP_URL`. */
  issuer: string;
  /** The audience of access tokens. Default: the issuer. */
  audience?: string;
  /** The policy of refresh tokens. Default `refreshPolicy`. */
  policy?: SessionPolicy;
  /** Returns the limits of a role, if the role has limits of its own. */
  limitsOfRole?(role: string): Limits | undefined;
  /** Seals the records of roles whose policy says so. */
  sealer?: Sealer | null;
  /** For this time, a used refresh token still gets the same successor. Default and maximum: 30 s. */
  grace?: Duration;
  /** Called with each revocation, so that a revocation that Redis has lost can be repeated; see `end-again.ts`. */
  onRevoked?(revocation: Revocation): void;
}

/** The tokens that a client receives. */
export interface TokenPair {
  accessToken: string;
  /** How long the access token lasts, in ms. */
  accessTokenMs: number;
  refreshToken: string;
}

/** A family and its tokens. */
export interface Issued {
  /** The id of the family. Lists show this id, and `revoke` takes it. */
  id: string;
  userId: string;
  tokens: TokenPair;
}

/** `gone`: the epochs have changed since the caller read them. `cap`: the user has too many families. */
export type IssueOutcome = ({ kind: 'created'; evicted: string[] } & Issued) | { kind: 'gone' } | { kind: 'cap' };

/**
 * `rotated`: the token got a new successor. `same`: the token got the same successor as in an earlier request. `reuse`:
 * the token was used although its successor was in use, so a copy of the token must exist. The family has ended; write
 * an audit event. `invalid`: all other cases.
 */
export type RefreshOutcome =
  | ({ kind: 'rotated' | 'same' } & Issued)
  | { kind: 'reuse'; id: string; userId: string }
  | { kind: 'invalid' };

/**
 * The operations on client tokens. Methods that need Redis reject with {@link SessionError} `SESSION_UNAVAILABLE` if
 * Redis does not answer. Methods that change something reject with `SESSION_REFUSED` if Redis answers but refuses the
 * change. After such an error, a client may repeat a refresh.
 */
export interface ClientTokens {
  /** Signs a client in, with epochs read before its credentials were checked. 1 request, 1 command. */
  issue(signIn: Omit<SignIn, 'data' | 'replaces'>, epochs: Epochs): Promise<IssueOutcome>;
  /** Exchanges a refresh token for new tokens. 1 request, 1 command; none for a token that we did not issue. */
  refresh(presented: PresentedRefreshToken): Promise<RefreshOutcome>;
  /**
   * Ends the family of a refresh token (RFC 7009). Returns `false` if the family does not exist. 1 request, 1 command.
   */
  revoke(presented: PresentedRefreshToken): Promise<boolean>;
  /** Verifies an access token without Redis: a revocation takes effect after 5 min and 5 s at most. */
  verify(accessToken: string): Promise<AccessGrant | null>;
  /**
   * Verifies an access token and checks that the token has not been revoked. 1 request, 2 commands. With an audited
   * `read`, 1 request and 1 command, which also logs the read; or `ReadLogError` `READ_NOT_LOGGED`.
   */
  validate(accessToken: string, read?: PendingRead): Promise<AccessGrant | null>;
}

const LONGEST_GRACE_MS = 30_000;

/**
 * Creates the client tokens of a tenant, without I/O.
 * @throws {SessionError} `SESSION_CONFIG` for an invalid policy or grace, or a tenant that tokens cannot contain.
 */
export function createClientTokens(options: ClientTokensOptions): ClientTokens {
  const { tenant, redis, system, keys, issuer, audience = issuer, sealer = null, onRevoked } = options;
  const general = limitsOf(options.policy ?? refreshPolicy);
  const limitsFor = (role: string) => options.limitsOfRole?.(role) ?? general;
  const records = createRecords(sealer, limitsFor);
  const graceMs = milliseconds(options.grace ?? LONGEST_GRACE_MS);
  if (graceMs > LONGEST_GRACE_MS || !new RegExp(`^${TENANT}$`).test(tenant)) {
    throw new SessionError('SESSION_CONFIG', 'A grace is at most 30 s; a tenant is named by a-z, 0-9 and -');
  }
  const access: AccessTokenOptions = { keys, issuer, audience };

  async function pair(
    { identity, id, epochs }: EntryRecord,
    token: Pick<PresentedRefreshToken, 'bucket' | 'generation' | 'secret'>,
    now: number,
  ): Promise<Issued> {
    const { bucket } = token;
    const grant = { ...identity, tenant, bucket, id, epochs };
    return {
      id,
      userId: identity.userId,
      tokens: {
        accessToken: await signAccessToken(access, grant, now, system.token()),
        accessTokenMs: ACCESS_TOKEN_MS,
        refreshToken: formatRefreshToken(keys, { ...token, tenant, family: id }),
      },
    };
  }

  async function issue(
    { userId, role, methods, provesFactor, userAgent }: Omit<SignIn, 'data' | 'replaces'>,
    epochs: Epochs,
  ): Promise<IssueOutcome> {
    const limits = limitsFor(role);
    const now = system.now();
    const id = system.token();
    const secret = system.secret();
    const [bucket, ...older] = keys.bucketsOf(tenant, userId);
    const proof = { authenticatedAt: now, methods, ...(provesFactor ? { factorAt: now } : {}) };
    const record: EntryRecord = {
      createdAt: now,
      idleMs: limits.idleMs,
      expiresAt: now + limits.absoluteMs,
      epochs: { tenant: epochs.tenant, user: epochs.user[0] ?? '' },
      id,
      identity: { userId, role, ...proof, device: deviceOf(userAgent) },
      digest: '',
    };
    const buckets = [bucket, ...older].map((name) => bucketKeys(tenant, name));
    const seen = firstState(now, digestOf(secret));
    const name = FAMILY + id;
    const text = await records.write(record, { hash: bucketKeys(tenant, bucket).sessions, name });
    const entry = { kind: 'family', name, record, text, seen, data: '', replaces: '' } as const;
    const created = await createEntry(redis, tenant, buckets, entry, { epochs, limits, now }).catch(refused);
    if (created.kind !== 'created') return created;
    return { ...created, ...(await pair(record, { bucket, generation: 1, secret }, now)) };
  }

  async function refresh(presented: PresentedRefreshToken): Promise<RefreshOutcome> {
    if (presented.tenant !== tenant || !isGenuine(keys, presented)) return { kind: 'invalid' };
    const { bucket, family, generation, secret } = presented;
    const now = system.now();
    const place = bucketKeys(tenant, bucket);
    const ownSealer = successorSealer(presented);
    const context = successorContext(place.sessions, presented);
    const candidate = system.secret();
    const used = await useRefreshToken(redis, tenant, place, {
      family,
      generation,
      digest: digestOf(secret),
      successorDigest: digestOf(candidate),
      successor: await ownSealer.seal(candidate, context),
      now,
      graceMs,
    }).catch(refused);
    const stored = used.kind === 'invalid' ? null : readRecord(used.record);
    const record = stored && (await records.open(stored, { hash: place.sessions, name: FAMILY + family }));
    // The bucket must belong to this user under one of our keys. Any other bucket is refused, because `revokeAll` would
    // not end its entries.
    if (!record || !keys.bucketsOf(tenant, record.identity.userId).includes(bucket)) return { kind: 'invalid' };
    if (used.kind === 'reuse') {
      onRevoked?.({ what: 'entry', buckets: [bucket], id: record.id });
      return { kind: 'reuse', id: record.id, userId: record.identity.userId };
    }
    const successor = used.kind === 'same' ? await ownSealer.open(used.successor, context) : candidate;
    if (successor === null) return { kind: 'invalid' };
    const issued = await pair(record, { bucket, generation: generation + 1, secret: successor }, now);
    return { kind: used.kind === 'same' ? 'same' : 'rotated', ...issued };
  }

  async function verify(accessToken: string): Promise<AccessGrant | null> {
    const grant = await verifyAccessToken(access, accessToken, system.now());
    return grant?.tenant === tenant ? grant : null;
  }

  async function validate(accessToken: string, read?: PendingRead): Promise<AccessGrant | null> {
    // The family that the token claims is looked up while the token is verified, so that the lookup joins the requests
    // of this turn.
    const claimed = claimsOfAccessToken(accessToken);
    if (claimed?.tenant !== tenant) return null;
    const place = bucketKeys(tenant, claimed.bucket);
    const name = FAMILY + claimed.id;
    const [grant, [fields, epochs]] = await Promise.all([
      verify(accessToken),
      // A token whose signature is wrong logs nothing.
      read && isSigned(keys, accessToken, system.now())
        ? lookUpLogged(redis, place, { name, digest: '', now: system.now() }, read).catch(notLogged)
        : lookUpFamily(redis, tenant, place, name).catch(unavailable),
    ]);
    if (!grant) return null;
    const stored = readRecord(fields[0]);
    if (!stored || endedBy(stored, lastSeenIn(fields[1], stored), epochs, system.now())) return null;
    return (await records.open(stored, { hash: place.sessions, name })) && grant;
  }

  return {
    issue,
    refresh,
    verify,
    validate,
    async revoke(presented) {
      if (presented.tenant !== tenant || !isGenuine(keys, presented)) return false;
      const { bucket, family } = presented;
      const ended = await revokeEntry(redis, [bucketKeys(tenant, bucket)], family).catch(refused);
      if (ended) onRevoked?.({ what: 'entry', buckets: [bucket], id: family });
      return ended;
    },
  };
}
