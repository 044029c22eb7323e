/**
 * Access tokens of API clients: JWTs that live five minutes (RFC 9068: `typ: at+jwt`), signed only with HS256 (RFC
 * 8725). A token shows the user's role at the time of its creation; only Redis knows later revocations. Several texts
 * can encode the same token, so count and remember tokens by `id`, not by text.
 */
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { RecordedEpochs } from './epochs.ts';
import { type AuthKeys, sameText } from './keys.ts';
import type { Identity } from './record.ts';
import { BITS_256 } from './token.ts';

/** The life of an access token, in ms. Without Redis, a revocation takes effect after this time at most. */
export const ACCESS_TOKEN_MS = 5 * 60_000;
/** The tolerated difference between the clocks of two isolates. */
const TOLERANCE_SECONDS = 5;
const TYPE = 'at+jwt';
const ALGORITHM = 'HS256';
const LONGEST = 4096;
/**
 * The form of a token: three parts. The last part has 256 bits, and only the canonical base64url spelling is accepted.
 */
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

/** The keys, the issuer and the audience of access tokens. */
export interface AccessTokenOptions {
  keys: AuthKeys;
  /** The required claim `iss`; usually the origin of the API. */
  issuer: string;
  /** The required claim `aud`; usually the origin of the API too. */
  audience: string;
}

/** Signs an access token. The claim `jti` makes the token unique. */
export async function signAccessToken(
  { keys, issuer, audience }: AccessTokenOptions,
  grant: Omit<AccessGrant, 'expiresAt'>,
  now: number,
  jti: string,
): Promise<string> {
  const [kid] = keys.ids;
  const { tenant, bucket, id, userId, role, methods, authenticatedAt, factorAt, epochs } = grant;
  const seconds = Math.floor(now / 1000);
  return new SignJWT({
    tenant,
    bucket,
    sid: id,
    role,
    amr: [...methods],
    auth_time: Math.floor(authenticatedAt / 1000),
    // The time of the proof of a second factor. RFC 8176 has a name for such a proof, but no claim for its time.
    ...(factorAt === undefined ? {} : { factor_time: Math.floor(factorAt / 1000) }),
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
 * Verifies an access token: form, algorithm, type, key, signature, issuer, audience, times and claims. Returns `null`
 * for a text that is not one of our tokens, and for an expired token. Never throws; no I/O.
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
    // The bucket must belong to this user under one of our keys. Any other bucket is refused, because `revokeAll` would
    // not end its entries.
    const reachable =
      grant && keys.bucketsOf(grant.tenant, grant.userId).some((bucket) => sameText(bucket, grant.bucket));
    return reachable ? grant : null;
  } catch {
    return null;
  }
}

/**
 * Checks the signature and the end of an access token in this turn, for the audited read of its bearer. The token must
 * be verified by {@link verifyAccessToken} all the same. Never throws.
 */
export function isSigned(keys: AuthKeys, text: string, now: number): boolean {
  if (text.length > LONGEST || !FORM.test(text)) return false;
  const end = text.lastIndexOf('.');
  try {
    const { kid = '', alg } = decodeProtectedHeader(text);
    const { exp = 0 } = decodeJwt(text);
    const isGenuine = keys.verifyHmac('access', kid, text.slice(0, end), text.slice(end + 1));
    return alg === ALGORITHM && isGenuine && now < exp * 1000;
  } catch {
    return false;
  }
}

function refuse(): never {
  throw new Error('No key of that id');
}

/** Reads the claims of a token with a verified signature. Returns `null` if a claim is missing or malformed. */
function readClaims(payload: Record<string, unknown>): AccessGrant | null {
  const { tenant, bucket, sid, sub, role, amr, auth_time, factor_time, exp, epochs } = payload;
  const texts = [tenant, bucket, sid, sub, role].every((text) => typeof text === 'string');
  if (!texts || typeof exp !== 'number' || typeof auth_time !== 'number') return null;
  if (factor_time !== undefined && typeof factor_time !== 'number') return null;
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
    ...(factor_time === undefined ? {} : { factorAt: factor_time * 1000 }),
    expiresAt: exp * 1000,
    epochs: { tenant: tenantEpoch, user: userEpoch },
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
