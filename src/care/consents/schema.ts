/** The API's schemas of consents. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema } from '../../platform/http/index.ts';
import { recordClasses } from '../relations/access.ts';

const parts = {
  decision: z.enum(['permit', 'deny']),
  recordClass: z.enum(recordClasses),
};

export const consentSchema = z
  .object({
    id: idSchema,
    ...parts,
    userId: idSchema.nullable().openapi({ description: 'The user whom it is about; null for everyone.' }),
    from: momentSchema,
    until: momentSchema.nullable(),
    recordedBy: idSchema.openapi({ description: 'The user who wrote it down.' }),
  })
  .openapi('PatientConsent');

export const consentListSchema = z.object({ items: z.array(consentSchema) }).openapi('PatientConsents');

export const newConsentSchema = z
  .strictObject({
    ...parts,
    userId: idSchema.nullish(),
    from: momentSchema.optional().openapi({ description: 'Default: now.' }),
    until: momentSchema.nullish(),
  })
  .refine(({ from, until }) => !from || !until || from < until, { message: 'must be after from', path: ['until'] })
  .openapi('NewPatientConsent');

export const consentPathSchema = z.object({ id: idSchema, consentId: idSchema });

export type Consent = z.infer<typeof consentSchema>;
export type NewConsent = z.infer<typeof newConsentSchema>;
