/** A company's statistics by month. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { idArgs } from '../arguments.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags, tenantTags } from '../tags.ts';
import { endOfMonths, loadSettings, monthIn, monthsUpTo } from '../tenant/settings.ts';
import { type CompanyMonths, companyMonthsQuerySchema } from './schema.ts';

/**
 * A company's statistics for each of `months` months, of which the current month is the last; `null` if the company
 * does not exist.
 */
export const companyMonths = query('company-months', {
  args: idArgs.extend(companyMonthsQuerySchema.shape),
  ttl: '1h',
  stale: '15m',
  until: endOfMonths,
  tags: ({ id }: { id: string; months: number }) => [
    tenantTags.settings,
    companyTags.one(id),
    contactTags.ofCompany(id),
    dealTags.ofCompany(id),
    projectTags.ofCompany(id),
    taskTags.ofCompany(id),
  ],
  load: async ({ id, months }, { tenant, db, now }: DataContext): Promise<CompanyMonths | null> => {
    const client = await db();
    const { currency, timeZone } = await loadSettings(client, tenant);
    const { names, starts, ends } = monthsUpTo(monthIn(timeZone, now()), months, timeZone);
    const [company, rows] = await Promise.all([
      client.company.findUnique({ where: { tenantId_id: { tenantId: tenant, id } }, select: { id: true } }),
      // Each table is read once, through its index on the company, and its rows are counted by month.
      client.$queryRaw<CompanyMonths['months']>`
        WITH own_deals AS MATERIALIZED (
          SELECT id, stage, value, created_at, closed_at FROM deals WHERE tenant_id = ${tenant} AND company_id = ${id}
        ), own_projects AS MATERIALIZED (
          SELECT id FROM projects WHERE tenant_id = ${tenant} AND company_id = ${id}
        ), happened AS (
          SELECT created_at AS at, 'created' AS what, 0::numeric AS value FROM own_deals
          UNION ALL
          SELECT closed_at, 'won', value FROM own_deals WHERE stage = 'won'
          UNION ALL
          SELECT completed_at, 'done', 0 FROM (
            SELECT t.id, t.completed_at FROM own_deals d
            JOIN tasks t ON t.tenant_id = ${tenant} AND t.deal_id = d.id
            UNION
            SELECT t.id, t.completed_at FROM own_projects p
            JOIN tasks t ON t.tenant_id = ${tenant} AND t.project_id = p.id
          ) AS own_tasks
          UNION ALL
          SELECT a.occurred_at, 'activity', 0 FROM (
            SELECT 'company' AS type, ${id}::text AS id
            UNION ALL SELECT 'contact', id FROM contacts WHERE tenant_id = ${tenant} AND company_id = ${id}
            UNION ALL SELECT 'deal', id FROM own_deals
            UNION ALL SELECT 'project', id FROM own_projects
          ) AS about
          JOIN activities a ON a.tenant_id = ${tenant} AND a.entity_type = about.type AND a.entity_id = about.id
        ), series AS (
          SELECT * FROM unnest(${names}::text[], ${starts}::timestamp[], ${ends}::timestamp[]) AS m (name, start, end_)
        ), counted AS (
          SELECT name,
            (count(*) FILTER (WHERE what = 'created'))::int AS created,
            (count(*) FILTER (WHERE what = 'won'))::int AS won,
            sum(value) AS value,
            (count(*) FILTER (WHERE what = 'done'))::int AS done,
            (count(*) FILTER (WHERE what = 'activity'))::int AS activities
          FROM happened JOIN series ON at >= start AND at < end_
          WHERE at >= ${starts[0]}::timestamp AND at < ${ends.at(-1)}::timestamp GROUP BY 1
        )
        SELECT name AS month, coalesce(created, 0) AS "dealsCreated", coalesce(won, 0) AS "dealsWon",
          round(coalesce(value, 0), 2)::text AS "wonValue", coalesce(done, 0) AS "tasksDone",
          coalesce(activities, 0) AS activities
        FROM series LEFT JOIN counted USING (name)
        ORDER BY name`,
    ]);
    return company && { currency, timeZone, months: rows };
  },
});
