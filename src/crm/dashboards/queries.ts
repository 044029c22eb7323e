/** The queries of the tenant's dashboards. In each query, one statement of the database counts everything. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { dayIn, monthOf } from '../../platform/rest/index.ts';
import { noArgs } from '../arguments.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, tenantTags } from '../tags.ts';
import { endOfDay, endOfMonths, loadSettings, monthIn, monthsUpTo, startOfMonth } from '../tenant/settings.ts';
import type { DealMonths, Overview } from './schema.ts';

/** The tenant's key figures as of today in its time zone. */
export const dashboardOverview = query('dashboard-overview', {
  args: noArgs,
  ttl: '15m',
  stale: '5m',
  until: endOfDay,
  tags: () => [
    ...[tenantTags.settings, companyTags.set, contactTags.set],
    ...[dealTags.all, projectTags.all, taskTags.all],
  ],
  load: async (_args: Record<string, never>, { tenant, db, now }: DataContext): Promise<Overview> => {
    const client = await db();
    const { currency, timeZone } = await loadSettings(client, tenant);
    const day = dayIn(timeZone, now());
    const [start, end] = [0, 1].map((months) => startOfMonth(monthOf(day), timeZone, months));
    const [row] = await client.$queryRaw<OverviewRow[]>`
      SELECT deals.*, won.*, tasks.*,
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
          AND closed_at >= ${start}::timestamp AND closed_at < ${end}::timestamp
      ) AS won
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS "openTasks", (count(*) FILTER (WHERE due_date < ${day}::date))::int AS "overdueTasks"
        FROM tasks WHERE tenant_id = t.id AND status IN ('todo', 'doing', 'blocked')
      ) AS tasks
      WHERE t.id = ${tenant}`;
    if (!row) throw new Error('There is no row of this tenant');
    const { won, wonValue, ...counts } = row;
    return { day, timeZone, currency, ...counts, wonThisMonth: { count: won, value: wonValue } };
  },
});

type OverviewRow = Omit<Overview, 'day' | 'timeZone' | 'currency' | 'wonThisMonth'> & { won: number; wonValue: string };

/** The number of months in the statistics, the current month included. */
const MONTHS = 12;

/** The numbers of deals won and lost in each of twelve months, of which the current month is the last. */
export const dealMonths = query('deal-months', {
  args: noArgs,
  ttl: '15m',
  stale: '5m',
  until: endOfMonths,
  tags: () => [tenantTags.settings, dealTags.ofStage('won'), dealTags.ofStage('lost')],
  load: async (_args: Record<string, never>, { tenant, db, now }: DataContext): Promise<DealMonths> => {
    const client = await db();
    const { currency, timeZone } = await loadSettings(client, tenant);
    const { names, starts, ends } = monthsUpTo(monthIn(timeZone, now()), MONTHS, timeZone);
    const rows = await client.$queryRaw<Omit<DealMonths['months'][number], 'conversion'>[]>`
        SELECT m.name AS month,
          (count(*) FILTER (WHERE d.stage = 'won'))::int AS won,
          round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'won'), 0), 2)::text AS "wonValue",
          (count(*) FILTER (WHERE d.stage = 'lost'))::int AS lost,
          round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'lost'), 0), 2)::text AS "lostValue"
        FROM unnest(${names}::text[], ${starts}::timestamp[], ${ends}::timestamp[]) AS m (name, start, end_)
        LEFT JOIN deals d ON d.tenant_id = ${tenant} AND d.closed_at >= m.start AND d.closed_at < m.end_
        GROUP BY m.name ORDER BY m.name`;
    const sum = (key: 'won' | 'lost') => rows.reduce((total, row) => total + row[key], 0);
    return {
      currency,
      timeZone,
      months: rows.map((row) => ({ ...row, conversion: share(row.won, row.lost) })),
      conversion: share(sum('won'), sum('lost')),
    };
  },
});

function share(won: number, lost: number): number | null {
  return won + lost === 0 ? null : Math.round((won / (won + lost)) * 10_000) / 10_000;
}
