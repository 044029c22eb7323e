/** The API's schemas of a deal: answers, new deals, changes and filters. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  daySchema,
  idSchema,
  momentSchema,
  moneyInputSchema,
  moneySchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../../platform/http/index.ts';
import { customInputSchema, customSchema, withCustomFilters } from '../fields/schema.ts';
import { listSearchSchema } from '../search/list-schema.ts';

/** The stages of a deal, in the order of a sale. */
export const stages = ['lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost'] as const;
export const stageSchema = z.enum(stages);

export const dealSchema = z
  .object({
    id: idSchema,
    title: z.string(),
    stage: stageSchema,
    value: moneySchema,
    companyId: idSchema.nullable(),
    contactId: idSchema.nullable(),
    ownerId: idSchema.nullable(),
    expectedCloseDate: daySchema.nullable(),
    closedAt: momentSchema.nullable(),
    custom: customSchema,
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Deal');

export const newDealSchema = z
  .strictObject({
    title: textSchema(200),
    stage: stageSchema.default('lead'),
    value: moneyInputSchema,
    companyId: idSchema.nullish(),
    contactId: idSchema.nullish(),
    ownerId: idSchema.nullish(),
    expectedCloseDate: daySchema.nullish(),
    custom: customInputSchema.optional(),
  })
  .openapi('NewDeal');

export const dealChangesSchema = changesSchema(newDealSchema.extend({ stage: stageSchema })).openapi('DealChanges');

export const dealPageSchema = pageSchema(dealSchema).openapi('DealPage');

export const dealFilterSchema = z.strictObject({
  search: listSearchSchema('title and of custom fields'),
  stage: stageSchema.optional(),
  companyId: idSchema.optional(),
  ownerId: idSchema.optional(),
});

export const dealPageQuerySchema = withCustomFilters(pageQuerySchema.extend(dealFilterSchema.shape));

export const pipelineSchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    stages: z.array(z.object({ stage: stageSchema, count: z.number().int(), value: moneySchema })),
    total: z.object({ count: z.number().int(), value: moneySchema }),
  })
  .openapi('DealPipeline');

export const dealHistorySchema = z
  .object({
    items: z
      .array(
        z.object({
          stage: stageSchema,
          from: stageSchema.nullable().openapi({ description: 'Null for the first stage.' }),
          value: moneySchema.openapi({ description: 'The value of the deal at that time.' }),
          actorId: idSchema.nullable().openapi({ description: 'The user who moved the deal; null for a machine.' }),
          at: momentSchema,
        }),
      )
      .openapi({ description: 'The latest 500 stages, the latest first.' }),
  })
  .openapi('DealHistory');

export type DealHistory = z.infer<typeof dealHistorySchema>;
export type Stage = z.infer<typeof stageSchema>;
export type Deal = z.infer<typeof dealSchema>;
export type NewDeal = z.infer<typeof newDealSchema>;
export type DealChanges = z.infer<typeof dealChangesSchema>;
export type DealFilter = z.infer<typeof dealFilterSchema>;
export type DealPageArgs = z.infer<typeof dealPageQuerySchema>;
export type Pipeline = z.infer<typeof pipelineSchema>;
