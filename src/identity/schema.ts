/** The schemas of `/auth`. Credentials appear only in the answers that issue them. */
import { z } from '@hono/zod-openapi';
import { emailSchema, idSchema, momentSchema, textSchema } from '../platform/http/index.ts';
import { NOBODY } from './jobs.ts';
import { roleSchema } from './roles.ts';

/** The slug of a tenant. */
export const tenantIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits and hyphens')
  .openapi({ example: 'acme' });

/** A password as the user typed it. Only new passwords are checked for strength. */
export const passwordSchema = z
  .string()
  .min(1)
  .max(1024)
  .openapi({ type: 'string', format: 'password', example: 'correct horse battery staple' });

const asSchema = z
  .enum(['cookie', 'tokens'])
  .default('cookie')
  .openapi({ description: '`cookie` for browsers; `tokens` for programs: an access token and a refresh token.' });

const newTenant = {
  company: textSchema(200),
  tenant: tenantIdSchema
    .refine((slug) => slug !== NOBODY, 'is taken')
    .openapi({ description: 'The slug of the new tenant. The slug appears in API keys.' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)')
    .default('EUR'),
};

export const signUpSchema = z
  .strictObject({ ...newTenant, name: textSchema(200), email: emailSchema, password: passwordSchema })
  .openapi('SignUp');

/** A tenant created by the command line, with its first owner if an address is given. */
export const newTenantSchema = z.strictObject({
  ...newTenant,
  name: textSchema(200).optional(),
  email: emailSchema.optional(),
});

export const signInSchema = z
  .strictObject({
    email: emailSchema,
    password: passwordSchema,
    tenant: tenantIdSchema.optional().openapi({ description: 'Needed only if you have users in several tenants.' }),
    as: asSchema,
  })
  .openapi('SignIn');

export const codeRequestSchema = z
  .strictObject({ email: emailSchema, tenant: tenantIdSchema.optional() })
  .openapi('CodeRequest');

export const codeSentSchema = z.object({ sent: z.literal(true) }).openapi('CodeSent');

export const verifySchema = z
  .strictObject({
    code: z
      .string()
      .trim()
      .regex(/^(?:\d{8}|[\w-]{22})$/, 'must be eight digits, or the code of a link')
      .openapi({
        example: '12345678',
        description: 'The eight digits, or the `code` in the address of a mailed link.',
      }),
    as: asSchema,
  })
  .openapi('Verify');

export const refreshSchema = z.strictObject({ refreshToken: z.string().min(1).max(1024) }).openapi('Refresh');

export const identitySchema = z
  .object({
    tenant: tenantIdSchema,
    user: z.object({ id: idSchema, email: z.string(), name: z.string(), role: roleSchema }),
    expiresAt: momentSchema.optional().openapi({ description: 'The latest end of the session.' }),
    passwordEnded: z.literal(true).optional().openapi({
      description:
        'The code was the first proof of the address, so a password set earlier by another browser was removed.',
    }),
  })
  .openapi('Identity');

export const tokensSchema = z
  .object({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.number().int().openapi({ description: 'Seconds (RFC 6749).' }),
    refreshToken: z.string(),
  })
  .openapi('Tokens');

export const signedInSchema = identitySchema.extend(tokensSchema.partial().shape).openapi('SignedIn');

export const whoSchema = z
  .object({
    kind: z.enum(['session', 'token', 'api-key']),
    tenant: tenantIdSchema,
    userId: idSchema.nullable(),
    rights: z.array(z.string()),
  })
  .openapi('Who');

export const sessionSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['browser', 'program']),
    device: z.string(),
    methods: z.array(z.string()).openapi({ description: 'The authentication methods (RFC 8176): `pwd`, `otp`.' }),
    createdAt: momentSchema,
    seenAt: momentSchema,
    expiresAt: momentSchema,
    current: z.boolean(),
  })
  .openapi('Session');

export const sessionListSchema = z.object({ items: z.array(sessionSchema) }).openapi('SessionList');

export const passwordChangeSchema = z
  .strictObject({
    current: passwordSchema
      .optional()
      .openapi({ description: 'Needed, unless you have none yet or signed in by code within the last five minutes.' }),
    password: passwordSchema,
  })
  .openapi('PasswordChange');

export const inviteSchema = z
  .strictObject({ email: emailSchema, name: textSchema(200), role: roleSchema })
  .openapi('Invitation');

/** The code of an invitation, as in the mailed link. */
export const invitationCodeSchema = z
  .string()
  .trim()
  .regex(/^[\w-]{22}$/, 'must be the 22 characters of the link')
  .openapi({ example: 'Qm9vbSBhbmQgYm9vbSAx0w' });

export const acceptSchema = z
  .strictObject({ tenant: tenantIdSchema, invitation: invitationCodeSchema, as: asSchema })
  .openapi('InvitationAcceptance');

export const invitedSchema = z.object({ id: idSchema, email: z.string() }).openapi('Invited');
