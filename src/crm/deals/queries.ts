/** What is read about deals. */
import { query, row } from '../../cache/index.ts';
import type { DataContext } from '../../http/index.ts';
import { pageWindow, toPage } from '../page.ts';
import { dealTags } from '../tags.ts';
import { toDeal } from './deal.ts';
import { loadPipeline } from './pipeline.ts';
import type { DealPageArgs } from './schema.ts';

/** One deal, or `null`. */
export const dealById = row('deal', { ttl: '15m', stale: '5m', tag: dealTags.one, map: toDeal });

/** A page of deals. A page of one company's or one owner's deals is not touched by the deals of others. */
export const dealPage = query('deal-page', {
  ttl: '5m',
  stale: '5m',
  tags: ({ companyId, ownerId }: DealPageArgs) => {
    if (companyId) return [dealTags.ofCompany(companyId)];
    return [ownerId ? dealTags.ofOwner(ownerId) : dealTags.all];
  },
  load: async ({ limit, cursor, ...filter }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const where = { tenantId: tenant, ...filter, ...beforeCursor };
    return toPage(await (await db()).deal.findMany({ where, take, orderBy }), limit, toDeal);
  },
});

/** Count and value of the deals in each stage. */
export const dealPipeline = query('deal-pipeline', {
  ttl: '15m',
  stale: '5m',
  tags: () => [dealTags.all],
  load: async (_args: Record<never, never>, { tenant, db }: DataContext) => loadPipeline(await db(), tenant),
});
