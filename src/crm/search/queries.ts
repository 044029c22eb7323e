/** The query of a search. */
import { z } from '@hono/zod-openapi';
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import type { Tag } from '../../platform/redis/index.ts';
import { correctionsIn, postgresSearch, readSearch, toHit } from '../../platform/search/index.ts';
import { prismaStore } from '../../platform/sql/index.ts';
import { companyTags, contactTags, dealTags, projectTags, taskTags } from '../tags.ts';
import { type SearchResult, searchQuerySchema } from './schema.ts';

/** The arguments: those of the route, with the kinds that the caller may find. */
export const searchArgs = searchQuerySchema.extend({ kind: z.string() });
export type SearchArgs = z.output<typeof searchArgs>;

/** The tags of all rows of each kind. Every write to a row ends the searches of its kind. */
const TAGS: Readonly<Record<string, Tag>> = {
  contact: contactTags.all,
  company: companyTags.all,
  deal: dealTags.all,
  project: projectTags.all,
  task: taskTags.all,
};

/** The rows that match a search, the best first. */
export const searchAll = query('search', {
  args: searchArgs,
  ttl: '5m',
  tags: ({ kind }: SearchArgs) => kindsIn(kind).flatMap((name) => TAGS[name] ?? []),
  load: async ({ q, kind, limit, ownerId, stage }, { tenant, db }: DataContext): Promise<SearchResult> => {
    const client = await db();
    const engine = postgresSearch(prismaStore(async () => client));
    const labels = { ...(ownerId && { ownerId }), ...(stage && { stage }) };
    const search = { tenant, wanted: readSearch(q), kinds: kindsIn(kind), labels, limit };
    const { hits, more, wanted } = await engine.search(search);
    return {
      items: hits.map((hit) => toHit(hit, wanted)),
      more,
      corrections: correctionsIn(hits, wanted),
    };
  },
});

function kindsIn(kind: string): string[] {
  return kind === '' ? [] : kind.split(',');
}
