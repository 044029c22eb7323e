/** A protected route's declaration: its gate as middleware, and what that means in the OpenAPI document. */
import type { RouteConfig } from '@hono/zod-openapi';
import { type GateOptions, gate } from './gate.ts';
import { IDEMPOTENCY_KEY, idempotent } from './idempotency.ts';
import { problems } from './schemas.ts';

/** What a protected route asks for. */
export interface GuardedOptions extends GateOptions {
  /**
   * The body holds a secret such as a password: `Idempotency-Key` is not looked at, because it makes Redis keep a
   * fingerprint of the body, and a password that can be tried against a fast hash is given away.
   */
  secretBody?: boolean;
}

/**
 * Adds a gate to a route, and `Idempotency-Key` to one that adds something, for `createRoute(guarded({ access: 'crm:read' }, { method: 'get', … }))`.
 */
export function guarded<const Config extends RouteConfig>(options: GuardedOptions, config: Config) {
  const repeatable = config.method === 'post' && !options.secretBody;
  return {
    ...config,
    security: [{ apiKey: [] }, { session: [] }] as Record<string, string[]>[],
    ...(repeatable ? { parameters: [IDEMPOTENCY_KEY] } : {}),
    middleware: repeatable ? [gate(options), idempotent()] : [gate(options)],
    responses: {
      ...refusals(),
      ...(repeatable ? problems(400, 409, 422, 503) : {}),
      ...config.responses,
    } as Config['responses'] & ReturnType<typeof refusals>,
  };
}

const refusals = () => problems(401, 403, 429);
