/**
 * The drain handles outbox entries that their writer could not handle itself: every minute by a schedule, and after
 * requests that used the database anyway. The second also covers deployments without a schedule.
 */
import type { MiddlewareHandler } from 'hono';
import { createInvalidator } from '../cache/index.ts';
import { type DrainResult, drainOutbox } from '../outbox/index.ts';
import { REVOCATION, revocationHandler } from '../sessions/index.ts';
import { jobOutboxHandlers } from './registry.ts';
import type { BaseScope } from './scope.ts';

/** Drains one batch. 1 query if the outbox is empty. Rows are locked, so drains may overlap. */
export function drainBatch(scope: BaseScope): Promise<DrainResult> {
  const { store, redis, system } = scope;
  const handlers = { ...jobOutboxHandlers(scope), [REVOCATION]: revocationHandler(scope) };
  return drainOutbox({ store, invalidator: createInvalidator(redis, system), system, handlers });
}

/** The variables of Hono's context that {@link drainAfterRequest} needs. */
export interface DrainEnv {
  Variables: {
    scope: BaseScope & {
      readonly environment: { readonly OUTBOX_DRAIN_INTERVAL_MS: number };
      readonly database: { readonly meter: { readonly queries: number } };
    };
  };
}

/**
 * Drains one batch after the answer to a request that has sent a query: once in `OUTBOX_DRAIN_INTERVAL_MS` at most, for
 * the first time that long after the isolate's first request. A failure is logged, and the rows stay. On Lambda, where
 * nothing runs after an answer, the answer waits for the drain.
 */
export function drainAfterRequest(): MiddlewareHandler<DrainEnv> {
  let lookedAt: number | undefined;
  return async function drainAfterRequest(c, next) {
    const { scope } = c.var;
    const every = scope.environment.OUTBOX_DRAIN_INTERVAL_MS;
    lookedAt ??= scope.system.now();
    await next();
    const now = scope.system.now();
    if (every === 0 || scope.database.meter.queries === 0 || now - lookedAt < every) return;
    lookedAt = now;
    scope.after(async () => {
      const { settled, failed } = await drainBatch(scope);
      if (settled + failed > 0) scope.log.info('outbox.drained', { settled, failed, at: 'request' });
    });
  };
}
