/**
 * The schedules of the CRM. A schedule may run again for the same time: rows and cache entries that exist stay
 * unchanged.
 */

import type { TenantScope } from '../platform/http/index.ts';
import { enqueue, flushSchedule, forEachTenant, type Schedule, schedule } from '../platform/jobs/index.ts';
import { dayOf, firstDay, monthOf } from '../platform/rest/index.ts';
import { daysToRollUp, rollUpActivities } from './activities/roll-up.ts';
import { companyMonths } from './analytics/company.ts';
import { platformStatistics } from './analytics/platform.ts';
import { listSettings } from './lists/queries.ts';
import { forgetSearchWords } from './search/forget.ts';
import { notifyDueTasks } from './tasks/due.ts';
import { warmTenant } from './warm.ts';
import { forgetDeliveries } from './webhooks/delivery-log.ts';

/** Loads the values that users will need, before the working day begins. */
export const warmCaches = schedule('crm.warm', {
  cron: '30 4 * * *',
  timeout: '14m',
  async run(context) {
    let loaded = 0;
    const tenants = await forEachTenant(context, async (tenant) => {
      for await (const step of warmTenant(tenant, context.scope.system.now())) {
        context.signal.throwIfAborted();
        loaded += step.loaded;
      }
    });
    return { tenants, loaded };
  },
});

/** The number of companies whose monthly statistics are loaded: the companies with the highest sales. */
const COMPANIES = 50;
const MONTHS = 12;

/** Loads the statistics by month when a month has ended, because users will read them on this day. */
export const refreshAnalytics = schedule('crm.analytics', {
  cron: '10 4 1 * *',
  timeout: '14m',
  async run(context) {
    const month = monthOf(firstDay(monthOf(dayOf(new Date(context.tick))), -1));
    let loaded = 0;
    const tenants = await forEachTenant(context, async (tenant) => {
      const statistics = await tenant.cache.warm(platformStatistics, [{}]);
      const companies = await soldTo(tenant, month);
      const args = companies.map((id) => ({ id, months: MONTHS }));
      const months = await tenant.cache.warm(companyMonths, args);
      loaded += statistics.loaded + months.loaded;
    });
    return { month, tenants, loaded };
  },
});

async function soldTo({ tenant, db }: TenantScope, month: string): Promise<string[]> {
  const deals = await (await db()).deal.groupBy({
    by: ['companyId'],
    where: {
      tenantId: tenant,
      stage: 'won',
      companyId: { not: null },
      closedAt: { gte: new Date(firstDay(month)), lt: new Date(firstDay(month, 1)) },
    },
    _sum: { value: true },
    orderBy: { _sum: { value: 'desc' } },
    take: COMPANIES,
  });
  return deals.flatMap(({ companyId }) => companyId ?? []);
}

/**
 * Rolls up the days that have ended in the time zone of each tenant. One job per tenant and day does the work, even if the schedule runs more than
 * once. A missed tick need not be repeated: each job begins with the last day that was rolled up, and the first job
 * begins with the first day of the feed.
 */
export const rollUpDays = schedule('crm.activity-days', {
  cron: '20 0 * * *',
  timeout: '14m',
  async run(context) {
    let enqueued = 0;
    const tenants = await forEachTenant(context, async (tenant) => {
      const days = await daysToRollUp(tenant, context.tick);
      if (days === null) return;
      await enqueue(tenant, rollUpActivities, days, { id: `activity-days-${days.to}` });
      enqueued += 1;
    });
    return { tenants, enqueued };
  },
});

/** Every schedule of the CRM. */
export const crmSchedules: readonly Schedule[] = [
  warmCaches,
  refreshAnalytics,
  notifyDueTasks,
  rollUpDays,
  forgetDeliveries,
  forgetSearchWords,
  flushSchedule(listSettings),
];
