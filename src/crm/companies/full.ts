/** The query of a company with all the data of its page. */

import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { activitiesOfCompany } from '../activities/latest.ts';
import { activitySchema, namedSchema } from '../activities/schema.ts';
import { idArgs } from '../arguments.ts';
import { toContact } from '../contacts/contact.ts';
import { contactSchema } from '../contacts/schema.ts';
import { toDeal } from '../deals/deal.ts';
import { loadPipeline } from '../deals/pipeline.ts';
import { dealSchema, pipelineSchema } from '../deals/schema.ts';
import { shownRow, shownRows } from '../fields/custom.ts';
import { fieldKinds } from '../fields/field.ts';
import { toProject } from '../projects/project.ts';
import { projectSchema } from '../projects/schema.ts';
import { companyTags, contactTags, dealTags, fieldTags, projectTags, userTags } from '../tags.ts';
import { toCompany } from './company.ts';
import { companySchema } from './schema.ts';

/** The number of contacts, deals and projects that are shown. */
const SHOWN = 25;

export const companyFullSchema = companySchema
  .extend({
    owner: namedSchema.nullable(),
    counts: z.object({ contacts: z.number().int(), projects: z.number().int() }),
    contacts: z.array(contactSchema).openapi({ description: 'The newest contacts; more at `/contacts?companyId=`.' }),
    deals: z.array(dealSchema).openapi({ description: 'The newest deals; more at `/deals?companyId=`.' }),
    pipeline: pipelineSchema.openapi({ description: 'The pipeline of all deals with the company.' }),
    projects: z.array(projectSchema).openapi({ description: 'The newest projects; more at `/projects?companyId=`.' }),
    recentActivity: z
      .array(activitySchema)
      .openapi({ description: 'Activities of the company, its contacts, deals and projects.' }),
  })
  .openapi('CompanyFull');

/** A company with its contacts, deals, projects and latest activity, or `null`. */
export const companyFull = query('company-full', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  // With 25 contacts, deals and projects this is the longest value of the CRM.
  compress: 4096,
  // The tags of the company's contacts, deals and projects also invalidate the activities about them.
  tags: ({ id }: { id: string }) => [
    ...fieldKinds.map(fieldTags.of),
    companyTags.one(id),
    contactTags.ofCompany(id),
    dealTags.ofCompany(id),
    projectTags.ofCompany(id),
    userTags.names,
  ],
  load: async ({ id }, { tenant, db }: DataContext): Promise<z.infer<typeof companyFullSchema> | null> => {
    const client = await db();
    const newest = {
      where: { tenantId: tenant, companyId: id },
      orderBy: { id: 'desc' },
      take: SHOWN,
    } as const;
    const [row, contacts, deals, pipeline, projects, recentActivity] = await Promise.all([
      client.company.findUnique({
        where: { tenantId_id: { tenantId: tenant, id } },
        include: {
          owner: { select: { id: true, name: true } },
          _count: { select: { contacts: true, projects: true } },
        },
      }),
      client.contact.findMany(newest),
      client.deal.findMany(newest),
      loadPipeline(client, tenant, { companyId: id }),
      client.project.findMany(newest),
      activitiesOfCompany(client, tenant, id),
    ]);
    if (!row) return null;
    const [company, shownContacts, shownDeals] = await Promise.all([
      shownRow(client, tenant, 'company', row),
      shownRows(client, tenant, 'contact', contacts),
      shownRows(client, tenant, 'deal', deals),
    ]);
    return {
      ...toCompany(company),
      owner: row.owner,
      counts: row._count,
      contacts: shownContacts.map(toContact),
      deals: shownDeals.map(toDeal),
      pipeline,
      projects: projects.map(toProject),
      recentActivity,
    };
  },
});
