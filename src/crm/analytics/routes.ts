/** `/analytics` */
import { createRouter } from '../../http/index.ts';
import { monthOf } from '../calendar.ts';
import { oneSchema, view } from '../view.ts';
import { companyMonths } from './company.ts';
import { platformStatistics } from './platform.ts';
import { companyMonthsQuerySchema, companyMonthsSchema, platformSchema } from './schema.ts';

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
