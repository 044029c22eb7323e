/**
 * Access tokens of API clients: JWTs of five minutes (RFC 9068: `typ: at+jwt`), signed with HS256 and nothing else
 * (RFC 8725). A token names its bearer at the time it was made; only Redis knows of revocations since. A token's text
 * is no identity, because several texts can encode one token: count and remember tokens by `id`.
 */
import { jwtVerify, SignJWT } from 'jose';
import type { RecordedEpochs } from './epochs.ts';
import { type AuthKeys, sameText } from './keys.ts';
import type { Identity } from './record.ts';
import { BITS_256 } from './token.ts';

/** The life of an access token: the longest delay of a revocation if Redis is not asked. */
export const ACCESS_TOKEN_MS = 5 * 60_000;
/** The tolerated difference between the clocks of two isolates. */
const TOLERANCE_SECONDS = 5;
const TYPE = 'at+jwt';
const ALGORITHM = 'HS256';
const LONGEST = 4096;
/** Three parts, the last of 256 bits in their one canonical spelling. */
const FORM = new RegExp(`^[\\w-]+\\.[\\w-]+\\.${BITS_256}$`);

/** The identity that an access token grants. */
export interface AccessGrant extends Omit<Identity, 'device'> {
  readonly tenant: string;
  /** The id of the token's family of refresh tokens. Lists show this id, and `revoke` takes it. */
  readonly id: string;
  /** When the access token expires, in ms since the epoch. */
  readonly expiresAt: number;
  readonly bucket: string;
  readonly epochs: RecordedEpochs;
}

/** The issuer and the audience, with the keys. */
export interface AccessTokenOptions {
  keys: AuthKeys;
  /** The required claims `iss` and `aud` (next property). Both are usually the origin of the API. */
  issuer: string;
  audience: string;
}

/** Signs an access token. `jti` makes it unique. */
export async function signAccessToken(
  { keys, issuer, audience }: AccessTokenOptions,
  grant: Omit<AccessGrant, 'expiresAt'>,
  now: number,
  jti: string,
): Promise<string> {
  const [kid] = keys.ids;
  const { tenant, bucket, id, userId, role, methods, authenticatedAt, epochs } = grant;
  const seconds = Math.floor(now / 1000);
  return new SignJWT({
    tenant,
    bucket,
    sid: id,
    role,
    amr: [...methods],
    auth_time: Math.floor(authenticatedAt / 1000),
    epochs: [epochs.tenant, epochs.user],
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setJti(jti)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_TOKEN_MS / 1000)
    .sign(keys.bytes('access', kid) ?? new Uint8Array());
}

/**
 * Verifies an access token: form, algorithm, type, key, signature, issuer, audience, times and claims. `null` for
 * anything that is not one of ours, or no longer. Never throws; no I/O.
 */
export async function verifyAccessToken(
  { keys, issuer, audience }: AccessTokenOptions,
  text: string,
  now: number,
): Promise<AccessGrant | null> {
  if (text.length > LONGEST || !FORM.test(text)) return null;
  try {
    const { payload } = await jwtVerify(text, ({ kid = '' }) => keys.bytes('access', kid) ?? refuse(), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer,
      audience,
      requiredClaims: ['sub', 'iat', 'exp', 'jti'],
      clockTolerance: TOLERANCE_SECONDS,
      maxTokenAge: ACCESS_TOKEN_MS / 1000,
      currentDate: new Date(now),
    });
    const grant = readClaims(payload);
    // `revokeAll` does not reach a bucket that no key of the ring gives this user.
    const reachable =
      grant && keys.bucketsOf(grant.tenant, grant.userId).some((bucket) => sameText(bucket, grant.bucket));
    return reachable ? grant : null;
  } catch {
    return null;
  }
}

function refuse(): never {
  throw new Error('No key of that id');
}

/** The claims of a token whose signature has been verified. */
function readClaims(payload: Record<string, unknown>): AccessGrant | null {
  const { tenant, bucket, sid, sub, role, amr, auth_time, exp, epochs } = payload;
  const texts = [tenant, bucket, sid, sub, role].every((text) => typeof text === 'string');
  if (!texts || typeof exp !== 'number' || typeof auth_time !== 'number') return null;
  if (!isTexts(amr) || !isTexts(epochs) || epochs.length !== 2) return null;
  const [tenantEpoch = '', userEpoch = ''] = epochs;
  return {
    tenant: String(tenant),
    bucket: String(bucket),
    id: String(sid),
    userId: String(sub),
    role: String(role),
    methods: amr,
    authenticatedAt: auth_time * 1000,
    expiresAt: exp * 1000,
    epochs: { tenant: tenantEpoch, user: userEpoch },
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
