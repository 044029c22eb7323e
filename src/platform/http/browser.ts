/**
 * Headers for browsers: CORS headers for the other origins that may call (none unless configured), and security
 * headers, which restrict the use of our answers in pages (OWASP Secure Headers Project). The documentation page has
 * scripts; pages of forms have a stylesheet and no script; all other answers are data and may not run scripts.
 */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { cors as honoCors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { DOCS_SCRIPT } from './docs.ts';
import type { AppEnv } from './scope.ts';

/** Answers preflights, and lets the origins of `CORS_ORIGINS` call with cookies. */
export function cors(): MiddlewareHandler<AppEnv> {
  const answer = honoCors({
    origin: (origin, c: Context<AppEnv>) =>
      c.get('scope').environment.CORS_ORIGINS.includes(origin) ? origin : undefined,
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match', 'X-Request-Id'],
    exposeHeaders: [
      'ETag',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'Server-Timing',
      'X-Cache',
      'X-Request-Id',
    ],
    maxAge: 600,
  });
  return function cors(c, next) {
    // An OPTIONS request without `Access-Control-Request-Method` is no preflight.
    const isPreflight = c.req.header('access-control-request-method') !== undefined;
    return c.req.method === 'OPTIONS' && !isPreflight ? next() : answer(c, next);
  };
}

/** The headers of data: a browser may not run the answer, frame it or guess another media type. */
const dataHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
});

/** The headers of the documentation page, which runs Swagger UI. Swagger UI writes styles into the page. */
const docsHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", `'sha256-${createHash('sha256').update(DOCS_SCRIPT).digest('base64')}'`],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
});

/**
 * The headers of pages with forms: our stylesheet and forms that are sent to us, nothing else. The address of such a
 * page may contain a code, and `strict-origin` sends path and query to no site, ours included. With `no-referrer`,
 * browsers would send `Origin: null` with the forms, which `csrf.ts` refuses.
 */
const formHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'strict-origin',
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
});

/** Adds to every answer the security headers of its kind: data, documentation page or page with forms. */
export function securityHeaders(): MiddlewareHandler<AppEnv> {
  return async function securityHeaders(c, next) {
    await next();
    const isPage = /^text\/html\b/i.test(c.res.headers.get('content-type') ?? '');
    const page = c.req.path === '/docs' ? docsHeaders : formHeaders;
    await (isPage ? page : dataHeaders)(c, async () => {});
  };
}
