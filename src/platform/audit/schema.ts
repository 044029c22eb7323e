/** The schemas of the audit trail in the API. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema, momentSchema, pageQuerySchema, textSchema } from '../http/index.ts';
import type { AuditEntry } from './entries-table.ts';
import type { Seal } from './seal-form.ts';

const digest = z.string().openapi({ description: '64 hexadecimal digits.' });
const name = z
  .string()
  .max(64)
  .regex(
    /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/,
    'must begin with a letter and have only small letters, digits, single dots, - and _',
  );

/** An entry in an answer. */
export const entrySchema = z
  .object({
    id: idSchema,
    actorType: z.enum(['user', 'machine', 'system']),
    actorId: z.string().nullable(),
    onBehalf: z.string().nullable(),
    action: z.string().openapi({ example: 'webhook.created' }),
    outcome: z.enum(['ok', 'refused', 'failed']),
    entityType: z.string(),
    entityId: z.string().nullable(),
    patientId: z.string().nullable(),
    purpose: z.string().nullable(),
    requestId: z.string().nullable(),
    ipDigest: z.string().nullable(),
    occurredAt: momentSchema,
    data: z.record(z.string(), z.unknown()).nullable().openapi({ description: '`null` after an erasure.' }),
    seal: z.int().nullable().openapi({ description: 'The seal of the entry; `null` until the entry is sealed.' }),
  })
  .openapi('AuditEntry');

/** Returns an entry as answers show it. */
export function toEntry(entry: AuditEntry): z.infer<typeof entrySchema> {
  const { tenantId: _tenant, salt: _salt, commitment: _commitment, leaf: _leaf, position: _position, ...shown } = entry;
  return shown as z.infer<typeof entrySchema>;
}

/** The filters of the trail. */
export const entryQuerySchema = pageQuerySchema.extend({
  actorId: idSchema.optional(),
  action: name.optional().openapi({ example: 'webhook.created' }),
  outcome: z.enum(['ok', 'refused', 'failed']).optional(),
  entityType: name.optional(),
  entityId: textSchema(500).optional(),
  from: daySchema.optional().openapi({ description: 'The first day, in UTC.' }),
  to: daySchema.optional().openapi({ description: 'The last day, in UTC.' }),
});

/** A seal in an answer. */
export const sealSchema = z
  .object({
    tenantId: z.string(),
    seal: z.int(),
    count: z.int(),
    root: digest,
    prevHash: digest,
    hash: digest,
    firstAt: momentSchema,
    lastAt: momentSchema,
    sealedAt: momentSchema,
    keyId: z.string(),
    signature: z.string().openapi({ description: 'Ed25519 over the hash, base64url.' }),
  })
  .openapi('AuditSeal') satisfies z.ZodType<Seal>;

/** A proof in an answer. */
export const proofSchema = z
  .object({
    valid: z.boolean().openapi({ description: 'Whether the proof holds with the public key of this deployment.' }),
    entry: z.record(z.string(), z.unknown()).openapi({ description: 'All fields of the entry, with its leaf.' }),
    seal: sealSchema,
    path: z.array(digest).openapi({ description: 'The sibling nodes from the leaf to the root, the lowest first.' }),
  })
  .openapi('AuditProof');
