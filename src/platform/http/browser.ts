/**
 * Headers for browsers.
 *
 * CORS headers let pages of the configured origins call the API. Pages of all other origins may not call.
 *
 * Security headers restrict the use of our answers in pages (OWASP Secure Headers Project). The documentation page and
 * the pages of routes with `scripted()` may run scripts. Pages of forms have a stylesheet and no script. All other
 * answers are data, which may not run scripts.
 */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { cors as honoCors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { DOCS_SCRIPT } from './docs.ts';
import type { AppEnv } from './scope.ts';

/** Answers preflights, and lets pages of the origins in `CORS_ORIGINS` call with cookies. */
export function cors(): MiddlewareHandler<AppEnv> {
  const answer = honoCors({
    origin: (origin, c: Context<AppEnv>) =>
      c.get('scope').environment.CORS_ORIGINS.includes(origin) ? origin : undefined,
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'If-Unmodified-Since',
      'X-Request-Id',
    ],
    exposeHeaders: [
      'ETag',
      'Idempotency-Replayed',
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
    if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') === undefined) return next();
    return c.req.method === 'OPTIONS' || c.req.header('origin') !== undefined
      ? answer(c, next)
      : withoutOrigin(c, next);
  };
}

/** Answers a request that no page of another origin sends. Its answer needs only `Vary`, for caches. */
const withoutOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  c.res.headers.append('vary', 'Origin');
};

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
 * The headers of pages with forms: the page may load the stylesheet of this site and send forms to this site, and
 * nothing else. The address of such a page may contain a code. With `strict-origin`, browsers send the path and the
 * query of the address to no site, this site included. With `no-referrer`, browsers would send `Origin: null` with the
 * forms, which `csrf.ts` refuses.
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

const SCRIPT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
};

/**
 * The headers of pages with scripts: scripts and styles are files of this site, and may request only this site. No text
 * becomes markup or code (Trusted Types).
 */
const scriptHeaders = secureHeaders({
  contentSecurityPolicy: SCRIPT_POLICY,
  xFrameOptions: 'DENY',
  referrerPolicy: 'strict-origin',
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
});

/**
 * The headers of pages whose script replaces parts of the page with markup of this site. The one policy of Trusted
 * Types is made by the script of the page, and makes markup only.
 */
const swappingHeaders = secureHeaders({
  contentSecurityPolicy: {
    ...SCRIPT_POLICY,
    imgSrc: ["'self'"],
    trustedTypes: ['markup'],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'strict-origin',
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
});

/** Gives a page the security headers of pages with scripts. With `swaps`, its script may replace parts of the page. */
export function scripted({ swaps = false }: { swaps?: boolean } = {}): MiddlewareHandler<AppEnv> {
  return async function scripted(c, next) {
    c.set('hasScripts', swaps ? 'swapping' : true);
    await next();
  };
}

/** Adds the few headers that an answer to a machine needs: no cache stores it, and no browser guesses its type. */
export function onlyData(): MiddlewareHandler<AppEnv> {
  return async function onlyData(c, next) {
    await next();
    c.res.headers.set('cache-control', 'no-store');
    c.res.headers.set('x-content-type-options', 'nosniff');
  };
}

/** Adds to every answer the security headers of its kind: data, documentation page, page with forms or with scripts. */
export function securityHeaders(): MiddlewareHandler<AppEnv> {
  return async function securityHeaders(c, next) {
    await next();
    const isPage = /^text\/html\b/i.test(c.res.headers.get('content-type') ?? '');
    const kind = c.get('hasScripts');
    const ownPage = kind === 'swapping' ? swappingHeaders : kind ? scriptHeaders : formHeaders;
    const page = c.req.path === '/docs' ? docsHeaders : ownPage;
    await (isPage ? page : dataHeaders)(c, async () => {});
  };
}
