/** The queries of contacts. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { addressStartsWith, pageWindow, startsWith, toPage } from '../../platform/rest/index.ts';
import { idArgs } from '../arguments.ts';
import { row } from '../row.ts';
import { contactKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { contactTags } from '../tags.ts';
import { toContact } from './contact.ts';
import { type ContactFilter, type ContactPageArgs, contactPageQuerySchema } from './schema.ts';

/** One contact, or `null`. */
export const contactById = row('contact', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tag: contactTags.one,
  map: toContact,
});

/**
 * A page of contacts. A page that is filtered by a company or an owner is invalidated only by writes to contacts of
 * this company or owner.
 */
export const contactPage = query('contact-page', {
  args: contactPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: ({ companyId, ownerId }: ContactPageArgs) => {
    if (companyId) return [contactTags.ofCompany(companyId)];
    return [ownerId ? contactTags.ofOwner(ownerId) : contactTags.all];
  },
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingContacts(part, filter)) };
    return toPage(await client.contact.findMany({ where, take, orderBy }), limit, toContact);
  },
});

/** Returns the condition for the filters of a part of a list. 1 statement with a search, otherwise none. */
export async function matchingContacts(part: ListPart, { search, ...filter }: ContactFilter) {
  if (search === undefined) return filter;
  const byBeginning = { OR: [{ searchName: startsWith(search) }, { email: addressStartsWith(search) }] };
  return { ...filter, ...(await idsMatching(part, contactKind, search, filter, byBeginning)) };
}
