/** The tenant's key figures: read from the maintained numbers or, while these are not complete, counted. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { dayBucket, monthBucket, readNumbers } from '../../platform/numbers/index.ts';
import { amountOf, sumOf } from '../../platform/rest/index.ts';
import { companyNumbers, contactNumbers, dealNumbers, projectNumbers, taskNumbers } from '../numbers.ts';
import type { Overview } from './schema.ts';

/** The figures, in the form of both statements. */
export type OverviewRow = Omit<Overview, 'day' | 'timeZone' | 'currency' | 'wonThisMonth'> & {
  won: number;
  wonValue: string;
};

/** Today, and the begin and the end of its month. */
export interface Borders {
  day: string;
  start: Date;
  end: Date;
}

/** Reads the figures; `null` if the numbers are not complete. 1 statement. */
export async function readOverview(
  client: PrismaClient,
  tenant: string,
  places: number,
  { day, start, end }: Borders,
): Promise<OverviewRow | null> {
  const read = await readNumbers(client, tenant, places, {
    totals: {
      companies: companyNumbers.at('owner'),
      contacts: contactNumbers.at('owner'),
      activeProjects: projectNumbers.at('status', 'active'),
      won: dealNumbers.between('closed', ['won'], monthBucket(start), monthBucket(end)),
      overdue: taskNumbers.between('due', [], null, dayBucket(day)),
      todo: taskNumbers.at('status', 'todo'),
      doing: taskNumbers.at('status', 'doing'),
      blocked: taskNumbers.at('status', 'blocked'),
      lead: dealNumbers.at('stage', 'lead'),
      qualified: dealNumbers.at('stage', 'qualified'),
      proposal: dealNumbers.at('stage', 'proposal'),
      negotiation: dealNumbers.at('stage', 'negotiation'),
    },
  });
  if (!read) return null;
  const { companies, contacts, activeProjects, won, overdue, todo, doing, blocked, ...open } = read.totals;
  const openDeals = Object.values(open);
  return {
    companies: companies.count,
    contacts: contacts.count,
    openDeals: openDeals.reduce((all, { count }) => all + count, 0),
    pipelineValue: sumOf(
      openDeals.map(({ sum }) => amountOf(sum)),
      places,
    ),
    won: won.count,
    wonValue: won.sum,
    openTasks: todo.count + doing.count + blocked.count,
    overdueTasks: overdue.count,
    activeProjects: activeProjects.count,
  };
}

/** Counts the figures. 1 statement, which binds the tenant everywhere so that its rows are found by their indexes. */
export async function countOverview(
  client: PrismaClient,
  tenant: string,
  places: number,
  { day, start, end }: Borders,
): Promise<OverviewRow> {
  const [row] = await client.$queryRaw<OverviewRow[]>`
    SELECT deals.*, won.*, tasks.*,
      (SELECT count(*)::int FROM companies WHERE tenant_id = ${tenant}) AS companies,
      (SELECT count(*)::int FROM contacts WHERE tenant_id = ${tenant}) AS contacts,
      (SELECT count(*)::int FROM projects WHERE tenant_id = ${tenant} AND status = 'active') AS "activeProjects"
    FROM (
      SELECT count(*)::int AS "openDeals", round(coalesce(sum(value), 0), ${places}::int)::text AS "pipelineValue"
      FROM deals WHERE tenant_id = ${tenant} AND stage IN ('lead', 'qualified', 'proposal', 'negotiation')
    ) AS deals, (
      SELECT count(*)::int AS won, round(coalesce(sum(value), 0), ${places}::int)::text AS "wonValue"
      FROM deals
      WHERE tenant_id = ${tenant} AND stage = 'won'
        AND closed_at >= ${start}::timestamp AND closed_at < ${end}::timestamp
    ) AS won, (
      SELECT count(*)::int AS "openTasks", (count(*) FILTER (WHERE due_date < ${day}::date))::int AS "overdueTasks"
      FROM tasks WHERE tenant_id = ${tenant} AND status IN ('todo', 'doing', 'blocked')
    ) AS tasks`;
  if (!row) throw new Error('Counts without a group have one row');
  return row;
}
