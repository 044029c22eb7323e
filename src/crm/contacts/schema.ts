/** The API's schemas of a contact: answers, new contacts, changes and filters. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  emailSchema,
  idSchema,
  momentSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../../platform/http/index.ts';
import { customInputSchema, customSchema, withCustomFilters } from '../fields/schema.ts';

export const contactSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    jobTitle: z.string().nullable(),
    companyId: idSchema.nullable(),
    ownerId: idSchema.nullable(),
    custom: customSchema,
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Contact');

export const newContactSchema = z
  .strictObject({
    name: textSchema(200),
    email: emailSchema.nullish(),
    phone: textSchema(40).nullish(),
    jobTitle: textSchema(100).nullish(),
    companyId: idSchema.nullish(),
    ownerId: idSchema.nullish(),
    custom: customInputSchema.optional(),
  })
  .openapi('NewContact');

export const contactChangesSchema = changesSchema(newContactSchema).openapi('ContactChanges');

export const contactPageSchema = pageSchema(contactSchema).openapi('ContactPage');

export const contactFilterSchema = z.strictObject({
  search: textSchema(100).optional().openapi({
    description: 'Beginnings of words of the contact, a part of the e-mail address, or digits of the telephone number.',
  }),
  companyId: idSchema.optional(),
  ownerId: idSchema.optional(),
});

export const contactPageQuerySchema = withCustomFilters(pageQuerySchema.extend(contactFilterSchema.shape));

export type Contact = z.infer<typeof contactSchema>;
export type NewContact = z.infer<typeof newContactSchema>;
export type ContactChanges = z.infer<typeof contactChangesSchema>;
export type ContactPageArgs = z.infer<typeof contactPageQuerySchema>;
export type ContactFilter = z.infer<typeof contactFilterSchema>;
