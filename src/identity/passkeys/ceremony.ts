/**
 * The two ceremonies of WebAuthn (Level 3, section 7): making a passkey, and proving the possession of one. Each begins
 * with a challenge of 256 random bits that is valid once, for five minutes, for one purpose and one user. The origin and
 * the id of the relying party come from the setting APP_URL, never from a request.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { loadLibrary } from '#webauthn';
import { ProblemError, type Scope, type TenantScope } from '../../platform/http/index.ts';
import type { assertionSchema, newCredentialSchema } from './schema.ts';

/** How long a challenge is valid, in ms. */
export const CHALLENGE_MS = 300_000;

/**
 * ES256, EdDSA and RS256, in the order of preference (COSE algorithm numbers). Every authenticator has one of these
 * (WebAuthn Level 3, section 5.4).
 */
const ALGORITHMS = [-7, -8, -257];

/** The services of a ceremony. */
export interface CeremonyScope {
  scope: Pick<Scope, 'environment' | 'system' | 'log'>;
  tenant: Pick<TenantScope, 'tenant' | 'cache'>;
}

/**
 * The owner of a challenge. `purpose` and `by` bind the challenge: `by` is the id of the session or of the sign-in that
 * requested it.
 */
export interface Asker {
  purpose: 'enrol' | 'prove';
  userId: string;
  by: string;
}

/** The parts of a stored passkey that a proof needs. */
export interface StoredCredential {
  credentialId: string;
  publicKey: Uint8Array;
  /** The signature counter of the last use; 0 if the authenticator has none. */
  counter: number;
  transports: string[];
}

/** A passkey that a browser has made. */
export interface MadeCredential extends StoredCredential {
  backedUp: boolean;
}

/** Returns the name of a challenge in the store of the tenant. */
const nameOf = ({ purpose, userId, by }: Asker, challenge: string) =>
  `passkey:${purpose}:${userId}:${createHash('sha256').update(`${by} ${challenge}`).digest('base64url')}`;

/** Stores a new challenge. 1 request, 1 command. */
async function newChallenge({ scope, tenant }: CeremonyScope, asker: Asker): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = scope.system.secret();
  await tenant.cache.store.set(nameOf(asker, challenge), true, CHALLENGE_MS);
  return new Uint8Array(Buffer.from(challenge, 'base64url'));
}

/**
 * Returns the check of a presented challenge, which also ends the challenge, and a function that refuses the ceremony.
 * The library throws errors of many kinds for a malformed credential, and all of them become a refusal. An error of
 * Redis is not a refusal: the caller gets it unchanged.
 */
function once({ scope, tenant }: CeremonyScope, asker: Asker, status: 400 | 401) {
  const faults: unknown[] = [];
  return {
    /** Returns `false` for a challenge that was used, has expired or belongs to another asker. 1 request, 1 command. */
    async isValid(challenge: string): Promise<boolean> {
      try {
        return await tenant.cache.store.delete(nameOf(asker, challenge));
      } catch (error) {
        faults.push(error);
        return false;
      }
    },
    refuse(): never {
      if (faults.length > 0) throw faults[0];
      scope.log.warn('auth.refused', { reason: 'passkey', tenant: tenant.tenant });
      throw new ProblemError(status, 'PASSKEY_REFUSED', 'This passkey was not accepted: try again');
    },
  };
}

/** Returns the id of the relying party, and the one origin whose pages may use our passkeys. */
function relyingParty({ scope }: CeremonyScope): { id: string; origin: string } {
  const { APP_URL } = scope.environment;
  return { id: new URL(APP_URL).hostname, origin: APP_URL };
}

/**
 * Returns the options for making a passkey. A passkey that the user already has is excluded. 1 request, 1 command.
 */
export async function creationOptions(
  services: CeremonyScope,
  asker: Asker,
  { email, name, known }: { email: string; name: string; known: readonly StoredCredential[] },
) {
  const { generateRegistrationOptions } = await loadLibrary();
  const { tenant } = services.tenant;
  return generateRegistrationOptions({
    rpName: 'Holdfast',
    rpID: relyingParty(services).id,
    userName: email,
    userDisplayName: name,
    // The handle of the user must not tell who the user is (WebAuthn Level 3, section 14.6.1).
    userID: new Uint8Array(createHash('sha256').update(`${tenant}/${asker.userId}`).digest()),
    challenge: await newChallenge(services, asker),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
    // A security key without a PIN is a second factor too, so the verification of the user is asked for, not required.
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/**
 * Checks a new credential.
 * @throws {ProblemError} 400 `PASSKEY_REFUSED` if the challenge, the origin, the relying party or the signature is
 * wrong.
 */
export async function madeCredential(
  services: CeremonyScope,
  asker: Asker,
  response: z.output<typeof newCredentialSchema>,
): Promise<MadeCredential> {
  const { verifyRegistrationResponse } = await loadLibrary();
  const { id, origin } = relyingParty(services);
  const { isValid, refuse } = once(services, asker, 400);
  if (await namesMaker(response)) return refuse();
  const result = await verifyRegistrationResponse({
    response: response as Parameters<typeof verifyRegistrationResponse>[0]['response'],
    expectedChallenge: isValid,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: false,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(refuse);
  if (!result.verified) return refuse();
  const { credential, credentialBackedUp: backedUp } = result.registrationInfo;
  const { id: credentialId, publicKey, counter } = credential;
  return { credentialId, publicKey, counter, transports: response.response.transports, backedUp };
}

/** Returns the options for proving the possession of one of the user's passkeys. 1 request, 1 command. */
export async function requestOptions(services: CeremonyScope, asker: Asker, known: readonly StoredCredential[]) {
  const { generateAuthenticationOptions } = await loadLibrary();
  return generateAuthenticationOptions({
    rpID: relyingParty(services).id,
    challenge: await newChallenge(services, asker),
    timeout: CHALLENGE_MS,
    allowCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
    userVerification: 'preferred',
  });
}

/**
 * Checks a proof by a stored credential, and returns the new signature counter.
 * @throws {ProblemError} 401 `PASSKEY_REFUSED` if the challenge, the origin, the relying party or the signature is
 * wrong, or if the counter has not grown: then a copy of the authenticator may exist.
 */
export async function provenCounter(
  services: CeremonyScope,
  asker: Asker,
  response: z.output<typeof assertionSchema>,
  { credentialId, publicKey, counter, transports }: StoredCredential,
): Promise<number> {
  const { verifyAuthenticationResponse } = await loadLibrary();
  const { id, origin } = relyingParty(services);
  const { isValid, refuse } = once(services, asker, 401);
  const result = await verifyAuthenticationResponse({
    response: response as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
    expectedChallenge: isValid,
    expectedOrigin: origin,
    expectedRPID: id,
    credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter, transports },
    requireUserVerification: false,
  }).catch(refuse);
  if (!result.verified) return refuse();
  return result.authenticationInfo.newCounter;
}

/**
 * Returns whether a credential names the maker of its authenticator, or is malformed. We ask for no such attestation, and
 * builds leave the check out. A browser removes it, but may keep the authenticator's signature with the new key (Level 3,
 * section 5.1.3).
 */
async function namesMaker({ response }: z.output<typeof newCredentialSchema>): Promise<boolean> {
  const { decodeAttestationObject, isoBase64URL } = await loadLibrary();
  try {
    const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject));
    const format = attestation.get('fmt');
    return format !== 'none' && !(format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
  } catch {
    return true;
  }
}
