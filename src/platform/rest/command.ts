/**
 * A route that changes something: its declaration says who may call it, its input and its answer; its handler gets
 * checked input and answers with a value. Status, `Location`, validation and OpenAPI texts follow from the declaration.
 */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { declare } from '../declared.ts';
import { type AppEnv, type GuardedOptions, guarded, json, ProblemError, problems } from '../http/index.ts';
import type { Nothing, OperationDefinition, Services } from './operation.ts';

/** The checked input of a command. */
export interface CommandInput<Params extends z.ZodObject, Search extends z.ZodObject, Body extends z.ZodType> {
  params: z.output<Params>;
  search: z.output<Search>;
  body: z.output<Body>;
}

/** The declaration of a command. */
export interface CommandDefinition<
  Params extends z.ZodObject,
  Search extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends OperationDefinition<Params, Search>,
    Pick<GuardedOptions, 'limits' | 'secretBody' | 'secretAnswer' | 'harmlessTwice'> {
  /** Default: `post`. */
  method?: 'post' | 'put' | 'patch' | 'delete';
  /** The schema of the body, which is JSON unless `mediaType` says otherwise. Without it, the command takes no body. */
  body?: Body;
  /** The media type of a body that is not JSON: `body` only describes it then, and the handler reads it from `c`. */
  mediaType?: string;
  /** The schema of the answer. Without it, the answer is 204. */
  answer?: Answer;
  /** The status of an answer. Default: 201 with `location`, 200 without; 202 for work that has only begun. */
  status?: 200 | 201 | 202;
  /** The path of the row that the command adds, for `Location`. */
  location?(answer: z.output<Answer>): string;
  /** The effect, for the description of the success in the OpenAPI document: `Revoked`. Default: `The result`. */
  effect?: string;
  run(
    input: CommandInput<Params, Search, Body>,
    services: Services,
    c: Context<AppEnv>,
  ): z.output<Answer> | Promise<z.output<Answer>>;
}

/** Adds a command to a router. */
export function command<
  Answer extends z.ZodType = z.ZodVoid,
  Params extends z.ZodObject = Nothing,
  Search extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(router: OpenAPIHono<AppEnv>, definition: CommandDefinition<Params, Search, Body, Answer>): void {
  const { id, method = 'post', path, tag, summary, description, access, body, mediaType, answer } = definition;
  const { location, effect, limits, secretBody, secretAnswer, harmlessTwice } = definition;
  declare({ kind: 'operation', name: id, access });
  const success = definition.status ?? (location ? 201 : 200);
  const checked = definition.params ?? definition.search ?? body;
  const route = createRoute(
    guarded(
      {
        ...(access === null ? {} : { access }),
        ...(limits === undefined ? {} : { limits }),
        ...(secretBody === undefined ? {} : { secretBody }),
        ...(secretAnswer === undefined ? {} : { secretAnswer }),
        ...(harmlessTwice === undefined ? {} : { harmlessTwice }),
      },
      {
        method,
        operationId: id,
        path,
        tags: [tag],
        summary,
        ...(description === undefined ? {} : { description }),
        request: {
          ...(definition.params ? { params: definition.params } : {}),
          ...(definition.search ? { query: definition.search } : {}),
          ...(body
            ? { body: { required: true, content: { [mediaType ?? 'application/json']: { schema: body } } } }
            : {}),
        },
        responses: {
          [answer ? success : 204]: answer ? json(answer, effect ?? 'The result') : { description: effect ?? 'Done' },
          ...problems(
            ...(checked ? ([400] as const) : []),
            409,
            ...(body ? ([415] as const) : []),
            ...(definition.problems ?? []),
          ),
        },
      },
    ),
  );
  // The schemas are type parameters here, so the types of a handler's input and answer are asserted; the declaration of
  // each command is checked in full.
  router.openapi(route, (async (c: Context<AppEnv>) => {
    if (mediaType !== undefined) requireMediaType(c, mediaType);
    const valid = (part: string) => c.req.valid(part as never);
    const json = body && mediaType === undefined ? valid('json') : undefined;
    const input = { params: valid('param') ?? {}, search: valid('query') ?? {}, body: json };
    const result = await definition.run(input as unknown as CommandInput<Params, Search, Body>, c.var, c);
    if (!answer) return c.body(null, 204);
    return c.json(result as object, success, location ? { location: location(result) } : {});
  }) as never);
}

function requireMediaType(c: Context<AppEnv>, mediaType: string): void {
  const sent = c.req.header('content-type') ?? '';
  if (sent.split(';')[0]?.trim().toLowerCase() === mediaType) return;
  const fields = [{ field: 'content-type', message: `must be ${mediaType}` }];
  throw new ProblemError(415, 'UNSUPPORTED_MEDIA_TYPE', `The request body must be ${mediaType}`, { fields });
}
