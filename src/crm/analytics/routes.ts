/** `/analytics` */
import { createRouter } from '../../platform/http/index.ts';
import { monthOf } from '../calendar.ts';
import { oneSchema, view } from '../view.ts';
import { activityCounts, countsArgs } from './activity.ts';
import { companyMonths } from './company.ts';
import { platformStatistics } from './platform.ts';
import {
  activityCountsQuerySchema,
  activityCountsSchema,
  companyMonthsQuerySchema,
  companyMonthsSchema,
  platformSchema,
} from './schema.ts';

export const analyticsRoutes = createRouter();
const tag = 'Analytics';

view(analyticsRoutes, {
  path: '/analytics/companies/{id}/monthly',
  tag,
  summary: 'Get a company’s statistics by month',
  schema: companyMonthsSchema,
  params: oneSchema,
  search: companyMonthsQuerySchema,
  query: companyMonths,
  args: ({ id, months }, day) => ({ id, months, month: monthOf(day) }),
  missing: 'company',
});

view(analyticsRoutes, {
  path: '/analytics/platform',
  tag,
  summary: 'Get the tenant’s statistics: totals, growth and top sellers',
  schema: platformSchema,
  query: platformStatistics,
  args: (_input, day) => ({ month: monthOf(day) }),
});

view(analyticsRoutes, {
  path: '/analytics/activity',
  tag,
  summary: 'Count activities by day, user or kind',
  schema: activityCountsSchema,
  search: activityCountsQuerySchema,
  query: activityCounts,
  args: countsArgs,
});
