/** The API's schemas of patients. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  daySchema,
  emailSchema,
  idSchema,
  momentSchema,
  noteSchema,
  textSchema,
} from '../../platform/http/index.ts';

/** How many patients an answer of the search has at most. */
export const MOST_FOUND = 20;

const numberSchema = textSchema(40).openapi({ example: 'A-1024', description: 'The number of the patient’s file.' });

const contactSchema = z.object({
  address: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
});

export const patientSchema = z
  .object({
    id: idSchema,
    number: z.string(),
    name: z.string(),
    birth: daySchema,
    contact: contactSchema.openapi({
      description: 'Callers who do not arrange visits see the address only.',
    }),
    mergedInto: idSchema.nullable().openapi({ description: 'The patient that has taken over this duplicate.' }),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Patient');

export const newPatientSchema = z
  .strictObject({
    number: numberSchema,
    name: textSchema(200),
    birth: daySchema,
    address: noteSchema(500).nullish(),
    phone: textSchema(40).nullish(),
    email: emailSchema.nullish(),
  })
  .openapi('NewPatient');

export const patientChangesSchema = changesSchema(newPatientSchema).openapi('PatientChanges');

/** The search is a POST: names and numbers must not be in addresses, which proxies and browsers write down. */
export const patientSearchSchema = z
  .strictObject({
    number: numberSchema.optional(),
    name: textSchema(200).optional().openapi({ description: 'Whole words of the name, in any order.' }),
    birthYear: z.int().min(1).max(9999).optional().openapi({ description: 'Only with a name.' }),
  })
  .refine(({ number, name }) => (number === undefined) !== (name === undefined), {
    message: 'needs either a number or a name',
    path: ['number'],
  })
  .refine(({ name, birthYear }) => birthYear === undefined || name !== undefined, {
    message: 'needs a name too',
    path: ['birthYear'],
  })
  .openapi('PatientSearch');

/** A patient in the answer of a search: no more than the choice among several needs. */
export const foundPatientsSchema = z
  .object({
    items: z.array(z.object({ id: idSchema, number: z.string(), name: z.string(), birth: daySchema })),
    isComplete: z.boolean().openapi({ description: `\`false\` if more than ${MOST_FOUND} patients match.` }),
  })
  .openapi('FoundPatients');

export const mergeSchema = z.strictObject({ duplicateId: idSchema }).openapi('PatientMerge');

export type Patient = z.infer<typeof patientSchema>;
export type NewPatient = z.infer<typeof newPatientSchema>;
export type PatientChanges = z.infer<typeof patientChangesSchema>;
export type PatientSearch = z.infer<typeof patientSearchSchema>;
export type FoundPatients = z.infer<typeof foundPatientsSchema>;
