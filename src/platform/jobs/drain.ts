/**
 * The drain handles outbox entries that their writers could not handle. A schedule drains the outbox every minute;
 * requests that used the database drain it too, which also serves deployments without a schedule.
 */
import { createInvalidator } from '../cache/index.ts';
import { type DrainResult, drainOutbox } from '../outbox/index.ts';
import { REVOCATION, revocationHandler } from '../sessions/index.ts';
import { jobOutboxHandlers } from './registry.ts';
import type { BaseScope } from './scope.ts';

/** Drains one batch. 1 query if the outbox is empty. Drains may overlap, because each drain locks its rows. */
export function drainBatch(scope: BaseScope): Promise<DrainResult> {
  const { store, redis, system } = scope;
  const handlers = { ...jobOutboxHandlers(scope), [REVOCATION]: revocationHandler(scope) };
  return drainOutbox({ store, invalidator: createInvalidator(redis, system), system, handlers });
}

/** The scope of a request that has used the database. */
export interface DrainScope extends BaseScope {
  readonly environment: BaseScope['environment'] & { readonly OUTBOX_DRAIN_INTERVAL_MS: number };
}

/**
 * Creates the function to call at the end of each request that has sent a query. The function drains one batch after
 * the response, at most once per `OUTBOX_DRAIN_INTERVAL_MS`, for the first time that long after `firstRequestAt`. A
 * failed drain is logged, and its rows stay. On Lambda, where no code runs after a response, the response waits for
 * the drain.
 */
export function drainAfterRequest(): (scope: DrainScope, firstRequestAt: number) => void {
  let lookedAt: number | undefined;
  return (scope, firstRequestAt) => {
    const every = scope.environment.OUTBOX_DRAIN_INTERVAL_MS;
    const now = scope.system.now();
    lookedAt ??= firstRequestAt;
    if (every === 0 || now - lookedAt < every) return;
    lookedAt = now;
    scope.after(async () => {
      const { settled, failed } = await drainBatch(scope);
      if (settled + failed > 0) scope.log.info('outbox.drained', { settled, failed, at: 'request' });
    });
  };
}
