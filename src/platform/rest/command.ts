/**
 * A route that changes data. The declaration states the access, the input and the answer; the handler gets checked
 * input and returns a value. The status, `Location`, the validation and the OpenAPI texts follow from the declaration.
 */
import { createRoute, type OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { declare } from '../declared.ts';
import {
  type AppEnv,
  ETAG,
  etagOf,
  type GuardedOptions,
  guarded,
  invalidField,
  json,
  ProblemError,
  problems,
  unguarded,
} from '../http/index.ts';
import { type Budget, commandCost, publicCost } from './cost.ts';
import type { Access, Nothing, OperationDefinition, PublicContext, PublicServices, Services } from './operation.ts';
import { PRECONDITIONS, readPrecondition } from './precondition.ts';

/** The checked input of a command. */
export interface CommandInput<Params extends z.ZodObject, Search extends z.ZodObject, Body extends z.ZodType> {
  params: z.output<Params>;
  search: z.output<Search>;
  body: z.output<Body>;
}

/** The parts of a declaration that commands with and without credentials share. */
interface AnyCommand<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  Given,
  Called,
> extends OperationDefinition<Params, Search> {
  /** How the cost differs from that of the gate; for a command without credentials, the cost. See `cost.ts`. */
  cost?: Budget;
  /** The HTTP method. Default: `post`. */
  method?: 'post' | 'put' | 'patch' | 'delete';
  /** The schema of the body, which is JSON unless `mediaType` is set. Without a schema, the command takes no body. */
  body?: Body;
  /** The media type of a body that is not JSON. Then `body` is only a description, and the handler reads `c`. */
  mediaType?: string;
  /** The schema of the answer. Without a schema, the answer is 204. */
  answer?: Answer;
  /**
   * The status of an answer. Default: 201 with `location`, 200 without `location`. Use 202 for work that has only
   * begun.
   */
  status?: 200 | 201 | 202;
  /** `true` if the answer has the form of `GET` of one resource. Then the answer has an ETag. */
  tagged?: boolean;
  /** Returns the path of the row that the command adds, for `Location`. */
  location?(answer: z.output<Answer>): string;
  run(
    input: CommandInput<Params, Search, Body>,
    services: Given,
    c: Called,
  ): Answered<z.output<Answer>> | Promise<Answered<z.output<Answer>>>;
  /** Answers with other statuses that are not problems, for the OpenAPI document. `run` returns them as a `Response`. */
  otherAnswers?: RouteConfig['responses'];
}

/** The value of the answer, or a complete response. */
type Answered<Value> = Value | Response;

/** The declaration of a command. */
export interface CommandDefinition<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends AnyCommand<Params, Search, Body, Answer, Services, Context<AppEnv>>,
    Access,
    Pick<GuardedOptions, 'limits' | 'secretBody' | 'secretAnswer' | 'harmlessTwice'> {
  /**
   * Returns the row that the command changes, replaces or deletes: its kind, as its entity names it, and its id. Then
   * the command obeys `If-Match`, `If-None-Match` and `If-Unmodified-Since`; see `precondition.ts`. The entity of the
   * row checks them.
   */
  changes?(params: z.output<Params>, services: Services): { kind: string; id: string };
  /** `false` if the command commits no SQL transaction. Then no 409 follows from the declaration. Default: `true`. */
  commits?: boolean;
}

/** The declaration of a command without credentials. `problems` must list all problems except 400 and 415. */
export interface PublicCommandDefinition<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends AnyCommand<Params, Search, Body, Answer, PublicServices, PublicContext> {}

/** Adds a command to a router. */
export function command<
  Answer extends z.ZodType = z.ZodVoid,
  Params extends z.ZodObject = Nothing,
  Search extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(router: OpenAPIHono<AppEnv>, definition: CommandDefinition<Params, Search, Body, Answer>): void {
  const { id, access, limits, secretBody, secretAnswer, harmlessTwice, commits = true, changes } = definition;
  declare({ kind: 'operation', name: id, access });
  const options = {
    ...(access === null ? {} : { access }),
    ...(limits === undefined ? {} : { limits }),
    ...(secretBody === undefined ? {} : { secretBody }),
    ...(secretAnswer === undefined ? {} : { secretAnswer }),
    ...(harmlessTwice === undefined ? {} : { harmlessTwice }),
  };
  router.openapi(
    createRoute(
      guarded(options, {
        ...configOf(definition, [...(commits ? ([409] as const) : []), ...(changes ? ([412] as const) : [])]),
        'x-cost': commandCost(definition.cost),
        ...(changes ? { parameters: [...PRECONDITIONS] } : {}),
      }),
    ),
    handlerOf(definition, (c, params) => {
      if (changes) {
        const { tenant, scope } = c.var;
        const header = (name: string) => c.req.header(name);
        tenant.precondition = readPrecondition(header, changes(params, c.var), scope.system.now());
      }
      return c.var;
    }),
  );
}

/**
 * Adds a command that needs no credentials, such as a sign-in. Its handler gets neither a caller nor a tenant, and
 * `Idempotency-Key` is ignored.
 */
export function publicCommand<
  Answer extends z.ZodType = z.ZodVoid,
  Params extends z.ZodObject = Nothing,
  Search extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(router: OpenAPIHono<AppEnv>, definition: PublicCommandDefinition<Params, Search, Body, Answer>): void {
  declare({ kind: 'operation', name: definition.id });
  const services = ({ var: { scope } }: PublicContext) => ({ scope });
  router.openapi(
    createRoute(unguarded({ ...configOf(definition, []), 'x-cost': publicCost(definition.cost) })),
    handlerOf(definition, services),
  );
}

/**
 * Returns the declaration in the form of Hono and OpenAPI. `usual` lists problems that every command of this kind can
 * answer.
 */
function configOf<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(definition: AnyCommand<Params, Search, Body, Answer, never, never>, usual: readonly (409 | 412)[]) {
  const { id, method = 'post', path, tag, summary, description, effect, params, search, body, answer } = definition;
  const { mediaType = 'application/json', tagged } = definition;
  return {
    method,
    operationId: id,
    path,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    request: {
      ...(params ? { params } : {}),
      ...(search ? { query: search } : {}),
      ...(body ? { body: { required: true, content: { [mediaType]: { schema: body } } } } : {}),
    },
    responses: {
      [answer ? successOf(definition) : 204]: answer
        ? { ...json(answer, effect ?? 'The result'), ...(tagged ? { headers: ETAG } : {}) }
        : { description: effect ?? 'Done' },
      ...definition.otherAnswers,
      ...problems(400, ...usual, ...(body ? ([415] as const) : []), ...(definition.problems ?? [])),
    },
  };
}

/**
 * Returns the handler for Hono. The schemas are type parameters here, so the types of input and answer are asserted.
 * The compiler checks these types fully at the declaration of each command.
 */
function handlerOf<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  Given,
  Called extends Context<AppEnv>,
>(
  definition: AnyCommand<Params, Search, Body, Answer, Given, Called>,
  servicesOf: (c: Called, params: z.output<Params>) => Given,
): never {
  const { body, mediaType, answer, location, tagged = false } = definition;
  const success = successOf(definition);
  return (async (c: Called) => {
    if (mediaType !== undefined) requireMediaType(c, mediaType);
    if (!body) await requireNoBody(c);
    const valid = (part: string) => c.req.valid(part as never);
    const json = body && mediaType === undefined ? valid('json') : undefined;
    const input = { params: valid('param') ?? {}, search: valid('query') ?? {}, body: json };
    const services = servicesOf(c, input.params as z.output<Params>);
    const result = await definition.run(input as unknown as CommandInput<Params, Search, Body>, services, c);
    if (result instanceof Response) return result;
    if (!answer) return c.body(null, 204);
    if (tagged) c.header('etag', etagOf(JSON.stringify(result)));
    return c.json(result as object, success, location ? { location: location(result as z.output<Answer>) } : {});
  }) as never;
}

/** Returns the status of a success with an answer. */
function successOf({ status, location }: { status?: 200 | 201 | 202; location?: unknown }): 200 | 201 | 202 {
  return status ?? (location ? 201 : 200);
}

/**
 * Refuses a body that the command would ignore, such as filters of an export that belong to the query. An empty object is
 * allowed, because some clients send it with each POST.
 */
async function requireNoBody(c: Context<AppEnv>): Promise<void> {
  const text = (await c.req.text()).trim();
  if (text === '' || /^\{\s*\}$/.test(text)) return;
  throw invalidField('body', 'must be left out');
}

function requireMediaType(c: Context<AppEnv>, mediaType: string): void {
  const sent = c.req.header('content-type') ?? '';
  if (sent.split(';')[0]?.trim().toLowerCase() === mediaType) return;
  const fields = [{ field: 'content-type', message: `must be ${mediaType}` }];
  throw new ProblemError(415, 'UNSUPPORTED_MEDIA_TYPE', `The request body must be ${mediaType}`, { fields });
}
