/**
 * A route that answers with one cached query. Access checks, prefetching, validation and OpenAPI texts are defined here
 * once. The query's arguments follow from the path, the query parameters and today's date, so the cache lookup leaves
 * together with the gate's own.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Query, QueryArgs } from '../platform/cache/index.ts';
import {
  type AppEnv,
  answerQuery,
  type DataContext,
  guarded,
  idSchema,
  json,
  problems,
} from '../platform/http/index.ts';
import { dayOf } from './calendar.ts';

/** The path parameters of a route about one row. */
export const oneSchema = z.object({ id: idSchema });

const nothing = z.object({});

/** The declaration of a view. */
export interface ViewDefinition<Params extends z.ZodObject, Search extends z.ZodObject, Args extends QueryArgs, Value> {
  /** Such as `/users/{id}/tasks`. */
  path: string;
  /** The group in the OpenAPI document. */
  tag: string;
  summary: string;
  /** The schema of the answer. */
  schema: z.ZodType<NonNullable<Value>>;
  /** Path parameters. */
  params?: Params;
  /** Query parameters. */
  search?: Search;
  query: Query<Args, Value, DataContext>;
  /** The query's arguments. `today` is the UTC day, for values that change with it. */
  args(input: z.output<Params> & z.output<Search>, today: string): Args;
  /** The name of the row for the 404 problem when the query's value is `null`: `user`. */
  missing?: string;
}

/** Adds a view to a router. */
export function view<
  Args extends QueryArgs,
  Value,
  Params extends z.ZodObject = typeof nothing,
  Search extends z.ZodObject = typeof nothing,
>(router: OpenAPIHono<AppEnv>, definition: ViewDefinition<Params, Search, Args, Value>): void {
  const { path, tag, summary, schema, query, missing } = definition;
  const params: z.ZodObject = definition.params ?? nothing;
  const search: z.ZodObject = definition.search ?? nothing;
  type Input = z.output<Params> & z.output<Search>;

  const route = createRoute(
    guarded(
      {
        access: 'crm:read',
        prefetch(cache, c) {
          const inPath = params.safeParse(c.req.param());
          const inQuery = search.safeParse(c.req.query());
          if (!inPath.success || !inQuery.success) return;
          cache.prefetch(query, definition.args({ ...inPath.data, ...inQuery.data } as Input, today(c)));
        },
      },
      {
        method: 'get',
        path,
        tags: [tag],
        summary,
        request: { params, query: search },
        responses: {
          200: json(schema, 'The result'),
          ...(definition.params || definition.search ? problems(400) : {}),
          ...(missing ? problems(404) : {}),
        },
      },
    ),
  );
  router.openapi(route, async (c) => {
    const input = { ...c.req.valid('param'), ...c.req.valid('query') } as Input;
    return (await answerQuery(c, query, definition.args(input, today(c)), missing)) as never;
  });
}

/** Today in UTC, by the scope's clock. */
export function today(c: Context<AppEnv>): string {
  return dayOf(new Date(c.get('scope').system.now()));
}
