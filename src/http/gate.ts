/**
 * The gate: who are you, may you, and (in the same round trip) what the route will need. From the credentials alone it
 * knows which tenant they claim, so the lookup of the credentials and the lookups of the route's cached data leave
 * together. No handler runs and nothing is loaded before the credentials are verified; what was fetched for a caller
 * who is refused is dropped.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { apiKeyRecord, parseApiKey, verifyApiKey } from './api-key.ts';
import { ProblemError } from './problem.ts';
import { allows, type Right } from './rights.ts';
import type { AppEnv, TenantScope } from './scope.ts';

/** What a route asks of its callers, and what it will read. */
export interface GateOptions {
  /** The right a caller must have. */
  access: Right;
  /** Starts the cached lookups the handler is going to make: `(cache, c) => cache.prefetch(dealPipeline, {})`. */
  prefetch?(cache: TenantScope['cache'], c: Context<AppEnv>): void;
}

/**
 * Lets callers with an API key and the right through, and gives the handler its tenant's services as `c.var.tenant`.
 * @throws {ProblemError} 401 without valid credentials, 403 without the right.
 */
export function gate({ access, prefetch }: GateOptions): MiddlewareHandler<AppEnv> {
  return async function gate(c, next) {
    const scope = c.get('scope');
    const presented = parseApiKey(bearerToken(c.req.header('authorization')) ?? '');
    if (!presented) throw notAuthenticated();

    const claimed = scope.tenant(presented.tenant);
    const lookup = claimed.cache.read(apiKeyRecord, { keyId: presented.keyId });
    prefetch?.(claimed.cache, c);

    const record = await lookup;
    // What the gate itself read is not the route's data.
    scope.reads.length = 0;
    if (!record || !verifyApiKey(presented, record, scope.system.now())) {
      scope.log.warn('gate.refused', { tenant: presented.tenant, keyId: presented.keyId });
      throw notAuthenticated();
    }
    if (!allows(record.rights, access)) {
      throw new ProblemError(403, 'NOT_ALLOWED', `This API key does not have the right ${access}`);
    }
    c.set('tenant', claimed);
    c.set('caller', { kind: 'api-key', id: presented.keyId, userId: null, rights: record.rights });
    await next();
  };
}

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

function notAuthenticated(): ProblemError {
  return new ProblemError(401, 'NOT_AUTHENTICATED', 'Send a valid API key as Authorization: Bearer hf_…', {
    headers: { 'www-authenticate': 'Bearer realm="holdfast"' },
  });
}
