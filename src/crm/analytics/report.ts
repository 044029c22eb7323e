/** A report: a view of cached statistics, and the route that computes them again for a user who cannot wait. */
import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { QueryArgs } from '../../platform/cache/index.ts';
import { type AppEnv, notFound, type OperationId } from '../../platform/http/index.ts';
import { type Rule, rule, sliding } from '../../platform/limits/index.ts';
import { command, dayOf, type Nothing, type QueryView, view } from '../../platform/rest/index.ts';

/** A refresh runs some of the most expensive statements of the CRM. While Redis does not answer, it cannot be counted. */
const refreshRules: readonly Rule[] = [
  rule('report-refresh', { window: sliding(6, '1m'), by: 'user', whenDown: 'closed' }),
];

/** The declaration of a report. */
interface ReportDefinition<Params extends z.ZodObject, Search extends z.ZodObject, Value, Args extends QueryArgs>
  extends Omit<QueryView<Params, Search, Value, Args>, 'tag' | 'access'> {
  /** The id and the summary of the refresh. */
  refresh: { id: OperationId; summary: string };
}

/** Adds `GET` and `POST <path>/refresh` of a report to a router. */
export function report<
  Value,
  Args extends QueryArgs,
  Params extends z.ZodObject = Nothing,
  Search extends z.ZodObject = Nothing,
>(router: OpenAPIHono<AppEnv>, definition: ReportDefinition<Params, Search, Value, Args>): void {
  const { refresh, ...shared } = definition;
  const { path, params, search, answer, query, args, missing, cost } = shared;
  view(router, { ...shared, tag: 'Analytics', access: 'crm:read' });
  command(router, {
    ...refresh,
    path: `${path}/refresh`,
    tag: 'Analytics',
    access: 'analytics:refresh',
    description: 'Writes end old values by themselves; a refresh is for data that changed outside the API.',
    ...(params ? { params } : {}),
    ...(search ? { search } : {}),
    answer,
    effect: 'The new values, which are cached',
    limits: refreshRules,
    problems: missing ? [404] : [],
    harmlessTwice: true,
    commits: false,
    // The query loads the value with as many statements as a miss of the view.
    cost: { requests: 3, commands: 6, statements: cost?.miss?.statements ?? 1 },
    async run({ params: inPath, search: inQuery }, { scope, tenant }) {
      const input = { ...inPath, ...inQuery } as z.output<Params> & z.output<Search>;
      const value = await tenant.cache.refresh(query, args(input, dayOf(new Date(scope.system.now()))));
      if (value === null || value === undefined) throw notFound(missing ?? refresh.id);
      return value;
    },
  });
}
