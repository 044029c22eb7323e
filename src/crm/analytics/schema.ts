/** The API's schemas of the statistics of a company and of the tenant. */
import { z } from '@hono/zod-openapi';
import { daySchema, idSchema, moneySchema, wholeNumberParameter } from '../../platform/http/index.ts';
import { addDays, daysBetween } from '../../platform/rest/index.ts';
import { namedSchema } from '../activities/schema.ts';
import { monthSchema } from '../dashboards/schema.ts';
import { timeZoneSchema } from '../tenant/schema.ts';

const countSchema = z.number().int();

export const companyMonthsQuerySchema = z.strictObject({
  months: wholeNumberParameter({ from: 1, to: 36, otherwise: 12 }).openapi({
    description: 'The number of months, including the current one.',
  }),
});

export const companyMonthsSchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    timeZone: timeZoneSchema,
    months: z.array(
      z.object({
        month: monthSchema,
        dealsCreated: countSchema,
        dealsWon: countSchema,
        wonValue: moneySchema,
        tasksDone: countSchema.openapi({ description: 'Tasks in the company’s projects or about its deals.' }),
        activities: countSchema.openapi({ description: 'About the company, its contacts, deals and projects.' }),
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
      .openapi({ description: 'Growth against last month; null if last month had zero.', example: 0.25 }),
  })
  .openapi('Growth');

export const platformSchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    timeZone: timeZoneSchema,
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
      .openapi({ description: 'The users with the highest value won in the last twelve months.' }),
  })
  .openapi('PlatformStatistics');

/** The maximum number of days in one request. */
const MOST_DAYS = 366;
/** The number of days if the request names only one end of the range, or none. */
const DAYS = 30;

/**
 * A day for a range. The limits keep every range of `DAYS` days inside the years that PostgreSQL and JavaScript can
 * represent.
 */
const countedDaySchema = daySchema.refine((day) => !/^(?:0|9999)/.test(day), 'must be in the years 1000 to 9998');

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
    message: `must not be before \`from\`; at most ${MOST_DAYS} days, both included`,
  });

/**
 * Returns whether a range has too many days, or ends before it begins. Returns `false` for `NaN`, which means an
 * invalid day: the schema of a day refuses an invalid day itself.
 */
function isOutside(days: number): boolean {
  return days < 0 || days >= MOST_DAYS;
}

/** Returns the first and the last requested day, both included. */
export function rangeOf({ from, to }: Pick<ActivityCountsQuery, 'from' | 'to'>, today: string) {
  const last = to ?? (from === undefined ? today : addDays(from, DAYS - 1));
  return { from: from ?? addDays(last, 1 - DAYS), to: last };
}

const counted = { timeZone: timeZoneSchema, from: daySchema, to: daySchema, total: countSchema };

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
            person: namedSchema.nullable().openapi({ description: 'Null for all API keys together.' }),
            count: countSchema,
          }),
        )
        .openapi({ description: 'The hundred most active users; `total` counts all.' }),
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

export const velocityQuerySchema = companyMonthsQuerySchema;

export const velocitySchema = z
  .object({
    currency: z.string().openapi({ example: 'EUR' }),
    timeZone: timeZoneSchema,
    months: z
      .array(
        z.object({
          month: monthSchema,
          deals: countSchema.openapi({ description: 'Deals that were won or lost in the month.' }),
          won: countSchema,
          meanValue: moneySchema.openapi({ description: 'The mean value of the deals that were won.' }),
          winRate: z.number().nullable().openapi({ description: 'won ÷ deals; null without deals.', example: 0.4 }),
          meanDays: z.number().nullable().openapi({ description: 'The mean days from creation to closing.' }),
          velocity: moneySchema
            .nullable()
            .openapi({ description: 'deals × meanValue × winRate ÷ meanDays: the value won in a day.' }),
        }),
      )
      .openapi({ description: 'The oldest month first.' }),
  })
  .openapi('SalesVelocity');

const activeUsersSchema = z.object({
  users: countSchema,
  exact: z.boolean().openapi({ description: 'False from 100 users on: then the number is right within about 2 %.' }),
});

export const usageSchema = z
  .object({
    timeZone: timeZoneSchema,
    day: daySchema.openapi({ description: 'Today in the tenant’s time zone.' }),
    activeUsers: z
      .object({ day: activeUsersSchema, week: activeUsersSchema, month: activeUsersSchema })
      .openapi({ description: 'Users who sent a request today, in the last 7 and in the last 30 days.' }),
    days: z
      .array(z.object({ day: daySchema, users: countSchema }))
      .openapi({ description: 'The last 30 days, the oldest first.' }),
    retention: z
      .array(
        z.object({
          week: daySchema.openapi({ description: 'The Monday of the week.' }),
          users: countSchema,
          returned: z
            .array(z.number())
            .nullable()
            .openapi({
              description: 'Of these users, the share that was active in each later week; null for fewer than 5 users.',
              example: [0.8, 0.75],
            }),
        }),
      )
      .openapi({ description: 'The 8 weeks before the present one, the oldest first.' }),
    streak: countSchema.nullable().openapi({
      description:
        'Your days in a row, up to today or yesterday, on which you sent a request: at most 91. Null for API keys.',
    }),
  })
  .openapi('Usage');

export type Velocity = z.infer<typeof velocitySchema>;
export type ActivityCountsQuery = z.output<typeof activityCountsQuerySchema>;
export type ActivityCounts = z.infer<typeof activityCountsSchema>;
export type CompanyMonths = z.infer<typeof companyMonthsSchema>;
export type Platform = z.infer<typeof platformSchema>;
export type Growth = z.infer<typeof growthSchema>;
