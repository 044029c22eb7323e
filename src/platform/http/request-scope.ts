/** The outermost middleware: gives each request its scope and its id, writes the log line, and ends the scope. */
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { LabelsOf } from '../counters/index.ts';
import type { AppEnv, Scope } from './scope.ts';

/** A platform's services for a request. */
export interface ScopeSource {
  scope(requestId?: string, traceparent?: string): Scope;
  /** Keeps work going after the response: `waitUntil` on Workers. Without this function the work is awaited. */
  waitUntil?: (work: Promise<unknown>) => void;
  /** The caller's address, as the platform reports it. A caller cannot forge this address with a header. */
  clientIp?: string | undefined;
}

/** The form of a request id that a caller may send to trace the request. A request without such an id gets a new id. */
const REQUEST_ID = /^[\w-]{8,64}$/;

/**
 * Opens and ends the scope of each request.
 * @param afterQueries a function that is called at the end of each request that has sent a query. Its second argument
 * is the time of the isolate's first request.
 */
export function requestScope(
  source: (c: Context<AppEnv>) => ScopeSource,
  afterQueries: (scope: Scope, firstRequestAt: number) => void = () => {},
): MiddlewareHandler<AppEnv> {
  let firstRequestAt: number | undefined;
  return async function requestScope(c, next) {
    const { scope: open, waitUntil, clientIp } = source(c);
    const brought = c.req.header('x-request-id') ?? '';
    const scope = open(REQUEST_ID.test(brought) ? brought : undefined, c.req.header('traceparent'));
    c.set('scope', scope);
    c.set('clientIp', clientIp ?? null);
    const started = scope.system.now();
    firstRequestAt ??= started;
    await next();
    c.res.headers.set('x-request-id', scope.requestId);
    const ms = scope.system.now() - started;
    const route = routeOf(c);
    if (route !== null) countAnswer(c, scope, route, ms);
    endTrace(c, scope, route);
    scope.log.info('request', {
      method: c.req.method,
      path: c.get('pathInLog') ?? c.req.path,
      status: c.res.status,
      ms,
      cache: c.res.headers.get('x-cache'),
      redisRequests: scope.redisMeter.requests,
      queries: scope.queryMeter.queries,
    });
    if (scope.queryMeter.queries > 0) afterQueries(scope, firstRequestAt);
    const sent = c.get('sent');
    // The answer to a HEAD, and a 304, have no body whose end could end the scope.
    const ended = sent && c.res.body && c.req.method !== 'HEAD' ? sent : scope.end();
    if (waitUntil) waitUntil(ended);
    // Without `waitUntil`, the caller of this function reads the body after the function has returned. So the function
    // does not await `sent`, the end of the body.
    else if (ended !== sent) await ended;
  };
}

/** The console, whose requests would count themselves. */
const UNCOUNTED = /^\/console(\/|$)/;
/** The pattern of the middleware of every request: no route ran. */
const NO_ROUTE = /^\/?\*$/;

/**
 * Returns the method and the pattern of the route of a request; `null` for the console. The path itself is never a
 * label, because it may have any number of values.
 */
function routeOf(c: Context<AppEnv>): string | null {
  // The route of the last function that ran: `/deals/pipeline` also matches `/deals/:id`, which did not run.
  const pattern = routePath(c);
  if (UNCOUNTED.test(pattern) || UNCOUNTED.test(c.req.path)) return null;
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  return NO_ROUTE.test(pattern) ? 'unmatched' : `${method} ${pattern}`;
}

/** Counts an answer under its route. */
function countAnswer(c: Context<AppEnv>, { counters, redisMeter }: Scope, route: string, ms: number): void {
  counters.count('http.requests', { route, status: `${Math.floor(c.res.status / 100)}xx` as StatusClass });
  counters.time('http.time', { route }, ms);
  counters.count('http.round_trips', { route }, redisMeter.requests);
}

/** Ends the first span of the trace. */
function endTrace(c: Context<AppEnv>, { trace, requestId }: Scope, route: string | null): void {
  const { status } = c.res;
  const tenant = c.get('tenant')?.tenant;
  trace?.end({
    name: route ?? `${c.req.method} /console`,
    kind: 'server',
    attributes: {
      'http.request.method': c.req.method,
      'http.response.status_code': status,
      ...(route === null || route === 'unmatched' ? {} : { 'http.route': route.slice(route.indexOf(' ') + 1) }),
      'holdfast.request_id': requestId,
      ...(tenant === undefined ? {} : { 'holdfast.tenant': tenant }),
    },
    failed: status >= 500,
  });
}

type StatusClass = LabelsOf<'http.requests'>['status'];
