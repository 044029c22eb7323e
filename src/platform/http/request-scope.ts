/** The outermost middleware: gives each request its scope and its id, writes the log line, and ends the scope. */
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv, Scope } from './scope.ts';

/** A platform's services for a request. */
export interface ScopeSource {
  scope(requestId?: string): Scope;
  /** Keeps work going after the response: `waitUntil` on Workers. Without this function the work is awaited. */
  waitUntil?: (work: Promise<unknown>) => void;
  /** The caller's address, from the platform: a caller cannot forge it with a header. */
  clientIp?: string | undefined;
}

/** The form of a request id that a caller may send to trace the request. Any other request gets a new id. */
const REQUEST_ID = /^[\w-]{8,64}$/;

/**
 * Opens and ends the scope of each request.
 * @param afterQueries is called at the end of each request that has sent a query, with the time of the isolate's
 * first request.
 */
export function requestScope(
  source: (c: Context<AppEnv>) => ScopeSource,
  afterQueries: (scope: Scope, firstRequestAt: number) => void = () => {},
): MiddlewareHandler<AppEnv> {
  let firstRequestAt: number | undefined;
  return async function requestScope(c, next) {
    const { scope: open, waitUntil, clientIp } = source(c);
    const brought = c.req.header('x-request-id') ?? '';
    const scope = open(REQUEST_ID.test(brought) ? brought : undefined);
    c.set('scope', scope);
    c.set('clientIp', clientIp ?? null);
    const started = scope.system.now();
    firstRequestAt ??= started;
    await next();
    c.header('x-request-id', scope.requestId);
    scope.log.info('request', {
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: scope.system.now() - started,
      cache: c.res.headers.get('x-cache'),
      redisRequests: scope.redisMeter.requests,
      queries: scope.queryMeter.queries,
    });
    if (scope.queryMeter.queries > 0) afterQueries(scope, firstRequestAt);
    const sent = c.get('sent');
    // A HEAD or a 304 has no body whose end would end the scope.
    const ended = sent && c.res.body && c.req.method !== 'HEAD' ? sent : scope.end();
    if (waitUntil) waitUntil(ended);
    // Without `waitUntil`, our caller reads the body after this function returns. So `sent`, the end of the body, is
    // not awaited.
    else if (ended !== sent) await ended;
  };
}
