/** What is told about a company and about the whole tenant over time. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema, moneySchema } from '../../platform/http/index.ts';
import { namedSchema } from '../activities/schema.ts';
import { addDays, daysBetween } from '../calendar.ts';
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

/** The most days that are counted at once. */
const MOST_DAYS = 366;
/** How many days are counted if one end or both are left out. */
const DAYS = 30;

/** Leaves room for `DAYS` on both sides within PostgreSQL's calendar and ours. */
const countedDaySchema = daySchema.refine((day) => !/^(?:0|9999)/.test(day), 'must be of the years 1000 to 9998');

export const activityCountsQuerySchema = z
  .strictObject({
    from: countedDaySchema.optional().openapi({ description: `The first day. Default: ${DAYS} days up to \`to\`.` }),
    to: countedDaySchema
      .optional()
      .openapi({ description: `The last day. Default: ${DAYS} days from \`from\`; else today.` }),
    by: z.enum(['day', 'person', 'kind']).default('day'),
  })
  .refine(({ from = '', to = '' }) => !isOutside(daysBetween(from, to)), {
    path: ['to'],
    message: `must be from \`from\` on, ${MOST_DAYS} days at most, both included`,
  });

/** Not of what is no number: a day that is none has been refused for itself. */
function isOutside(days: number): boolean {
  return days < 0 || days >= MOST_DAYS;
}

/** The days that are asked for, both included. */
export function rangeOf({ from, to }: Pick<ActivityCountsQuery, 'from' | 'to'>, today: string) {
  const last = to ?? (from === undefined ? today : addDays(from, DAYS - 1));
  return { from: from ?? addDays(last, 1 - DAYS), to: last };
}

const counted = { from: daySchema, to: daySchema, total: countSchema };

export const activityCountsSchema = z
  .discriminatedUnion('by', [
    z.object({
      by: z.literal('day'),
      ...counted,
      counts: z.array(z.object({ day: daySchema, count: countSchema })),
    }),
    z.object({
      by: z.literal('person'),
      ...counted,
      counts: z
        .array(
          z.object({
            person: namedSchema.nullable().openapi({ description: 'Null for API keys, taken together.' }),
            count: countSchema,
          }),
        )
        .openapi({ description: 'The hundred who did most; `total` counts everybody.' }),
    }),
    z.object({
      by: z.literal('kind'),
      ...counted,
      counts: z.array(
        z.object({
          entityType: z.string().openapi({ example: 'deal' }),
          verb: z.string().openapi({ example: 'won' }),
          count: countSchema,
        }),
      ),
    }),
  ])
  .openapi('ActivityCounts');

export type ActivityCountsQuery = z.output<typeof activityCountsQuerySchema>;
export type ActivityCounts = z.infer<typeof activityCountsSchema>;
export type CompanyMonths = z.infer<typeof companyMonthsSchema>;
export type Platform = z.infer<typeof platformSchema>;
export type Growth = z.infer<typeof growthSchema>;
