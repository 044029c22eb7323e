/** The query of a contact with all the data of the contact's page. */

import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { activitiesOfContact } from '../activities/latest.ts';
import { activitySchema, namedSchema } from '../activities/schema.ts';
import { idArgs } from '../arguments.ts';
import { toDeal } from '../deals/deal.ts';
import { dealSchema } from '../deals/schema.ts';
import { shownRow, shownRows } from '../fields/custom.ts';
import { companyTags, contactTags, dealTags, fieldTags, userTags } from '../tags.ts';
import { toContact } from './contact.ts';
import { contactSchema } from './schema.ts';

/** The number of deals that are shown. */
const SHOWN = 25;

const shown = [fieldTags.of('contact'), fieldTags.of('deal')];
const named = { select: { id: true, name: true } } as const;

export const contactFullSchema = contactSchema
  .extend({
    company: namedSchema.nullable(),
    owner: namedSchema.nullable(),
    deals: z.array(dealSchema).openapi({ description: 'The newest deals.' }),
    recentActivity: z.array(activitySchema).openapi({ description: 'Activities of the contact and their deals.' }),
  })
  .openapi('ContactFull');

/** A contact with its company, deals and latest activity, or `null`. */
export const contactFull = query('contact-full', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  // The tags of the deals also invalidate the activities about them.
  tags: ({ id }: { id: string }) => [
    ...shown,
    contactTags.one(id),
    dealTags.ofContact(id),
    companyTags.names,
    userTags.names,
  ],
  load: async ({ id }, { tenant, db }: DataContext): Promise<z.infer<typeof contactFullSchema> | null> => {
    const client = await db();
    const [row, deals, recentActivity] = await Promise.all([
      client.contact.findUnique({
        where: { tenantId_id: { tenantId: tenant, id } },
        include: { company: named, owner: named },
      }),
      client.deal.findMany({ where: { tenantId: tenant, contactId: id }, orderBy: { id: 'desc' }, take: SHOWN }),
      activitiesOfContact(client, tenant, id),
    ]);
    if (!row) return null;
    const [contact, shownDeals] = await Promise.all([
      shownRow(client, tenant, 'contact', row),
      shownRows(client, tenant, 'deal', deals),
    ]);
    const { company, owner } = row;
    return { ...toContact(contact), company, owner, deals: shownDeals.map(toDeal), recentActivity };
  },
});
