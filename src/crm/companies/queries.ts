/** The queries of companies. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { pageWindow, startsWith, toPage } from '../../platform/rest/index.ts';
import { idArgs } from '../arguments.ts';
import { row } from '../row.ts';
import { companyKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { companyTags } from '../tags.ts';
import { toCompany } from './company.ts';
import { type CompanyFilter, type CompanyPageArgs, companyPageQuerySchema } from './schema.ts';

/** One company, or `null`. */
export const companyById = row('company', {
  args: idArgs,
  ttl: '1h',
  stale: '15m',
  tag: companyTags.one,
  map: toCompany,
});

/** A page of companies. A page of one owner's companies stays cached if a company of another owner changes. */
export const companyPage = query('company-page', {
  args: companyPageQuerySchema,
  ttl: '15m',
  stale: '5m',
  tags: ({ ownerId }: CompanyPageArgs) => [ownerId ? companyTags.ofOwner(ownerId) : companyTags.all],
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingCompanies(part, filter)) };
    return toPage(await client.company.findMany({ where, take, orderBy }), limit, toCompany);
  },
});

/** Returns the condition for the filters of a part of a list. 1 statement with a search, otherwise none. */
export async function matchingCompanies(part: ListPart, { search, ...filter }: CompanyFilter) {
  if (search === undefined) return filter;
  const byBeginning = { searchName: startsWith(search) };
  return { ...filter, ...(await idsMatching(part, companyKind, search, filter, byBeginning)) };
}
