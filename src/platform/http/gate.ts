/**
 * The gate checks credentials, rights and limits. Credentials name their tenant, so the gate sends one request to Redis
 * for the credentials, the limits and the route's cached data together. No handler runs and no data is loaded before
 * credentials and limits allow the request; cached data for a refused caller is dropped.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { askOnce } from '../gate/index.ts';
import type { Rule } from '../limits/index.ts';
import { type AuditedRoute, beginRead, endRead, requireLogged } from './audited-route.ts';
import { presentedBy } from './credentials.ts';
import { answerVerdict, subjectOf } from './limit.ts';
import { ProblemError } from './problem.ts';
import { allows, needsFactor, type Right } from './rights.ts';
import type { AppEnv, Caller, TenantScope } from './scope.ts';

/** A route's requirements for callers, and the cached data that the route reads. */
export interface GateOptions {
  /** The right a caller must have. Default: any caller with valid credentials may pass. */
  access?: Right;
  /**
   * `false` for requests that a page sends without its user. Such requests do not extend the life of the session.
   * Default `true`.
   */
  isUse?: boolean;
  /** The read of the route, if each read must be in the audit trail before it is shown; see `audited-route.ts`. */
  audited?: AuditedRoute;
  /** Rules of this route, in addition to the rules that count every request. */
  limits?: readonly Rule[];
  /**
   * Starts the lookups of the handler: `(cache) => cache.prefetch(dealPipeline, {})`. The tenant is not verified yet, so
   * the results may be used only in the handler.
   */
  prefetch?(cache: TenantScope['cache'], c: Context<AppEnv>, tenant: TenantScope): void;
}

/**
 * Returns middleware that admits callers with valid credentials and the right, within the limits. The handler gets its
 * caller and the services of its tenant as `c.var.caller` and `c.var.tenant`.
 *
 * Costs 1 request to Redis. Its commands: 1 for an API key and the route's cached data together, or 1 for a session and
 * 1 for the route's cached data; and 1 for each rule. An audited route costs no more: the lookup of the credentials logs
 * the read, for a session in place of its 2 commands.
 * @throws {ProblemError} 401 without valid credentials, 403 without the right or its second factor, 429 beyond a limit,
 * 503 if the credentials cannot be verified right now.
 */
export function gate({
  access,
  limits = [],
  prefetch,
  isUse: isUseOfRoute = true,
  audited,
}: GateOptions): MiddlewareHandler<AppEnv> {
  return async function gate(c, next) {
    const { scope } = c.var;
    const presented = presentedBy(c);
    if (!presented) throw notAuthenticated();
    const { kind, tenant } = presented;
    const claimed = scope.tenant(tenant);
    const rules = [...scope.apiRules, ...limits];
    const isUse = isUseOfRoute && c.get('isUnattended') !== true;
    const read = audited && beginRead(c, audited, tenant);

    const { verdict, caller } = await askOnce({
      limiter: scope.limiter,
      rules,
      subject: subjectOf(c, presented),
      begin: () => presented.begin(scope, claimed, isUse, read?.pending),
      prefetch: () => prefetch?.(claimed.cache, c, claimed),
      // A caller who invents API keys must never cause database queries.
      verifiesRefused: kind !== 'api-key',
    });
    const admit = async () => {
      if (read && caller) setCaller(c, claimed, caller);
      // `X-Cache` shows only the route's reads, not those of the gate.
      scope.reads.length = 0;
      // A user with the right `limits:bypass` passes although a limit is reached, and can repair the cause. API keys
      // never bypass limits.
      const mayBypass = caller?.userId && verdict.reason === 'limited' && allows(caller.rights, 'limits:bypass');
      if (mayBypass) scope.limiter.bypass(rules, subjectOf(c, presented));
      else answerVerdict(c, verdict);
      if (!caller) {
        // The credentials are false, so a stranger may have named this user. The quota of the user is refunded.
        scope.after(() => scope.limiter.refund(verdict));
        scope.log.warn('gate.refused', { tenant, kind });
        throw notAuthenticated();
      }
      setCaller(c, claimed, caller);
      if (access !== undefined) requireRight(caller, access);
      if (isUse && caller.userId !== null) scope.usage.note(tenant, caller.userId);
    };
    if (!read) {
      await admit();
      return next();
    }
    await endRead(c, read, async () => {
      await admit();
      await requireLogged(c, read);
      await next();
    });
  };
}

/** Sets the verified caller. Middleware around the route may note a refusal in the caller's tenant. */
function setCaller(c: Context<AppEnv>, claimed: TenantScope, caller: Caller): void {
  claimed.actorId = caller.userId;
  claimed.apiKeyId = caller.kind === 'api-key' ? caller.id : null;
  c.set('tenant', claimed);
  c.set('caller', caller);
}

/**
 * Refuses callers without a right, and users who need a second factor for the right and have proved none.
 * @param what the subject of the message.
 * @throws {ProblemError} 403 `NOT_ALLOWED` or `SECOND_FACTOR_REQUIRED`
 */
export function requireRight(caller: Caller, right: Right, what = 'This'): void {
  if (!allows(caller.rights, right)) throw new ProblemError(403, 'NOT_ALLOWED', `${what} needs the right ${right}`);
  if (!lacksFactor(caller, right)) return;
  const detail = `${what} needs a sign-in with your second factor; without one, add an authenticator app first`;
  throw new ProblemError(403, 'SECOND_FACTOR_REQUIRED', detail);
}

/** Returns whether a caller has a right, and has proved a second factor if the right needs one. */
export function mayUse(caller: Caller, right: Right): boolean {
  return allows(caller.rights, right) && !lacksFactor(caller, right);
}

/** Returns whether the right needs a second factor, and the caller is a user who has proved none. */
function lacksFactor({ userId, session, grant }: Caller, right: Right): boolean {
  return userId !== null && needsFactor(right) && (session ?? grant)?.factorAt === undefined;
}

function notAuthenticated(): ProblemError {
  const detail = 'Send a valid API key or access token as Authorization: Bearer …, or a session cookie';
  return new ProblemError(401, 'NOT_AUTHENTICATED', detail, {
    headers: { 'www-authenticate': 'Bearer realm="holdfast"' },
  });
}
