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
  summary: 'A company month by month',
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
  summary: 'The whole tenant: totals, growth, and who sells most',
  schema: platformSchema,
  query: platformStatistics,
  args: (_input, day) => ({ month: monthOf(day) }),
});

view(analyticsRoutes, {
  path: '/analytics/activity',
  tag,
  summary: 'How much was done: by day, by person, or by kind',
  schema: activityCountsSchema,
  search: activityCountsQuerySchema,
  query: activityCounts,
  args: countsArgs,
});
