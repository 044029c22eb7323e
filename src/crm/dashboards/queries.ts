/** The queries of the tenant's dashboards. In each query, one statement of the database reads or counts everything. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { dayIn, monthOf } from '../../platform/rest/index.ts';
import { noArgs } from '../arguments.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, tenantTags } from '../tags.ts';
import { endOfDay, endOfMonths, loadSettings, monthIn, monthsUpTo, startOfMonth } from '../tenant/settings.ts';
import { countDealMonths, readDealMonths } from './deal-months.ts';
import { countOverview, readOverview } from './overview.ts';
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
    const { currency, places, timeZone } = await loadSettings(client, tenant);
    const day = dayIn(timeZone, now());
    const startOf = (monthsAway: number) => startOfMonth(monthOf(day), timeZone, monthsAway);
    const borders = { day, start: startOf(0), end: startOf(1) };
    const row =
      (await readOverview(client, tenant, places, borders)) ?? (await countOverview(client, tenant, places, borders));
    const { won, wonValue, ...counts } = row;
    return { day, timeZone, currency, ...counts, wonThisMonth: { count: won, value: wonValue } };
  },
});

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
    const { currency, places, timeZone } = await loadSettings(client, tenant);
    const months = monthsUpTo(monthIn(timeZone, now()), MONTHS, timeZone);
    const rows =
      (await readDealMonths(client, tenant, places, months)) ?? (await countDealMonths(client, tenant, places, months));
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
