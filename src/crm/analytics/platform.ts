/** The tenant's statistics: totals, growth and top sellers. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { noArgs } from '../arguments.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, tenantTags, userTags } from '../tags.ts';
import { loadSettings, monthIn, startOfMonth } from '../tenant/settings.ts';
import { countPlatform } from './platform-count.ts';
import { readPlatform } from './platform-read.ts';
import type { Growth, Platform } from './schema.ts';

/** The tenant's statistics as of the current month in its time zone. */
export const platformStatistics = query('platform-statistics', {
  args: noArgs,
  ttl: '1h',
  stale: '15m',
  until: ({ month, timeZone }) => startOfMonth(month, timeZone, 1).getTime(),
  // While the numbers are not complete, the counts scan all rows of a tenant. So one reader loads them again before they
  // expire, after its own answer.
  refreshAhead: true,
  tags: () => [
    tenantTags.settings,
    userTags.all,
    companyTags.set,
    contactTags.set,
    dealTags.all,
    projectTags.all,
    taskTags.all,
  ],
  load: async (_args: Record<string, never>, { tenant, db, now }: DataContext): Promise<Platform> => {
    const client = await db();
    const { currency, places, timeZone } = await loadSettings(client, tenant);
    const month = monthIn(timeZone, now());
    const startOf = (monthsAway: number) => startOfMonth(month, timeZone, monthsAway);
    const [counts, owners] =
      (await readPlatform(client, tenant, places, startOf)) ?? (await countPlatform(client, tenant, places, startOf));
    const { activeUsers, companies, contacts, deals, projects, tasks, wonValue } = counts;
    const grown = (name: 'companies' | 'contacts' | 'deals' | 'won' | 'done') =>
      growth(counts[`${name}This`], counts[`${name}Last`]);
    return {
      currency,
      timeZone,
      month,
      totals: { activeUsers, companies, contacts, deals, projects, tasks, wonValue },
      growth: {
        companies: grown('companies'),
        contacts: grown('contacts'),
        deals: grown('deals'),
        dealsWon: grown('won'),
        tasksDone: grown('done'),
      },
      owners,
    };
  },
});

function growth(thisMonth: number, lastMonth: number): Growth {
  const change = lastMonth === 0 ? null : Math.round((thisMonth / lastMonth - 1) * 10_000) / 10_000;
  return { thisMonth, lastMonth, change };
}
