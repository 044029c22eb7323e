/**
 * A gate for any Hono app: credentials and limits are checked before the handler runs, in the same request to Redis
 * that fetches the route's cached data.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { awaitedLater } from '../awaited-later.ts';
import { type Limiter, limitProblem, type Rule, rateLimitHeaders, type Verdict } from '../limits/index.ts';
import { parseSessionToken, readSessionCookie, type Session, type Sessions } from '../sessions/index.ts';
import { askOnce } from './ask-once.ts';

/** The variables of Hono's context that a gate needs, and the caller that it sets. */
export interface GateEnv<Caller> {
  Variables: {
    scope: { readonly limiter: Limiter; after(work: () => Promise<unknown>): void };
    caller: Caller;
  };
}

/** Credentials that a request claims, not verified. */
export interface Credentials<Caller> {
  tenant: string;
  /**
   * The id by which limits count: requests with the same id share one quota. No caller may be able to claim another
   * caller's id.
   */
  user: string;
  /** Starts the lookup in this turn. The returned function gives the verified caller, or `null`. */
  begin(): () => Promise<Caller | null>;
  /**
   * `true` if the verification may query the database. Then a request beyond a limit is refused before the
   * verification. Default `false`.
   */
  queriesDatabase?: boolean;
}

/** The requirements of a route. */
export interface GateOptions<Caller, Env extends GateEnv<Caller>> {
  /** Reads the credentials of a request, without I/O. Returns `null` if the request has no credentials. */
  credentials(c: Context<Env>): Credentials<Caller> | null;
  /** Rules that count the request. */
  limits?: readonly Rule[];
  /** Returns the caller's IP address from the platform, never an address from a header that a caller can write. */
  address?(c: Context<Env>): string | undefined;
  /** Starts the cached lookups that the handler is going to make, for the tenant that the credentials claim. */
  prefetch?(c: Context<Env>, tenant: string): void;
  /** Returns whether the caller may use the route. Default: every verified caller may. */
  allows?(caller: Caller, c: Context<Env>): boolean;
}

/**
 * Creates middleware that lets verified callers pass within the limits, and sets `c.var.caller`. 1 request: 1 command
 * for each rule, and the commands for the credentials and for the route's data.
 * @throws {HTTPException} 401, 403, 429 or 503, with a problem (RFC 9457) as its answer.
 */
export function gate<Caller, Env extends GateEnv<Caller>>(options: GateOptions<Caller, Env>): MiddlewareHandler<Env> {
  const { limits = [] } = options;
  return async function gate(c, next) {
    const { limiter, after } = c.get('scope');
    const presented = options.credentials(c);
    if (!presented) throw refusal(401, 'NOT_AUTHENTICATED', 'The request has no credentials');
    const { tenant, user, queriesDatabase = false } = presented;
    const { verdict, caller } = await askOnce({
      limiter,
      rules: limits,
      subject: { tenant, user, ip: options.address?.(c) },
      begin: () => presented.begin(),
      prefetch: () => options.prefetch?.(c, tenant),
      verifiesRefused: !queriesDatabase,
    });
    answer(c, verdict);
    if (!caller) {
      // The credentials are false, so a stranger may have named this user. The quota of the user is refunded.
      after(() => limiter.refund(verdict));
      throw refusal(401, 'NOT_AUTHENTICATED', 'The credentials are not valid');
    }
    if (options.allows?.(caller, c) === false) throw refusal(403, 'NOT_ALLOWED', 'The caller may not use this route');
    c.set('caller', caller);
    await next();
  };
}

/** Reads the session of a `Cookie` header as credentials. The verification costs 2 commands in the gate's request. */
export function sessionCredentials(
  cookies: string | undefined,
  sessionsOf: (tenant: string) => Pick<Sessions, 'validate'>,
): Credentials<Session> | null {
  const presented = parseSessionToken(readSessionCookie(cookies) ?? '');
  if (!presented) return null;
  return {
    tenant: presented.tenant,
    user: presented.bucket,
    begin() {
      // If a limit refuses the caller, the validation is never awaited.
      const validated = awaitedLater(sessionsOf(presented.tenant).validate(presented));
      return () => validated;
    },
  };
}

/** Adds the headers of a verdict, and throws if the verdict refuses the request. */
function answer(c: Context, verdict: Verdict): void {
  const problem = limitProblem(verdict);
  if (!problem) {
    for (const [name, value] of Object.entries(rateLimitHeaders(verdict))) c.header(name, value);
    return;
  }
  const { status, code, detail, type, title, members, headers } = problem;
  throw refusal(status, code, detail, { type, title, ...members }, headers);
}

function refusal(
  status: ContentfulStatusCode,
  code: string,
  detail: string,
  members: object = {},
  headers: Readonly<Record<string, string>> = {},
): HTTPException {
  const problem = JSON.stringify({ ...members, status, code, detail });
  const res = new Response(problem, { status, headers: { ...headers, 'content-type': 'application/problem+json' } });
  return new HTTPException(status, { message: detail, res });
}
