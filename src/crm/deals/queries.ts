/** The queries of deals. */

import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { pageWindow, toPage } from '../../platform/rest/index.ts';
import { idArgs, noArgs } from '../arguments.ts';
import { shownRows } from '../fields/custom.ts';
import { type AskedValues, askedValues, having, searchedHaving } from '../fields/filter.ts';
import { partedFilter } from '../fields/schema.ts';
import { row } from '../row.ts';
import { dealKind } from '../search/kinds.ts';
import { idsMatching, type ListPart } from '../search/list.ts';
import { dealTags, fieldTags } from '../tags.ts';
import { toDeal } from './deal.ts';
import { loadPipeline } from './pipeline.ts';
import { type DealFilter, type DealPageArgs, dealPageQuerySchema } from './schema.ts';

/** One deal, or `null`. */
export const dealById = row('deal', {
  args: idArgs,
  ttl: '15m',
  stale: '5m',
  tag: dealTags.one,
  alsoTags: [fieldTags.of('deal')],
  prepare: (client, tenant, rows) => shownRows(client, tenant, 'deal', rows),
  map: toDeal,
});

/**
 * A page of deals. A page that is filtered by a company, owner or stage is invalidated only by writes to deals of this
 * company, owner or stage. If a page has several filters, the tag of one filter is enough: a deal that enters or leaves
 * the page matches all filters of the page before or after the write.
 */
export const dealPage = query('deal-page', {
  args: dealPageQuerySchema,
  ttl: '5m',
  stale: '5m',
  tags: (args: DealPageArgs) => [narrowest(args), fieldTags.of('deal')],
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const client = await db();
    const { own, custom } = partedFilter(filter);
    const asked = await askedValues(client, tenant, 'deal', custom);
    const part = { client, tenant, order: 'desc', after: cursor, limit: take } as const;
    const where = { tenantId: tenant, ...beforeCursor, ...(await matchingDeals(part, own, asked)) };
    const rows = await client.deal.findMany({ where, take, orderBy });
    return toPage(await shownRows(client, tenant, 'deal', rows), limit, toDeal, where);
  },
});

/**
 * Returns the condition for the filters of a part of a list. A search costs the statements of {@link idsMatching}.
 */
export async function matchingDeals(part: ListPart, { search, ...labels }: DealFilter, asked: AskedValues) {
  const filter = { ...labels, ...having(part.tenant, asked) };
  if (search === undefined) return filter;
  const conditions = searchedHaving('deal', asked);
  return { ...filter, ...(await idsMatching(part, dealKind, search, { labels, conditions })) };
}

function narrowest({ companyId, ownerId, stage }: DealPageArgs): Tag {
  if (companyId) return dealTags.ofCompany(companyId);
  if (ownerId) return dealTags.ofOwner(ownerId);
  return stage ? dealTags.ofStage(stage) : dealTags.all;
}

/** Count and value of the deals in each stage. */
export const dealPipeline = query('deal-pipeline', {
  args: noArgs,
  ttl: '15m',
  stale: '5m',
  tags: () => [dealTags.all],
  load: async (_args: Record<never, never>, { tenant, db }: DataContext) => loadPipeline(await db(), tenant),
});
