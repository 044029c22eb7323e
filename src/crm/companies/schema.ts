/** The API's schemas of a company: answers, new companies, changes and filters. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  domainSchema,
  idSchema,
  momentSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../../platform/http/index.ts';
import { customInputSchema, customSchema, withCustomFilters } from '../fields/schema.ts';

export const companySchema = z
  .object({
    id: idSchema,
    name: z.string(),
    domain: z.string().nullable(),
    industry: z.string().nullable(),
    employees: z.number().int().nullable(),
    city: z.string().nullable(),
    country: z.string().nullable().openapi({ example: 'DE' }),
    ownerId: idSchema.nullable(),
    custom: customSchema,
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Company');

export const newCompanySchema = z
  .strictObject({
    name: textSchema(200),
    domain: domainSchema.nullish(),
    industry: textSchema(100).nullish(),
    employees: z.number().int().min(0).max(10_000_000).nullish(),
    city: textSchema(100).nullish(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1)')
      .nullish(),
    ownerId: idSchema.nullish(),
    custom: customInputSchema.optional(),
  })
  .openapi('NewCompany');

export const companyChangesSchema = changesSchema(newCompanySchema).openapi('CompanyChanges');

export const companyPageSchema = pageSchema(companySchema).openapi('CompanyPage');

export const companyFilterSchema = z.strictObject({
  search: textSchema(100)
    .optional()
    .openapi({ description: 'Beginnings of words of the name, domain, industry or city.' }),
  industry: textSchema(100).optional(),
  ownerId: idSchema.optional(),
});

export const companyPageQuerySchema = withCustomFilters(pageQuerySchema.extend(companyFilterSchema.shape));

export type Company = z.infer<typeof companySchema>;
export type NewCompany = z.infer<typeof newCompanySchema>;
export type CompanyChanges = z.infer<typeof companyChangesSchema>;
export type CompanyFilter = z.infer<typeof companyFilterSchema>;
export type CompanyPageArgs = z.infer<typeof companyPageQuerySchema>;
