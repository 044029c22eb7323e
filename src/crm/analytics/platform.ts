/** The tenant's statistics: totals, growth and top sellers. */

import { query } from '../../platform/cache/index.ts';
import type { PrismaClient } from '../../platform/db/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { noArgs } from '../arguments.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, tenantTags, userTags } from '../tags.ts';
import { loadSettings, monthIn, startOfMonth } from '../tenant/settings.ts';
import type { Growth, Platform } from './schema.ts';

/** The tenant's statistics as of the current month in its time zone. */
export const platformStatistics = query('platform-statistics', {
  args: noArgs,
  ttl: '1h',
  stale: '15m',
  until: ({ month, timeZone }) => startOfMonth(month, timeZone, 1).getTime(),
  // The counts scan all rows of a tenant, so one reader loads them again before they expire, after its own answer.
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
    const { currency, timeZone } = await loadSettings(client, tenant);
    const month = monthIn(timeZone, now());
    const startOf = (monthsAway: number) => startOfMonth(month, timeZone, monthsAway);
    const [counts, owners] = await Promise.all([count(client, tenant, startOf), loadOwners(client, tenant, startOf)]);
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

type Grown = 'companies' | 'contacts' | 'deals' | 'won' | 'done';
/** Returns the begin of the month that is `monthsAway` months after the current month. */
type StartOf = (monthsAway: number) => Date;
type Counts = Platform['totals'] & Record<`${Grown}${'This' | 'Last'}`, number>;

async function count(client: PrismaClient, tenant: string, startOf: StartOf): Promise<Counts> {
  const [last, start, end] = [startOf(-1), startOf(0), startOf(1)];
  const [row] = await client.$queryRaw<Counts[]>`
    SELECT companies.*, contacts.*, deals.*, tasks.*,
      (SELECT count(*)::int FROM users WHERE tenant_id = t.id AND disabled_at IS NULL) AS "activeUsers",
      (SELECT count(*)::int FROM projects WHERE tenant_id = t.id) AS projects
    FROM tenants t
    CROSS JOIN (SELECT ${last}::timestamp AS last, ${start}::timestamp AS start, ${end}::timestamp AS end_) AS of_month
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS companies,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "companiesThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "companiesLast"
      FROM companies WHERE tenant_id = t.id
    ) AS companies
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS contacts,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "contactsThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "contactsLast"
      FROM contacts WHERE tenant_id = t.id
    ) AS contacts
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS deals,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "dealsThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "dealsLast",
        (count(*) FILTER (WHERE stage = 'won' AND closed_at >= start AND closed_at < end_))::int AS "wonThis",
        (count(*) FILTER (WHERE stage = 'won' AND closed_at >= last AND closed_at < start))::int AS "wonLast",
        round(coalesce(sum(value) FILTER (WHERE stage = 'won'), 0), 2)::text AS "wonValue"
      FROM deals WHERE tenant_id = t.id
    ) AS deals
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS tasks,
        (count(*) FILTER (WHERE completed_at >= start AND completed_at < end_))::int AS "doneThis",
        (count(*) FILTER (WHERE completed_at >= last AND completed_at < start))::int AS "doneLast"
      FROM tasks WHERE tenant_id = t.id
    ) AS tasks
    WHERE t.id = ${tenant}`;
  if (!row) throw new Error('There is no row of this tenant');
  return row;
}

function loadOwners(client: PrismaClient, tenant: string, startOf: StartOf): Promise<Platform['owners']> {
  return client.$queryRaw`
    SELECT u.id, u.name, count(*)::int AS won, round(sum(d.value), 2)::text AS "wonValue"
    FROM deals d JOIN users u ON u.tenant_id = d.tenant_id AND u.id = d.owner_id
    WHERE d.tenant_id = ${tenant} AND d.stage = 'won'
      AND d.closed_at >= ${startOf(-11)}::timestamp AND d.closed_at < ${startOf(1)}::timestamp
    GROUP BY u.id, u.name ORDER BY sum(d.value) DESC, u.id LIMIT 10`;
}
