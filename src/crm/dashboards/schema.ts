/** The API's schemas of the tenant's dashboards. */
import { z } from '@hono/zod-openapi';
import { daySchema, moneySchema } from '../../platform/http/index.ts';
import { activitySchema } from '../activities/schema.ts';
import { timeZoneSchema } from '../tenant/schema.ts';

const countSchema = z.number().int();

/** A month, `2026-11`. */
export const monthSchema = z
  .string()
  .regex(/^\d{4}-\d\d$/)
  .openapi({ example: '2026-11' });

export const overviewSchema = z
  .object({
    day: daySchema.openapi({ description: 'Today in `timeZone`: the day to which overdue and this month refer.' }),
    timeZone: timeZoneSchema,
    currency: z.string().openapi({ example: 'EUR' }),
    companies: countSchema,
    contacts: countSchema,
    openDeals: countSchema,
    pipelineValue: moneySchema.openapi({ description: 'The value of the open deals.' }),
    wonThisMonth: z.object({ count: countSchema, value: moneySchema }),
    openTasks: countSchema,
    overdueTasks: countSchema,
    activeProjects: countSchema,
  })
  .openapi('DashboardOverview');

const conversionSchema = z
  .number()
  .min(0)
  .max(1)
  .nullable()
  .openapi({ description: 'The share of won deals in closed deals; null without closed deals.', example: 0.6 });

export const dealMonthsSchema = z
  .object({
    timeZone: timeZoneSchema,
    currency: z.string().openapi({ example: 'EUR' }),
    months: z
      .array(
        z.object({
          month: monthSchema,
          won: countSchema,
          wonValue: moneySchema,
          lost: countSchema,
          lostValue: moneySchema,
          conversion: conversionSchema,
        }),
      )
      .openapi({ description: 'The last twelve months, the current one last.' }),
    conversion: conversionSchema,
  })
  .openapi('DashboardStats');

export const startPageSchema = z
  .object({ overview: overviewSchema, recentActivity: z.array(activitySchema) })
  .openapi('Dashboard');

export type Overview = z.infer<typeof overviewSchema>;
export type DealMonths = z.infer<typeof dealMonthsSchema>;
