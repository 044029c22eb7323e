/** The queries of contacts. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { addressStartsWith, pageWindow, startsWith, toPage } from '../../platform/rest/index.ts';
import { hasLongWord } from '../../platform/search/index.ts';
import { idArgs } from '../arguments.ts';
import { shownRows } from '../fields/custom.ts';
import { type AskedValues, askedValues, having, searchedHaving } from '../fields/filter.ts';
import { partedFilter } from '../fields/schema.ts';
import { row } from '../row.ts';
import { contactKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { contactTags, fieldTags } from '../tags.ts';
import { toContact } from './contact.ts';
import { type ContactFilter, type ContactPageArgs, contactPageQuerySchema } from './schema.ts';

/** One contact, or `null`. */
export const contactById = row('contact', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tag: contactTags.one,
  alsoTags: [fieldTags.of('contact')],
  prepare: (client, tenant, rows) => shownRows(client, tenant, 'contact', rows),
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
    const shown = fieldTags.of('contact');
    if (companyId) return [contactTags.ofCompany(companyId), shown];
    return [ownerId ? contactTags.ofOwner(ownerId) : contactTags.all, shown];
  },
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const { own, custom } = partedFilter(filter);
    const asked = await askedValues(client, tenant, 'contact', custom);
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingContacts(part, own, asked)) };
    const rows = await client.contact.findMany({ where, take, orderBy });
    return toPage(await shownRows(client, tenant, 'contact', rows), limit, toContact, where);
  },
});

/**
 * Returns the condition for the filters of a part of a list. A search without a word of two letters compares the text
 * with the beginning of names and addresses; any other costs the statements of {@link idsMatching}.
 */
export async function matchingContacts(part: ListPart, { search, ...labels }: ContactFilter, asked: AskedValues) {
  const filter = { ...labels, ...having(part.tenant, asked) };
  if (search === undefined) return filter;
  if (!hasLongWord(search)) {
    return { ...filter, OR: [{ searchName: startsWith(search) }, { email: addressStartsWith(search) }] };
  }
  const conditions = searchedHaving('contact', asked);
  return { ...filter, ...(await idsMatching(part, contactKind, search, { labels, conditions })) };
}
