/** The schemas of the second factor. */
import { z } from '@hono/zod-openapi';
import { assertionSchema } from '../passkeys/schema.ts';

const codeSchema = z
  .string()
  .regex(/^\d{6}$/, 'must be six digits')
  .openapi({ example: '123456', description: 'The six digits that the app shows.' });

/** A proof of the second factor: exactly one of the three. */
const proof = {
  code: codeSchema.optional(),
  recoveryCode: z
    .string()
    .regex(/^[\w-]{22}$/, 'must be the 22 characters of a recovery code')
    .optional()
    .openapi({ description: 'A recovery code, in place of `code`. It works once.' }),
};

const passkey = assertionSchema.optional().openapi({
  description: 'The proof of a passkey, in place of `code`, with the options of `/auth/factor/options`.',
});

const hasOne = (proof: { code?: unknown; recoveryCode?: unknown; passkey?: unknown }) =>
  [proof.code, proof.recoveryCode, proof.passkey].filter((one) => one !== undefined).length === 1;
const ONE = { path: ['code'], message: 'must be the only proof: send a code, a recoveryCode or a passkey' };

/** The sign-in that waits. */
const pending = z.string().max(4096).optional().openapi({
  description: 'The member `pending` of the answer that asked for the factor. A browser has it as a cookie.',
});

export const proofSchema = z.strictObject(proof).refine(hasOne, ONE).openapi('FactorProof');

export const completionSchema = z
  .strictObject({
    ...proof,
    passkey,
    pending,
  })
  .refine(hasOne, ONE)
  .openapi('FactorCompletion');

export const pendingSchema = z.strictObject({ pending }).openapi('PendingSignIn');

export const confirmationSchema = z.strictObject({ code: codeSchema }).openapi('FactorConfirmation');

export const newFactorSchema = z
  .object({
    secret: z.string().openapi({ description: 'The secret in Base32, to type into an app.' }),
    uri: z.string().openapi({ description: 'The secret for a QR code: `otpauth://totp/…`.' }),
  })
  .openapi('NewFactor');

export const recoveryCodesSchema = z
  .object({ recoveryCodes: z.array(z.string()).openapi({ description: 'Each works once. Shown only now.' }) })
  .openapi('RecoveryCodes');
