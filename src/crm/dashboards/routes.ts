/** `/dashboard` */
import { createRoute } from '@hono/zod-openapi';
import { createRouter, guarded, json } from '../../platform/http/index.ts';
import { activityPage } from '../activities/queries.ts';
import { activityPageQuerySchema, activityPageSchema } from '../activities/schema.ts';
import { monthOf } from '../calendar.ts';
import { today, view } from '../view.ts';
import { dashboardOverview, dealMonths } from './queries.ts';
import { dealMonthsSchema, overviewSchema, startPageSchema } from './schema.ts';

export const dashboardRoutes = createRouter();
const tag = 'Dashboard';

/** How many activities the start page shows. */
const RECENT = { limit: 10 };

// Two cached values, looked up in one request: renaming a contact invalidates the feed but not the numbers.
const start = createRoute(
  guarded(
    {
      access: 'crm:read',
      prefetch(cache, c) {
        cache.prefetch(dashboardOverview, { today: today(c) });
        cache.prefetch(activityPage, RECENT);
      },
    },
    {
      method: 'get',
      path: '/dashboard',
      tags: [tag],
      summary: 'Get the start page: the overview and the latest activity',
      responses: { 200: json(startPageSchema, 'The start page') },
    },
  ),
);
dashboardRoutes.openapi(start, async (c) => {
  const { cache } = c.var.tenant;
  const [overview, { items }] = await Promise.all([
    cache.read(dashboardOverview, { today: today(c) }),
    cache.read(activityPage, RECENT),
  ]);
  return c.json({ overview, recentActivity: items }, 200);
});

view(dashboardRoutes, {
  path: '/dashboard/overview',
  tag,
  summary: 'Get the tenant’s key figures',
  schema: overviewSchema,
  query: dashboardOverview,
  args: (_input, day) => ({ today: day }),
});

view(dashboardRoutes, {
  path: '/dashboard/stats',
  tag,
  summary: 'Get the deals won and lost in each of the last twelve months',
  schema: dealMonthsSchema,
  query: dealMonths,
  args: (_input, day) => ({ month: monthOf(day) }),
});

view(dashboardRoutes, {
  path: '/dashboard/activity',
  tag,
  summary: 'List activities, latest first',
  schema: activityPageSchema,
  search: activityPageQuerySchema,
  query: activityPage,
  args: (input) => input,
});
