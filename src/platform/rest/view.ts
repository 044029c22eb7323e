/**
 * A route that reads. Most views answer with one cached query: access checks, prefetching, validation and OpenAPI texts
 * are defined here once. The query's arguments follow from the path, the query parameters and today's date, so the
 * cache lookup leaves together with the gate's own. A view of values that are not cached has a loader instead.
 */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Query, QueryArgs } from '../cache/index.ts';
import { declare } from '../declared.ts';
import {
  type AppEnv,
  answerQuery,
  type DataContext,
  guarded,
  notFound,
  problems,
  type TenantScope,
} from '../http/index.ts';
import { dayOf } from './calendar.ts';
import { type Nothing, nothing, type OperationDefinition, type Services } from './operation.ts';

/** The declaration of a view. */
interface AnyView<Params extends z.ZodObject, Search extends z.ZodObject, Value>
  extends OperationDefinition<Params, Search> {
  /** The schema of the answer. */
  answer: z.ZodType<NonNullable<Value>>;
  /** The media type of the answer. Default: JSON. */
  mediaType?: string;
  /** The name of the row for the 404 problem when the value is `null`: `user`. */
  missing?: string;
}

/** The declaration of a view of a cached query. */
export interface QueryView<Params extends z.ZodObject, Search extends z.ZodObject, Value, Args extends QueryArgs>
  extends AnyView<Params, Search, Value> {
  query: Query<Args, Value, DataContext>;
  /** The query's arguments. `today` is the UTC day, for values that change with it. */
  args(input: z.output<Params> & z.output<Search>, today: string): Args;
}

/** The declaration of a view of a value that is not cached. */
export interface LoaderView<Params extends z.ZodObject, Search extends z.ZodObject, Value>
  extends AnyView<Params, Search, Value> {
  /** The value, `null` if it does not exist, or a response of its own. `day` is the UTC day. */
  load(
    input: z.output<Params> & z.output<Search>,
    services: Services,
    day: string,
    c: Context<AppEnv>,
  ): Loaded<NoInfer<Value>> | Promise<Loaded<NoInfer<Value>>>;
  /** Starts the cached lookups that `load` is going to make, so that they leave with the gate's own. */
  prefetch?(cache: TenantScope['cache'], day: string): void;
}

type Loaded<Value> = Value | Response | null;

/** Adds a view to a router. */
export function view<
  Value,
  Args extends QueryArgs,
  Params extends z.ZodObject = Nothing,
  Search extends z.ZodObject = Nothing,
>(router: OpenAPIHono<AppEnv>, definition: QueryView<Params, Search, Value, Args>): void;
export function view<Value, Params extends z.ZodObject = Nothing, Search extends z.ZodObject = Nothing>(
  router: OpenAPIHono<AppEnv>,
  definition: LoaderView<Params, Search, Value>,
): void;
export function view<Value, Args extends QueryArgs, Params extends z.ZodObject, Search extends z.ZodObject>(
  router: OpenAPIHono<AppEnv>,
  definition: QueryView<Params, Search, Value, Args> | LoaderView<Params, Search, Value>,
): void {
  const { id, path, tag, summary, description, access, answer, missing } = definition;
  const { mediaType = 'application/json', problems: more = [] } = definition;
  const params: z.ZodObject = definition.params ?? nothing;
  const search: z.ZodObject = definition.search ?? nothing;
  type Input = z.output<Params> & z.output<Search>;
  declare({ kind: 'operation', name: id, access });
  const checked = definition.params !== undefined || definition.search !== undefined;

  const route = createRoute(
    guarded(
      {
        ...(access === null ? {} : { access }),
        prefetch(cache, c) {
          if (!('query' in definition)) return definition.prefetch?.(cache, today(c));
          const inPath = params.safeParse(c.req.param());
          const inQuery = search.safeParse(c.req.query());
          if (!inPath.success || !inQuery.success) return;
          const input = { ...inPath.data, ...inQuery.data } as Input;
          cache.prefetch(definition.query, definition.args(input, today(c)));
        },
      },
      {
        method: 'get',
        operationId: id,
        path,
        tags: [tag],
        summary,
        ...(description === undefined ? {} : { description }),
        request: {
          ...(definition.params ? { params } : {}),
          ...(definition.search ? { query: search } : {}),
        },
        responses: {
          200: { description: 'The result', content: { [mediaType]: { schema: answer } } },
          ...problems(...(checked ? ([400] as const) : []), ...(missing ? ([404] as const) : []), ...more),
        },
      },
    ),
  );
  router.openapi(route, async (c) => {
    // Without a schema there is no validated part, and `valid` gives nothing.
    const valid = (part: string): object | undefined => c.req.valid(part as never);
    const input = { ...valid('param'), ...valid('query') } as Input;
    if ('query' in definition) {
      return (await answerQuery(c, definition.query, definition.args(input, today(c)), missing)) as never;
    }
    const value = await definition.load(input, c.var, today(c), c);
    if (value === null) throw notFound(missing ?? definition.id);
    if (value instanceof Response) return value as never;
    return c.json(value as object, 200) as never;
  });
}

/** Today in UTC, by the scope's clock. */
function today(c: Context<AppEnv>): string {
  return dayOf(new Date(c.get('scope').system.now()));
}
