/**
 * Refuses writes that another site makes a browser send. Browsers say where a request comes from: `Sec-Fetch-Site`
 * first, `Origin` where that is missing (OWASP, Cross-Site Request Forgery Prevention: Fetch Metadata with the Origin
 * fallback). A request that carries a session cookie and neither header is refused: no browser of today sends one.
 * Callers with an `Authorization` header use no credentials that a browser would add by itself.
 */
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser's statement of where a request comes from. */
export interface RequestOrigin {
  /** `Sec-Fetch-Site` */
  site: string | undefined;
  /** `Origin` */
  origin: string | undefined;
  /** Whether the request carries a cookie of ours. */
  hasCookie: boolean;
}

/** Whether a write may come from there. `trusted` are the origins whose pages may write: ours, and those of CORS. */
export function isTrustedOrigin({ site, origin, hasCookie }: RequestOrigin, trusted: readonly string[]): boolean {
  if (site === 'same-origin') return true;
  if (origin !== undefined) return trusted.includes(origin);
  // `none`: the user's own action, such as a bookmark; no page can have made the request.
  if (site !== undefined) return site === 'none' && !hasCookie;
  return !hasCookie;
}

/** Refuses writes from pages that are not trusted with a 403. */
export function csrf(): MiddlewareHandler<AppEnv> {
  return async function csrf(c, next) {
    if (SAFE_METHODS.has(c.req.method) || c.req.header('authorization') !== undefined) return next();
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
