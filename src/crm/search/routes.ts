/** `/search` */
import { answerQuery, createRouter, ProblemError } from '../../platform/http/index.ts';
import { view } from '../../platform/rest/index.ts';
import { findableKinds } from '../../platform/search/index.ts';
import { searchKinds } from './kinds.ts';
import { type SearchArgs, searchAll } from './queries.ts';
import { type SearchInput, searchQuerySchema, searchResultSchema } from './schema.ts';

export const searchRoutes = createRouter();

view(searchRoutes, {
  id: 'search.list',
  path: '/search',
  tag: 'Search',
  access: 'crm:read',
  summary: 'List the rows that match a text, the best first',
  cost: { miss: { statements: 3 } },
  description: 'Contacts, companies, deals, projects and tasks, of the kinds that the caller may read.',
  answer: searchResultSchema,
  search: searchQuerySchema,
  // Most callers may find every kind, so their answer is looked up together with their credentials.
  prefetch(cache, _day, c) {
    const input = searchQuerySchema.safeParse(c.req.query());
    const args = input.success ? argsOf(input.data, ['*']) : null;
    if (args) cache.prefetch(searchAll, args);
  },
  async load(input, { caller }, _day, c) {
    const args = argsOf(input, caller.rights);
    if (!args) throw new ProblemError(403, 'NOT_ALLOWED', 'This needs a right to read what is searched');
    return answerQuery(c, searchAll, args);
  },
});

/** Returns the arguments of the query for a caller with the rights; `null` if the caller may find no kind. */
function argsOf({ q, kind, ...rest }: SearchInput, rights: readonly string[]): SearchArgs | null {
  const asked = searchKinds.filter((one) => kind === undefined || kind.split(',').includes(one.kind));
  const labels = [...(rest.ownerId ? ['ownerId'] : []), ...(rest.stage ? ['stage'] : [])];
  const found = findableKinds(asked, { rights, labels });
  if (findableKinds(asked, { rights, labels: [] }).length === 0) return null;
  return { ...rest, q: q.toLowerCase(), kind: found.map((one) => one.kind).join(',') };
}
