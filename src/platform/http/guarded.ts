/** Declares routes, protected and public: the gate as middleware, and its answers in the OpenAPI document. */
import type { RouteConfig } from '@hono/zod-openapi';
import { type GateOptions, gate } from './gate.ts';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_OF_SECRET, idempotent } from './idempotency.ts';
import { problems } from './schemas.ts';
import { utf8Body } from './utf8-body.ts';

/** The name of an operation in the OpenAPI document and in generated clients: a noun and a verb, `deals.list`. */
export type OperationId = `${string}.${string}`;

/** A route's declaration, with the name that each operation needs. */
export type NamedRouteConfig = RouteConfig & { operationId: OperationId };

/** The requirements of a protected route, and its rules for repeated requests. */
export interface GuardedOptions extends GateOptions {
  /**
   * Set this if the body holds a secret such as a password. Then `Idempotency-Key` is ignored. Otherwise Redis would
   * keep a fingerprint of the body, and an attacker could try passwords against that fast hash.
   */
  secretBody?: boolean;
  /**
   * Set this if a successful answer holds a secret that is shown once. Then the answer is not stored under
   * `Idempotency-Key`, and a repeated request gets 409 `ANSWER_NOT_REPEATED`. The handler must set `Location` to the
   * new resource, and derive it from the commit's result.
   */
  secretAnswer?: boolean;
  /**
   * Set this if the operation is idempotent, such as signing out. Then `Idempotency-Key` is ignored: a stored answer
   * would report an effect that did not happen this time.
   */
  harmlessTwice?: boolean;
}

/**
 * Adds a gate to a route, and `Idempotency-Key` to a repeatable POST. `view` and `command` of `rest` call this
 * function.
 */
export function guarded<const Config extends NamedRouteConfig>(options: GuardedOptions, config: Config) {
  const { secretBody = false, secretAnswer = false, harmlessTwice = false } = options;
  const remembers = config.method === 'post' && !secretBody && !harmlessTwice;
  return {
    ...config,
    security: [{ apiKey: [] }, { session: [] }] as Record<string, string[]>[],
    ...(remembers ? { parameters: [secretAnswer ? IDEMPOTENCY_KEY_OF_SECRET : IDEMPOTENCY_KEY] } : {}),
    middleware: [gate(options), ...bodyChecks(config), ...(remembers ? [idempotent({ secretAnswer })] : [])],
    responses: {
      ...refusals(),
      ...(remembers ? problems(400, 409, 422) : {}),
      ...config.responses,
    } as Config['responses'] & ReturnType<typeof refusals>,
  };
}

/** Returns the gate's refusals, possible on any route: 503 if a session, a limit or the database does not answer. */
const refusals = () => problems(401, 403, 429, 503);

/** Declares a route that needs no credentials. `publicView` and `publicCommand` of `rest` call this function. */
export function unguarded<const Config extends NamedRouteConfig>(config: Config) {
  return { ...config, security: [] as Record<string, string[]>[], middleware: bodyChecks(config) };
}

/** Returns the checks of a route's body, which run before its schema. */
function bodyChecks({ request }: RouteConfig) {
  return request?.body?.content['application/json'] ? [utf8Body()] : [];
}
