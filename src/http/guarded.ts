/** A protected route's declaration: its gate as middleware, and what that means in the OpenAPI document. */
import type { RouteConfig } from '@hono/zod-openapi';
import { type GateOptions, gate } from './gate.ts';
import { idempotent } from './idempotency.ts';
import { problems } from './schemas.ts';

/**
 * Adds a gate to a route, and `Idempotency-Key` to one that adds something, for `createRoute(guarded({ access: 'crm:read' }, { method: 'get', … }))`.
 */
export function guarded<const Config extends RouteConfig>(options: GateOptions, config: Config) {
  return {
    ...config,
    security: [{ apiKey: [] }, { session: [] }] as Record<string, string[]>[],
    middleware: config.method === 'post' ? [gate(options), idempotent()] : [gate(options)],
    responses: { ...problems(401, 403, 429), ...config.responses } as Config['responses'] & ReturnType<typeof refusals>,
  };
}

const refusals = () => problems(401, 403, 429);
