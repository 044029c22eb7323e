/** The API's schemas of records. */
import { z } from '@hono/zod-openapi';
import { idSchema, momentSchema, noteSchema, pageSchema, wholeNumberParameter } from '../../platform/http/index.ts';
import { recordClasses } from '../relations/access.ts';

/** The kinds of records. */
export const recordKinds = ['note', 'diagnosis', 'prescription', 'result'] as const;

const textOfRecord = noteSchema(20_000);
const recordClass = z
  .enum(recordClasses)
  .openapi({ description: 'Restricted records, such as notes of psychotherapy, need the patient’s permission.' });

/** A record in a list: without its text. */
const listedSchema = z.object({
  id: idSchema,
  kind: z.enum(recordKinds),
  recordClass,
  authorId: idSchema,
  version: z.int().openapi({ description: 'The number of the newest version: 1, 2, …' }),
  recordedAt: momentSchema,
});

export const recordPageSchema = pageSchema(listedSchema)
  .extend({
    emergencyUntil: momentSchema.nullable().openapi({ description: 'Until when your access in an emergency is open.' }),
  })
  .openapi('MedicalRecordPage');

export const recordSchema = listedSchema
  .extend({
    patientId: idSchema,
    orderedBy: idSchema.nullable().openapi({ description: 'The user who ordered a result.' }),
    versions: z
      .array(z.object({ version: z.int(), text: z.string(), authorId: idSchema, at: momentSchema }))
      .openapi({ description: 'The newest version first. No version is ever edited.' }),
  })
  .openapi('MedicalRecord');

export const newRecordSchema = z
  .strictObject({
    kind: z.enum(recordKinds),
    recordClass: recordClass.default('normal'),
    text: textOfRecord,
    orderedBy: idSchema.nullish().openapi({
      description: 'Only for a result: the clinician who learns that it is ready, and of each new version.',
    }),
  })
  .refine(({ kind, orderedBy }) => !orderedBy || kind === 'result', {
    message: 'is only for a result',
    path: ['orderedBy'],
  })
  .openapi('NewMedicalRecord');

export const amendmentSchema = z
  .strictObject({
    version: z.int().min(1).max(1_000_000).openapi({ description: 'The version that the author has read.' }),
    text: textOfRecord,
  })
  .openapi('Amendment');

export const recordPageQuerySchema = z.strictObject({
  limit: wholeNumberParameter({ from: 1, to: 20, otherwise: 20 }),
  cursor: idSchema.optional().openapi({ description: 'The `nextCursor` of the previous page.' }),
});

/** The path of one record. */
export const recordPathSchema = z.object({ id: idSchema, recordId: idSchema });

export type ListedRecord = z.infer<typeof listedSchema>;
export type MedicalRecord = z.infer<typeof recordSchema>;
export type NewRecord = z.infer<typeof newRecordSchema>;
export type Amendment = z.infer<typeof amendmentSchema>;
