/** `/dashboard` */
import { createRouter } from '../../platform/http/index.ts';
import { view } from '../../platform/rest/index.ts';
import { activityPage } from '../activities/queries.ts';
import { activityPageQuerySchema, activityPageSchema } from '../activities/schema.ts';
import { dashboardFeed } from '../feeds.ts';
import { dashboardOverview, dealMonths } from './queries.ts';
import { dealMonthsSchema, overviewSchema, startPageSchema } from './schema.ts';

export const dashboardRoutes = createRouter();
const all = { tag: 'Dashboard', access: 'crm:read', live: () => dashboardFeed.name } as const;

/** The number of activities that the start page shows. */
const RECENT = { limit: 10 };

// The page has two cached values, which are looked up in one request. They are separate, because a renamed contact
// changes the feed but not the numbers.
view(dashboardRoutes, {
  id: 'dashboard.get',
  path: '/dashboard',
  ...all,
  summary: 'Get the start page with the overview and the latest activity',
  cost: { miss: { requests: 4, commands: 7, statements: 4 } },
  answer: startPageSchema,
  prefetch(cache) {
    cache.prefetch(dashboardOverview, {});
    cache.prefetch(activityPage, RECENT);
  },
  async load(_input, { tenant }) {
    const [overview, { items }] = await Promise.all([
      tenant.cache.read(dashboardOverview, {}),
      tenant.cache.read(activityPage, RECENT),
    ]);
    return { overview, recentActivity: items };
  },
});

view(dashboardRoutes, {
  id: 'dashboard.getOverview',
  path: '/dashboard/overview',
  ...all,
  summary: 'Get the tenant’s key figures',
  cost: { miss: { statements: 2 } },
  answer: overviewSchema,
  query: dashboardOverview,
  args: () => ({}),
});

view(dashboardRoutes, {
  id: 'dashboard.getStatistics',
  path: '/dashboard/stats',
  ...all,
  summary: 'Get the deals won and lost in each of the last twelve months',
  cost: { miss: { statements: 2 } },
  answer: dealMonthsSchema,
  query: dealMonths,
  args: () => ({}),
});

view(dashboardRoutes, {
  id: 'dashboard.listActivities',
  path: '/dashboard/activity',
  ...all,
  summary: 'List activities, latest first',
  cost: { miss: { statements: 2 } },
  answer: activityPageSchema,
  search: activityPageQuerySchema,
  query: activityPage,
  args: (input) => input,
});
