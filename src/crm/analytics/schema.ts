/** What is told about a company and about the whole tenant over time. */
import { z } from '@hono/zod-openapi';
import { idSchema, moneySchema } from '../../http/index.ts';
import { monthSchema } from '../dashboards/schema.ts';

const countSchema = z.number().int();

export const companyMonthsQuerySchema = z.strictObject({
  months: z.coerce
    .number()
    .int()
    .min(1)
    .max(36)
    .default(12)
    .openapi({ description: 'How many months, the current one included.' }),
});

export const companyMonthsSchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    months: z.array(
      z.object({
        month: monthSchema,
        dealsCreated: countSchema,
        dealsWon: countSchema,
        wonValue: moneySchema,
        tasksDone: countSchema.openapi({ description: 'In its projects or about its deals.' }),
        activities: countSchema.openapi({ description: 'About it, its contacts, deals and projects.' }),
      }),
    ),
  })
  .openapi('CompanyMonths');

const growthSchema = z
  .object({
    thisMonth: countSchema,
    lastMonth: countSchema,
    change: z
      .number()
      .nullable()
      .openapi({ description: 'Growth against last month; null if that had none.', example: 0.25 }),
  })
  .openapi('Growth');

export const platformSchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    month: monthSchema,
    totals: z.object({
      activeUsers: countSchema,
      companies: countSchema,
      contacts: countSchema,
      deals: countSchema,
      projects: countSchema,
      tasks: countSchema,
      wonValue: moneySchema,
    }),
    growth: z.object({
      companies: growthSchema,
      contacts: growthSchema,
      deals: growthSchema,
      dealsWon: growthSchema,
      tasksDone: growthSchema,
    }),
    owners: z
      .array(z.object({ id: idSchema, name: z.string(), won: countSchema, wonValue: moneySchema }))
      .openapi({ description: 'Who won the most in the last twelve months, by value.' }),
  })
  .openapi('PlatformStatistics');

export type CompanyMonths = z.infer<typeof companyMonthsSchema>;
export type Platform = z.infer<typeof platformSchema>;
export type Growth = z.infer<typeof growthSchema>;
