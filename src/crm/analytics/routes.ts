/** `/analytics` */
import { createRouter } from '../../platform/http/index.ts';
import { oneSchema, view } from '../../platform/rest/index.ts';
import { tenantSettings } from '../tenant/queries.ts';
import { activityCounts, countsArgs } from './activity.ts';
import { companyMonths } from './company.ts';
import { platformStatistics } from './platform.ts';
import { report } from './report.ts';
import {
  activityCountsQuerySchema,
  activityCountsSchema,
  companyMonthsQuerySchema,
  companyMonthsSchema,
  platformSchema,
  usageSchema,
  velocityQuerySchema,
  velocitySchema,
} from './schema.ts';
import { loadUsage } from './usage.ts';
import { velocityByMonth } from './velocity.ts';

export const analyticsRoutes = createRouter();

report(analyticsRoutes, {
  id: 'analytics.getCompany',
  path: '/analytics/companies/{id}/monthly',
  refresh: { id: 'analytics.refreshCompany', summary: 'Refresh a company’s statistics by month' },
  summary: 'Get a company’s statistics by month',
  cost: { miss: { statements: 3 } },
  answer: companyMonthsSchema,
  params: oneSchema,
  search: companyMonthsQuerySchema,
  query: companyMonths,
  args: ({ id, months }) => ({ id, months }),
  missing: 'company',
});

report(analyticsRoutes, {
  id: 'analytics.getTenant',
  path: '/analytics/platform',
  refresh: { id: 'analytics.refreshTenant', summary: 'Refresh the tenant’s totals, growth and top sellers' },
  summary: 'Get the tenant’s totals, growth and top sellers',
  cost: { miss: { statements: 3 } },
  answer: platformSchema,
  query: platformStatistics,
  args: () => ({}),
});

report(analyticsRoutes, {
  id: 'analytics.countActivities',
  path: '/analytics/activity',
  refresh: { id: 'analytics.refreshActivities', summary: 'Refresh the counts of activities' },
  summary: 'Count activities by day, user or kind',
  cost: { miss: { statements: 3 } },
  answer: activityCountsSchema,
  search: activityCountsQuerySchema,
  query: activityCounts,
  args: countsArgs,
});

report(analyticsRoutes, {
  id: 'analytics.getVelocity',
  path: '/analytics/velocity',
  refresh: { id: 'analytics.refreshVelocity', summary: 'Refresh the sales velocity by month of closing' },
  summary: 'Get the sales velocity by month of closing',
  cost: { miss: { statements: 4 } },
  description: 'Deals from before the first event do not count.',
  answer: velocitySchema,
  search: velocityQuerySchema,
  query: velocityByMonth,
  args: ({ months }) => ({ months }),
});

view(analyticsRoutes, {
  id: 'analytics.getUsage',
  path: '/analytics/usage',
  tag: 'Analytics',
  access: 'crm:read',
  summary: 'Get the active users, their retention, and your streak',
  cost: { hit: { requests: 2, commands: 4 }, miss: { requests: 4, commands: 6 } },
  description:
    'Users count by the days of the tenant’s time zone; machines do not count. Nothing is stored in a database.',
  answer: usageSchema,
  problems: [503],
  prefetch: (cache) => cache.prefetch(tenantSettings, {}),
  load: (_input, services) => loadUsage(services),
});
