/** Counts the tenant's statistics from its rows, while the maintained numbers are not complete. */
import type { PrismaClient } from '../../platform/db/index.ts';
import type { Platform } from './schema.ts';

type Grown = 'companies' | 'contacts' | 'deals' | 'won' | 'done';
/** Returns the begin of the month that is `monthsAway` months after the current month. */
export type StartOf = (monthsAway: number) => Date;
/** The totals, and what grew in this and in the last month. */
export type PlatformCounts = Platform['totals'] & Record<`${Grown}${'This' | 'Last'}`, number>;

/** The number of users in the list of the best sellers. */
export const SELLERS = 10;
/** The list has the deals of this many months, of which the current month is the last. */
export const SELLER_MONTHS = 12;

/** Counts the totals and growth, and lists the best sellers. 2 statements, which bind the tenant everywhere. */
export function countPlatform(
  client: PrismaClient,
  tenant: string,
  places: number,
  startOf: StartOf,
): Promise<[PlatformCounts, Platform['owners']]> {
  return Promise.all([count(client, tenant, places, startOf), loadOwners(client, tenant, places, startOf)]);
}

async function count(client: PrismaClient, tenant: string, places: number, startOf: StartOf): Promise<PlatformCounts> {
  const [last, start, end] = [startOf(-1), startOf(0), startOf(1)];
  const [row] = await client.$queryRaw<PlatformCounts[]>`
    SELECT companies.*, contacts.*, deals.*, tasks.*,
      (SELECT count(*)::int FROM users WHERE tenant_id = ${tenant} AND disabled_at IS NULL) AS "activeUsers",
      (SELECT count(*)::int FROM projects WHERE tenant_id = ${tenant}) AS projects
    FROM (SELECT ${last}::timestamp AS last, ${start}::timestamp AS start, ${end}::timestamp AS end_) AS of_month
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS companies,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "companiesThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "companiesLast"
      FROM companies WHERE tenant_id = ${tenant}
    ) AS companies
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS contacts,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "contactsThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "contactsLast"
      FROM contacts WHERE tenant_id = ${tenant}
    ) AS contacts
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS deals,
        (count(*) FILTER (WHERE created_at >= start AND created_at < end_))::int AS "dealsThis",
        (count(*) FILTER (WHERE created_at >= last AND created_at < start))::int AS "dealsLast",
        (count(*) FILTER (WHERE stage = 'won' AND closed_at >= start AND closed_at < end_))::int AS "wonThis",
        (count(*) FILTER (WHERE stage = 'won' AND closed_at >= last AND closed_at < start))::int AS "wonLast",
        round(coalesce(sum(value) FILTER (WHERE stage = 'won'), 0), ${places}::int)::text AS "wonValue"
      FROM deals WHERE tenant_id = ${tenant}
    ) AS deals
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS tasks,
        (count(*) FILTER (WHERE completed_at >= start AND completed_at < end_))::int AS "doneThis",
        (count(*) FILTER (WHERE completed_at >= last AND completed_at < start))::int AS "doneLast"
      FROM tasks WHERE tenant_id = ${tenant}
    ) AS tasks`;
  if (!row) throw new Error('Counts without a group have one row');
  return row;
}

function loadOwners(
  client: PrismaClient,
  tenant: string,
  places: number,
  startOf: StartOf,
): Promise<Platform['owners']> {
  return client.$queryRaw`
    SELECT u.id, u.name, count(*)::int AS won, round(sum(d.value), ${places}::int)::text AS "wonValue"
    FROM deals d JOIN users u ON u.tenant_id = d.tenant_id AND u.id = d.owner_id
    WHERE d.tenant_id = ${tenant} AND d.stage = 'won'
      AND d.closed_at >= ${startOf(1 - SELLER_MONTHS)}::timestamp AND d.closed_at < ${startOf(1)}::timestamp
    GROUP BY u.id, u.name ORDER BY sum(d.value) DESC, u.id LIMIT ${SELLERS}`;
}
