/** `/analytics` */
import { createRouter } from '../../platform/http/index.ts';
import { monthOf, oneSchema, view } from '../../platform/rest/index.ts';
import { activityCounts, countsArgs } from './activity.ts';
import { companyMonths } from './company.ts';
import { platformStatistics } from './platform.ts';
import {
  activityCountsQuerySchema,
  activityCountsSchema,
  companyMonthsQuerySchema,
  companyMonthsSchema,
  platformSchema,
  velocityQuerySchema,
  velocitySchema,
} from './schema.ts';
import { velocityByMonth } from './velocity.ts';

export const analyticsRoutes = createRouter();
const tag = 'Analytics';

view(analyticsRoutes, {
  id: 'analytics.getCompany',
  path: '/analytics/companies/{id}/monthly',
  tag,
  access: 'crm:read',
  summary: 'Get a company’s statistics by month',
  answer: companyMonthsSchema,
  params: oneSchema,
  search: companyMonthsQuerySchema,
  query: companyMonths,
  args: ({ id, months }, day) => ({ id, months, month: monthOf(day) }),
  missing: 'company',
});

view(analyticsRoutes, {
  id: 'analytics.getTenant',
  path: '/analytics/platform',
  tag,
  access: 'crm:read',
  summary: 'Get the tenant’s totals, growth and top sellers',
  answer: platformSchema,
  query: platformStatistics,
  args: (_input, day) => ({ month: monthOf(day) }),
});

view(analyticsRoutes, {
  id: 'analytics.countActivities',
  path: '/analytics/activity',
  tag,
  access: 'crm:read',
  summary: 'Count activities by day, user or kind',
  answer: activityCountsSchema,
  search: activityCountsQuerySchema,
  query: activityCounts,
  args: countsArgs,
});

view(analyticsRoutes, {
  id: 'analytics.getVelocity',
  path: '/analytics/velocity',
  tag,
  access: 'crm:read',
  summary: 'Get the sales velocity by month of closing',
  description: 'Months are in UTC. Deals from before the first event do not count.',
  answer: velocitySchema,
  search: velocityQuerySchema,
  query: velocityByMonth,
  args: ({ months }, day) => ({ months, month: monthOf(day) }),
});
