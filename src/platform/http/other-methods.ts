/**
 * Answers methods that a known path does not serve: 405 with `Allow` (RFC 9110, section 15.5.6), and `OPTIONS` with
 * the same list (section 9.3.7). Both answers come before any gate and use neither Redis nor the database. Each path
 * that serves GET also serves HEAD.
 */
import type { Hono, MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { answerError, ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** Answers requests whose path has routes for other methods only. `cors()` answers CORS preflights earlier. */
export function otherMethods(app: Hono<AppEnv>): MiddlewareHandler<AppEnv> {
  // A middleware on all paths is not a route, so its methods do not count as methods of a path.
  const routes = () => app.routes.filter(({ path }) => !path.endsWith('*'));
  return methodNotAllowed({
    app: Object.create(app, { routes: { get: routes } }) as Hono<AppEnv>,
    onMethodNotAllowed(c, methods) {
      const allow = [...methods, 'OPTIONS'].join(', ');
      // `c.body` would keep the content type of the 404 answer, which this answer replaces.
      if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
      const detail = `This path does not serve ${c.req.method}; it serves ${allow}`;
      return answerError(new ProblemError(405, 'METHOD_NOT_ALLOWED', detail, { headers: { allow } }), c);
    },
  });
}
