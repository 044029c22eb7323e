/** The API's schemas of accesses in emergencies ("break glass"). */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, noteSchema, pageQuerySchema, pageSchema } from '../../platform/http/index.ts';
import { recordClasses } from '../relations/access.ts';

/** The judgements of a reviewer. */
const verdicts = ['justified', 'unjustified'] as const;

export const newEmergencySchema = z
  .strictObject({
    reason: noteSchema(1_000).refine((text) => text.length >= 10, 'must have at least 10 characters'),
    purpose: z.literal('ETREAT').openapi({ description: 'Emergency treatment, the code of HL7 PurposeOfUse.' }),
    recordClass: z
      .enum(recordClasses)
      .default('normal')
      .openapi({ description: 'For `restricted`, a second person must confirm within 10 minutes.' }),
  })
  .openapi('NewEmergencyAccess');

export const emergencySchema = z
  .object({
    id: idSchema,
    patientId: idSchema,
    userId: idSchema,
    recordClass: z.enum(recordClasses),
    startedAt: momentSchema,
    expiresAt: momentSchema.openapi({
      description: 'Until a second person has confirmed: the end of the time for it.',
    }),
    confirmedBy: idSchema.nullable(),
    isOpen: z.boolean().openapi({ description: 'Whether the records can be read now.' }),
  })
  .openapi('EmergencyAccess');

export const reviewedEmergencySchema = emergencySchema
  .extend({
    reason: z.string(),
    reviewBy: momentSchema.openapi({ description: '72 hours after the start.' }),
    reviewedBy: idSchema.nullable(),
    reviewedAt: momentSchema.nullable(),
    verdict: z.enum(verdicts).nullable(),
  })
  .openapi('EmergencyAccessForReview');

export const emergencyPageSchema = pageSchema(reviewedEmergencySchema).openapi('EmergencyAccessPage');

export const emergencyQuerySchema = pageQuerySchema.extend({
  state: z.enum(['waiting', 'reviewed']).optional().openapi({ description: 'Whether a review is missing.' }),
});

export const reviewSchema = z.strictObject({ verdict: z.enum(verdicts) }).openapi('EmergencyAccessReview');

export type NewEmergency = z.infer<typeof newEmergencySchema>;
export type Emergency = z.infer<typeof emergencySchema>;
export type Verdict = (typeof verdicts)[number];
