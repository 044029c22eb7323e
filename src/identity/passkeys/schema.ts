/**
 * The schemas of passkeys. The forms of answers of a browser are those of WebAuthn Level 3, section 5.1.8
 * (`RegistrationResponseJSON`, `AuthenticationResponseJSON`), as `PublicKeyCredential.toJSON()` makes them.
 */
import { z } from '@hono/zod-openapi';
import { momentSchema, textSchema } from '../../platform/http/index.ts';

/** The longest text of a browser that is read: an attestation object of 12 KiB. */
const LONGEST = 16_384;

const base64url = z
  .string()
  .max(LONGEST)
  .regex(/^[\w-]+$/, 'must be base64url');
/** A credential id has at most 1,023 bytes (WebAuthn Level 3, section 5.1). */
const credentialId = base64url.max(1_364);

const transports = z.array(z.string().max(20)).max(10);

const credential = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(20).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
};

/** A new credential, as the browser made it. */
export const newCredentialSchema = z
  .strictObject({
    ...credential,
    response: z.strictObject({
      clientDataJSON: base64url,
      attestationObject: base64url,
      authenticatorData: base64url.optional(),
      publicKey: base64url.optional(),
      publicKeyAlgorithm: z.number().int().optional(),
      transports: transports.default([]),
    }),
  })
  .openapi('NewCredential');

/** A proof by a credential, as the browser made it. */
export const assertionSchema = z
  .strictObject({
    ...credential,
    response: z.strictObject({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url.nullish(),
    }),
  })
  .openapi('Assertion');

/** The name that a user gives to a passkey. */
export const passkeyNameSchema = textSchema(60);

export const newPasskeySchema = z
  .strictObject({ name: passkeyNameSchema, credential: newCredentialSchema })
  .openapi('NewPasskey');

/** The options for `navigator.credentials`, as JSON. */
export const ceremonyOptionsSchema = z
  .looseObject({ challenge: z.string() })
  .openapi({ description: 'The options of WebAuthn as JSON, for `parseCreationOptionsFromJSON` and its sibling.' });

export const passkeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    backedUp: z.boolean().openapi({ description: 'Whether a password manager keeps a copy of the passkey.' }),
    createdAt: momentSchema,
    usedAt: momentSchema.nullable(),
  })
  .openapi('Passkey');
