/** The API's schemas of API keys. The text of a key appears only in the answers to its creation and its rotation. */
import { z } from '@hono/zod-openapi';
import { grantableRights, momentSchema, pageQuerySchema, pageSchema, textSchema } from '../platform/http/index.ts';
import type { ApiKeyRow } from './api-keys.ts';

/**
 * The schema reads the rights at each check, because modules define rights after this file is loaded. The OpenAPI
 * document lists all rights.
 */
const rightSchema = z
  .string()
  .refine((right) => grantableRights().includes(right), {
    error: () => `must be one of ${grantableRights().join(', ')}`,
  })
  .openapi('Right');

const rightsSchema = z
  .array(rightSchema)
  .min(1)
  .max(100)
  .openapi({
    description: '`*` means every right, `crm:*` every right of the CRM. You can only give rights that you have.',
    example: ['crm:read'],
  });

/** The public part of a key. */
export const keyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9]{12}$/, 'must be the id of an API key')
  .openapi({ example: 'demo00000001' });

export const newApiKeySchema = z
  .strictObject({
    name: textSchema(200).openapi({ example: 'Nightly report' }),
    rights: rightsSchema,
    expiresAt: momentSchema
      .nullable()
      .default(null)
      .openapi({ description: 'When the key expires; `null` for never.' }),
  })
  .openapi('NewApiKey');

export const apiKeySchema = z
  .object({
    id: keyIdSchema,
    name: z.string(),
    rights: z.array(z.string()),
    expiresAt: momentSchema.nullable(),
    revokedAt: momentSchema.nullable(),
    madeBy: z
      .object({ kind: z.enum(['user', 'api-key', 'command-line']), id: z.string().nullable() })
      .openapi({ description: 'The user or key that last saw the secret. The key ends with its maker.' }),
    createdAt: momentSchema,
  })
  .openapi('ApiKey');

export const apiKeyWithSecretSchema = apiKeySchema
  .extend({
    key: z.string().openapi({
      description: 'The key, `hf_<tenant>_<id>_<secret>`. Shown once; only a hash of the secret is stored.',
    }),
  })
  .openapi('ApiKeyWithSecret');

export const apiKeyPageSchema = pageSchema(apiKeySchema).openapi('ApiKeyPage');

export const apiKeyPageQuerySchema = pageQuerySchema.extend({ cursor: keyIdSchema.optional() });

export type ApiKey = z.infer<typeof apiKeySchema>;

/** Converts a row to the form that the API returns. */
export function toApiKey(row: ApiKeyRow): ApiKey {
  const { id, name, rights, expiresAt, revokedAt, madeByUser, madeByKey, createdAt } = row;
  return {
    id,
    name,
    rights,
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    madeBy: makerOf(madeByUser, madeByKey),
    createdAt: createdAt.toISOString(),
  };
}

function makerOf(user: string | null, key: string | null): ApiKey['madeBy'] {
  if (user !== null) return { kind: 'user', id: user };
  return key === null ? { kind: 'command-line', id: null } : { kind: 'api-key', id: key };
}
