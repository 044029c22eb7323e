/**
 * Methods that a known path does not serve: 405 with `Allow` (RFC 9110, section 15.5.6), and `OPTIONS` with the same
 * list (section 9.3.7). Both are answered before any gate and use neither Redis nor the database. HEAD is served
 * wherever GET is.
 */
import type { Hono, MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { answerError, ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** Answers requests whose path has routes for other methods only. CORS preflights are answered by `cors()` before. */
export function otherMethods(app: Hono<AppEnv>): MiddlewareHandler<AppEnv> {
  return methodNotAllowed({
    app,
    onMethodNotAllowed(c, methods) {
      const allow = [...methods, 'OPTIONS'].join(', ');
      if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow });
      const detail = `This path does not serve ${c.req.method}; it serves ${allow}`;
      return answerError(new ProblemError(405, 'METHOD_NOT_ALLOWED', detail, { headers: { allow } }), c);
    },
  });
}
