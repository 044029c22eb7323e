/**
 * Rules for caches between us and the caller. An answer is private and must be revalidated, unless its route is public.
 * If a public route reads the caller's credentials, its answer becomes private and the log has an error. Each good
 * answer to a GET has an ETag: a caller that already has the same answer gets a 304 of a few bytes (RFC 9110, RFC
 * 9111).
 */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { Query, QueryArgs } from '../cache/index.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { roleLimits } from '../sessions/index.ts';
import type { DataContext } from './data-context.ts';
import { notFound } from './problem.ts';
import type { AppEnv } from './scope.ts';

/**
 * Returns middleware that answers `304 Not Modified` if `If-None-Match` has the ETag of the answer. An endless answer
 * gets no ETag: its digest would never be complete.
 *
 * The app compresses no answer. An edge or a proxy before it may compress each answer, so `Vary` names
 * `Accept-Encoding`, and the edge makes the ETag weak.
 */
export function conditional(): MiddlewareHandler<AppEnv> {
  const tagAnswer = etag();
  return async function conditional(c, next) {
    await next();
    if (c.res.headers.get('content-type')?.startsWith('text/event-stream')) return;
    c.res.headers.append('vary', 'Accept-Encoding');
    await tagAnswer(c, async () => {});
  };
}

/**
 * Sets the default for every answer: callers may store good answers to reads and must revalidate them; no cache may
 * store other answers, nor any answer to a caller whose role has sealed sessions.
 */
export function privateByDefault(): MiddlewareHandler<AppEnv> {
  return async function privateByDefault(c, next) {
    await next();
    const given = c.res.headers.get('cache-control');
    const role = c.var.caller?.role ?? null;
    const sealed = role !== null && roleLimits.get(role)?.sealed === true;
    if (given !== null && (!sealed || given.includes('no-store'))) return;
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    const good = c.res.ok || c.res.status === 304;
    c.res.headers.set('cache-control', reads && good && !sealed ? 'private, no-cache' : 'no-store');
    c.res.headers.append('vary', 'Authorization, Cookie');
  };
}

/**
 * Lets shared caches store a route's answers. The answers must be the same for every caller. If the route reads
 * credentials, the answer is `private, no-store`, the log has an error, and `test/platform/http/response-cache.test.ts`
 * fails.
 */
export function publicCache({ maxAge }: { maxAge: Duration }): MiddlewareHandler<AppEnv> {
  const seconds = Math.floor(milliseconds(maxAge) / 1000);
  return async function publicCache(c, next) {
    const watch = watchCredentials(c.req.raw.headers);
    await next();
    if (!c.res.ok) return;
    const sets = c.res.headers.has('set-cookie');
    if (!watch.wereRead() && !sets) {
      c.header('cache-control', `public, max-age=${seconds}`);
      return;
    }
    c.header('cache-control', 'private, no-store');
    c.get('scope').log.error('cache.public_route_reads_credentials', { path: c.req.path });
  };
}

/** Watches whether any code reads the credentials of a request after this call. */
function watchCredentials(headers: Headers): { wereRead(): boolean } {
  let read = false;
  const names = new Set(['authorization', 'cookie']);
  const get = headers.get.bind(headers);
  const has = headers.has.bind(headers);
  const notice = (name: string) => {
    if (names.has(name.toLowerCase())) read = true;
  };
  Object.defineProperty(headers, 'get', {
    value(name: string) {
      notice(name);
      return get(name);
    },
  });
  Object.defineProperty(headers, 'has', {
    value(name: string) {
      notice(name);
      return has(name);
    },
  });
  for (const all of ['entries', 'forEach', Symbol.iterator, 'values'] as const) {
    const original = (headers[all] as (...args: unknown[]) => unknown).bind(headers);
    Object.defineProperty(headers, all, {
      value(...args: unknown[]) {
        read = true;
        return original(...args);
      },
    });
  }
  return { wereRead: () => read };
}

/** Returns the strong ETag of an answer: a hash of its text. */
export function etagOf(text: string): string {
  return `"${createHash('sha1').update(text).digest('base64url')}"`;
}

/**
 * Answers with a query's value as JSON. A cached value is sent as it is stored. The ETag is a hash of the value's text.
 * So all instances send the same ETag, and the ETag stays the same if a refresh loads the same value.
 * @param what names the resource, for the 404 if the value is `null`.
 */
export async function answerQuery<Args extends QueryArgs, Value>(
  c: Context<AppEnv>,
  query: Query<Args, Value, DataContext>,
  args: Args,
  what = query.name,
): Promise<Response> {
  const text = await c.var.tenant.cache.readJson(query, args);
  if (text === 'null') throw notFound(what);
  c.header('content-type', 'application/json');
  c.header('etag', etagOf(text));
  return c.body(text, 200);
}
