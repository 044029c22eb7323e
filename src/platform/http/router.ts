/**
 * Routers with self-describing routes: the declaration of a route validates requests before the handler runs, and is
 * part of the OpenAPI document. An invalid request gets a 400 that names each wrong field.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { validationProblem } from './invalid.ts';
import type { AppEnv } from './scope.ts';

/**
 * Creates an empty router of this app. A trailing slash is ignored: `/deals/` is the route `/deals`, in answers and
 * in the log. A redirect would cost clients a request, and would need protection against redirects to another host.
 */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw validationProblem(result);
    },
  });
}
