/**
 * A route that reads. Most views answer with one cached query. Access checks, prefetching, validation and OpenAPI texts
 * are written once, here. The arguments of the query follow from the path, the query parameters and today's date, so
 * the cache lookup can be sent together with the gate's lookups. A view of a value that is not cached has a loader
 * instead of a query.
 */
import { createRoute, type OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Query, QueryArgs } from '../cache/index.ts';
import { declare } from '../declared.ts';
import {
  type AppEnv,
  answerQuery,
  type Caller,
  type DataContext,
  ETAG,
  etagOf,
  type GuardedOptions,
  guarded,
  noteRead,
  notFound,
  problems,
  type TenantScope,
  unguarded,
} from '../http/index.ts';
import { type AuditedView, auditedRoute, timeOf } from './audited-view.ts';
import { dayOf } from './calendar.ts';
import { type Budget, type CachedBudget, type CachedCost, type Cost, publicCost, viewCost } from './cost.ts';
import {
  type Access,
  type Nothing,
  nothing,
  type OperationDefinition,
  type PublicContext,
  type PublicServices,
  type Services,
} from './operation.ts';

/** The parts of a declaration that all views share. */
interface AnyView<Params extends z.ZodObject, Search extends z.ZodObject, Value>
  extends OperationDefinition<Params, Search> {
  /** The schema of the answer. */
  answer: z.ZodType<NonNullable<Value>>;
  /** The media type of the answer. Default: JSON. */
  mediaType?: string;
  /** `true` for `GET` of one resource whose writes obey `If-Match`: the OpenAPI document then shows the ETag. */
  tagged?: boolean;
  /** The name of the row for the 404 problem when the value is `null`: `user`. */
  missing?: string;
  /** Answers with a status other than 200 that are not problems, for the OpenAPI document. */
  otherAnswers?: RouteConfig['responses'];
}

/** The live updates about a view. */
interface Live<Params extends z.ZodObject, Search extends z.ZodObject> {
  /**
   * Returns the topic of live updates about the value, `deal:deal_01J…`. Answers name the topic in `Link` with the
   * relation `monitor` (RFC 5989), unless the topic is `null`.
   */
  live?: ((input: z.output<Params> & z.output<Search>, caller: Caller) => string | null) | undefined;
}

/** The declaration of a view of a cached query. */
export interface QueryView<Params extends z.ZodObject, Search extends z.ZodObject, Value, Args extends QueryArgs>
  extends AnyView<Params, Search, Value>,
    Access,
    Live<Params, Search> {
  audited?: AuditedView<z.output<Params> & z.output<Search>, Value>;
  /** How the cost differs from that of a cached read with 1 statement; see `cost.ts`. */
  cost?: CachedBudget;
  query: Query<Args, Value, DataContext>;
  /** Returns the query's arguments. `today` is the UTC day, for values that change with the day. */
  args(input: z.output<Params> & z.output<Search>, today: string): Args;
}

/** The loader of a view of a value that is not cached. */
interface Loader<Params extends z.ZodObject, Search extends z.ZodObject, Value, Given, Called> {
  /** Returns the value, `null` if the value does not exist, or a complete response. `day` is the UTC day. */
  load(
    input: z.output<Params> & z.output<Search>,
    services: Given,
    day: string,
    c: Called,
  ): Loaded<NoInfer<Value>> | Promise<Loaded<NoInfer<Value>>>;
}

/** The declaration of a view whose value is not cached. */
export interface LoaderView<Params extends z.ZodObject, Search extends z.ZodObject, Value>
  extends AnyView<Params, Search, Value>,
    Access,
    Live<Params, Search>,
    Loader<Params, Search, Value, Services, Context<AppEnv>> {
  audited?: AuditedView<z.output<Params> & z.output<Search>, NoInfer<Value>>;
  /**
   * Starts the lookups that `load` is going to make, so that they are sent with the gate's lookups. The caller is not
   * verified yet.
   */
  prefetch?(cache: TenantScope['cache'], day: string, c: Context<AppEnv>): void;
  /** How the cost differs from that of 1 statement. `cached`, or with a hit and a miss: the loader reads a cached value. */
  cost?: Budget | CachedBudget | 'cached';
  /** `false` for requests that a page sends without its user; see `isUse` of the gate. */
  isUse?: boolean;
}

/** The declaration of a view that needs no credentials. */
export interface PublicView<Params extends z.ZodObject, Search extends z.ZodObject, Value>
  extends AnyView<Params, Search, Value>,
    Loader<Params, Search, Value, PublicServices, PublicContext> {
  /** The cost. Default: nothing. */
  cost?: Budget;
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
  const { id, access, missing } = definition;
  const params: z.ZodObject = definition.params ?? nothing;
  const search: z.ZodObject = definition.search ?? nothing;
  type Input = z.output<Params> & z.output<Search>;
  declare({ kind: 'operation', name: id, access });
  const { audited } = definition;
  const claimedInput = (c: Context<AppEnv>): Input | null => {
    const inPath = params.safeParse(c.req.param());
    const inQuery = search.safeParse(c.req.query());
    return inPath.success && inQuery.success ? ({ ...inPath.data, ...inQuery.data } as Input) : null;
  };
  const cost = viewCost(definition, audited ? timeOf(audited) : 'never');
  const options: GuardedOptions = {
    ...(audited ? { audited: auditedRoute(audited, claimedInput) } : {}),
    ...(access === null ? {} : { access }),
    ...('isUse' in definition ? { isUse: definition.isUse } : {}),
    prefetch(cache, c) {
      if (!('query' in definition)) return definition.prefetch?.(cache, today(c), c);
      const input = claimedInput(c);
      if (input) cache.prefetch(definition.query, definition.args(input, today(c)));
    },
  };
  router.openapi(createRoute(guarded(options, configOf(definition, cost))), (async (c: Context<AppEnv>) => {
    const input = inputOf<Input>(c);
    const topic = definition.live?.(input, c.var.caller) ?? null;
    if (topic !== null) nameTopic(c, topic);
    if (!('query' in definition)) {
      const value = await definition.load(input, c.var, today(c), c);
      if (audited?.shown && value !== null && !(value instanceof Response)) {
        noteRead(c, { data: { shown: audited.shown(value as NonNullable<Value>) } });
      }
      return answerLoaded(c, definition, value);
    }
    const answer = await answerQuery(c, definition.query, definition.args(input, today(c)), missing);
    // The type is known: it is the text of the query's value.
    const shown = audited?.shown?.((await answer.clone().json()) as NonNullable<Value>);
    if (shown) noteRead(c, { data: { shown } });
    return answer;
  }) as never);
}

/** Names the topic of live updates about an answer in `Link`. */
export function nameTopic(c: Context, topic: string): void {
  c.header('link', `</feeds?topics=${topic}>; rel="monitor"`, { append: true });
}

/** Adds a view that needs no credentials, such as a health check. Its loader gets neither a caller nor a tenant. */
export function publicView<Value, Params extends z.ZodObject = Nothing, Search extends z.ZodObject = Nothing>(
  router: OpenAPIHono<AppEnv>,
  definition: PublicView<Params, Search, Value>,
): void {
  declare({ kind: 'operation', name: definition.id });
  router.openapi(createRoute(unguarded(configOf(definition, publicCost(definition.cost)))), (async (
    c: PublicContext,
  ) => {
    const input = inputOf<z.output<Params> & z.output<Search>>(c);
    const { scope } = c.var;
    return answerLoaded(c, definition, await definition.load(input, { scope }, today(c), c));
  }) as never);
}

/** Returns the declaration in the form that Hono and the OpenAPI document need. */
function configOf<Value>(definition: AnyView<z.ZodObject, z.ZodObject, Value>, cost: Cost | CachedCost) {
  const { id, path, tag, summary, description, effect, params, search, answer, missing } = definition;
  const { mediaType = 'application/json', otherAnswers = {}, tagged = false } = definition;
  const checked = params !== undefined || search !== undefined;
  return {
    method: 'get' as const,
    operationId: id,
    path,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-cost': cost,
    request: { ...(params ? { params } : {}), ...(search ? { query: search } : {}) },
    responses: {
      200: {
        description: effect ?? 'The result',
        content: { [mediaType]: { schema: answer } },
        ...(tagged ? { headers: ETAG } : {}),
      },
      ...otherAnswers,
      ...problems(
        ...(checked ? ([400] as const) : []),
        ...(missing ? ([404] as const) : []),
        ...(definition.problems ?? []),
      ),
    },
  };
}

/** Returns the checked parameters of the path and the query. */
function inputOf<Input>(c: Context<AppEnv>): Input {
  // If the declaration has no schema for a part of the request, `valid` returns `undefined` for this part.
  const valid = (part: string): object | undefined => c.req.valid(part as never);
  return { ...valid('param'), ...valid('query') } as Input;
}

/** Answers with the value that a view has loaded, and its strong ETag; throws 404 for `null`. */
function answerLoaded(
  c: Context<AppEnv>,
  { id, missing }: { id: string; missing?: string },
  value: Loaded<unknown>,
): Response {
  if (value === null) throw notFound(missing ?? id);
  if (value instanceof Response) return value;
  const text = JSON.stringify(value);
  return c.body(text, 200, { 'content-type': 'application/json', etag: etagOf(text) });
}

/** Returns the current day in UTC, by the scope's clock. */
function today(c: Context<AppEnv>): string {
  return dayOf(new Date(c.get('scope').system.now()));
}
