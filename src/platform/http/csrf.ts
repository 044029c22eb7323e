/**
 * Refuses writes that another site makes a browser send. Browsers state the origin of a request in `Sec-Fetch-Site` or,
 * if this header is missing, in `Origin` (OWASP, Cross-Site Request Forgery Prevention: Fetch Metadata with the Origin
 * fallback). A request with cookies and neither header is refused: no current browser sends such a request. Callers
 * with an `Authorization` header use no credentials that a browser adds by itself.
 */
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** The methods of requests that may change something. All other routes use GET. */
export const WRITING_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** A browser's statement of the origin of a request. */
export interface RequestOrigin {
  /** `Sec-Fetch-Site` */
  site: string | undefined;
  /** `Origin` */
  origin: string | undefined;
  /** True if the request has any cookie. */
  hasCookie: boolean;
}

/**
 * Returns whether a write may come from this origin. `trusted` lists the origins whose pages may write: the origin of
 * this app and the origins in `CORS_ORIGINS`.
 */
export function isTrustedOrigin({ site, origin, hasCookie }: RequestOrigin, trusted: readonly string[]): boolean {
  if (site === 'same-origin') return true;
  if (origin !== undefined) return trusted.includes(origin);
  // The value `none` means the user's own action, such as a bookmark: no page can have made the request.
  if (site !== undefined) return site === 'none' && !hasCookie;
  return !hasCookie;
}

/** Refuses with a 403 the requests of pages that are not trusted. For the {@link WRITING_METHODS}. */
export function csrf(): MiddlewareHandler<AppEnv> {
  return async function csrf(c, next) {
    if (c.req.header('authorization') !== undefined) return next();
    const { APP_URL, CORS_ORIGINS } = c.get('scope').environment;
    const from = {
      site: c.req.header('sec-fetch-site'),
      origin: c.req.header('origin'),
      hasCookie: c.req.header('cookie') !== undefined,
    };
    if (isTrustedOrigin(from, [APP_URL, ...CORS_ORIGINS])) return next();
    c.get('scope').log.warn('csrf.refused', { site: from.site, origin: from.origin });
    throw new ProblemError(403, 'CROSS_SITE', 'Requests from other sites are refused; send an allowed Origin', {
      headers: { vary: 'Sec-Fetch-Site, Origin' },
    });
  };
}
