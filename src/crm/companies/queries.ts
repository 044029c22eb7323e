/** The queries of companies. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { pageWindow, startsWith, toPage } from '../../platform/rest/index.ts';
import { hasLongWord } from '../../platform/search/index.ts';
import { idArgs } from '../arguments.ts';
import { shownRows } from '../fields/custom.ts';
import { type AskedValues, askedValues, having, searchedHaving } from '../fields/filter.ts';
import { partedFilter } from '../fields/schema.ts';
import { row } from '../row.ts';
import { companyKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { companyTags, fieldTags } from '../tags.ts';
import { toCompany } from './company.ts';
import { type CompanyFilter, type CompanyPageArgs, companyPageQuerySchema } from './schema.ts';

/** One company, or `null`. */
export const companyById = row('company', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tag: companyTags.one,
  alsoTags: [fieldTags.of('company')],
  prepare: (client, tenant, rows) => shownRows(client, tenant, 'company', rows),
  map: toCompany,
});

/** A page of companies. A page of one owner's companies stays cached if a company of another owner changes. */
export const companyPage = query('company-page', {
  args: companyPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: ({ ownerId }: CompanyPageArgs) => [
    ownerId ? companyTags.ofOwner(ownerId) : companyTags.all,
    fieldTags.of('company'),
  ],
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const { own, custom } = partedFilter(filter);
    const asked = await askedValues(client, tenant, 'company', custom);
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingCompanies(part, own, asked)) };
    const rows = await client.company.findMany({ where, take, orderBy });
    return toPage(await shownRows(client, tenant, 'company', rows), limit, toCompany, where);
  },
});

/**
 * Returns the condition for the filters of a part of a list. A search without a word of two letters compares the text
 * with the beginning of names; any other costs the statements of {@link idsMatching}.
 */
export async function matchingCompanies(part: ListPart, { search, ...labels }: CompanyFilter, asked: AskedValues) {
  const filter = { ...labels, ...having(part.tenant, asked) };
  if (search === undefined) return filter;
  if (!hasLongWord(search)) {
    return { ...filter, searchName: startsWith(search) };
  }
  const conditions = searchedHaving('company', asked);
  return { ...filter, ...(await idsMatching(part, companyKind, search, { labels, conditions })) };
}
