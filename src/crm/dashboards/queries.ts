/** The queries of the tenant's dashboards. In each query, one statement of the database counts everything. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { firstDay, monthOf } from '../../platform/rest/index.ts';
import { dayArgs, monthArgs } from '../arguments.ts';
import { currencyOf } from '../deals/pipeline.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags } from '../tags.ts';
import type { DealMonths, Overview } from './schema.ts';

/** The tenant's key figures as of `today`. */
export const dashboardOverview = query('dashboard-overview', {
  args: dayArgs,
  ttl: '15m',
  stale: '5m',
  tags: (_args: { today: string }) => [companyTags.set, contactTags.set, dealTags.all, projectTags.all, taskTags.all],
  load: async ({ today }, { tenant, db }: DataContext): Promise<Overview> => {
    const month = monthOf(today);
    const [row] = await (await db()).$queryRaw<OverviewRow[]>`
      SELECT t.currency, deals.*, won.*, tasks.*,
        (SELECT count(*)::int FROM companies WHERE tenant_id = t.id) AS companies,
        (SELECT count(*)::int FROM contacts WHERE tenant_id = t.id) AS contacts,
        (SELECT count(*)::int FROM projects WHERE tenant_id = t.id AND status = 'active') AS "activeProjects"
      FROM tenants t
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS "openDeals", round(coalesce(sum(value), 0), 2)::text AS "pipelineValue"
        FROM deals WHERE tenant_id = t.id AND stage IN ('lead', 'qualified', 'proposal', 'negotiation')
      ) AS deals
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS won, round(coalesce(sum(value), 0), 2)::text AS "wonValue"
        FROM deals
        WHERE tenant_id = t.id AND stage = 'won'
          AND closed_at >= ${firstDay(month)}::date AND closed_at < ${firstDay(month, 1)}::date
      ) AS won
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS "openTasks", (count(*) FILTER (WHERE due_date < ${today}::date))::int AS "overdueTasks"
        FROM tasks WHERE tenant_id = t.id AND status IN ('todo', 'doing', 'blocked')
      ) AS tasks
      WHERE t.id = ${tenant}`;
    if (!row) throw new Error('There is no row of this tenant');
    const { won, wonValue, ...counts } = row;
    return { day: today, ...counts, wonThisMonth: { count: won, value: wonValue } };
  },
});

type OverviewRow = Omit<Overview, 'day' | 'wonThisMonth'> & { won: number; wonValue: string };

/** The number of months in the statistics, the current month included. */
const MONTHS = 12;

/** The numbers of deals won and lost in each of twelve months, of which `month` is the last. */
export const dealMonths = query('deal-months', {
  args: monthArgs,
  ttl: '15m',
  stale: '5m',
  tags: (_args: { month: string }) => [dealTags.ofStage('won'), dealTags.ofStage('lost')],
  load: async ({ month }, { tenant, db }: DataContext): Promise<DealMonths> => {
    const client = await db();
    const [currency, rows] = await Promise.all([
      currencyOf(client, tenant),
      client.$queryRaw<Omit<DealMonths['months'][number], 'conversion'>[]>`
        SELECT to_char(m, 'YYYY-MM') AS month,
          (count(*) FILTER (WHERE d.stage = 'won'))::int AS won,
          round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'won'), 0), 2)::text AS "wonValue",
          (count(*) FILTER (WHERE d.stage = 'lost'))::int AS lost,
          round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'lost'), 0), 2)::text AS "lostValue"
        FROM generate_series(${firstDay(month, 1 - MONTHS)}::timestamp, ${firstDay(month)}::timestamp, '1 month') AS m
        LEFT JOIN deals d ON d.tenant_id = ${tenant} AND d.closed_at >= m AND d.closed_at < m + interval '1 month'
        GROUP BY m ORDER BY m`,
    ]);
    const sum = (key: 'won' | 'lost') => rows.reduce((total, row) => total + row[key], 0);
    return {
      currency,
      months: rows.map((row) => ({ ...row, conversion: share(row.won, row.lost) })),
      conversion: share(sum('won'), sum('lost')),
    };
  },
});

function share(won: number, lost: number): number | null {
  return won + lost === 0 ? null : Math.round((won / (won + lost)) * 10_000) / 10_000;
}
