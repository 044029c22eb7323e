/** A company's statistics by month. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { firstDay } from '../../platform/rest/index.ts';
import { idArgs, monthArgs } from '../arguments.ts';
import { currencyOf } from '../deals/pipeline.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags } from '../tags.ts';
import { type CompanyMonths, companyMonthsQuerySchema } from './schema.ts';

/**
 * A company's statistics for each of `months` months, of which `month` is the last; `null` if the company does not
 * exist.
 */
export const companyMonths = query('company-months', {
  args: idArgs.extend(companyMonthsQuerySchema.shape).extend(monthArgs.shape),
  ttl: '1h',
  stale: '15m',
  tags: ({ id }: { id: string; months: number; month: string }) => [
    companyTags.one(id),
    contactTags.ofCompany(id),
    dealTags.ofCompany(id),
    projectTags.ofCompany(id),
    taskTags.ofCompany(id),
  ],
  load: async ({ id, months, month }, { tenant, db }: DataContext): Promise<CompanyMonths | null> => {
    const client = await db();
    const first = firstDay(month, 1 - months);
    const end = firstDay(month, 1);
    const [company, currency, rows] = await Promise.all([
      client.company.findUnique({ where: { tenantId_id: { tenantId: tenant, id } }, select: { id: true } }),
      currencyOf(client, tenant),
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
        ), counted AS (
          SELECT date_trunc('month', at) AS m,
            (count(*) FILTER (WHERE what = 'created'))::int AS created,
            (count(*) FILTER (WHERE what = 'won'))::int AS won,
            sum(value) AS value,
            (count(*) FILTER (WHERE what = 'done'))::int AS done,
            (count(*) FILTER (WHERE what = 'activity'))::int AS activities
          FROM happened WHERE at >= ${first}::date AND at < ${end}::date GROUP BY 1
        )
        SELECT to_char(m, 'YYYY-MM') AS month, coalesce(created, 0) AS "dealsCreated", coalesce(won, 0) AS "dealsWon",
          round(coalesce(value, 0), 2)::text AS "wonValue", coalesce(done, 0) AS "tasksDone",
          coalesce(activities, 0) AS activities
        FROM generate_series(${first}::timestamp, ${firstDay(month)}::timestamp, '1 month') AS m
        LEFT JOIN counted USING (m)
        ORDER BY m`,
    ]);
    return company && { currency, months: rows };
  },
});
