/**
 * The drain handles outbox entries that their writer could not handle itself: every minute by a schedule, and after
 * requests that used the database anyway. The second also covers deployments without a schedule.
 */
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

/** The scope of a request that has used the database. */
export interface DrainScope extends BaseScope {
  readonly environment: BaseScope['environment'] & { readonly OUTBOX_DRAIN_INTERVAL_MS: number };
}

/**
 * Makes the function to call at the end of each request that has sent a query. It drains one batch after the answer:
 * once in `OUTBOX_DRAIN_INTERVAL_MS` at most, for the first time that long after the first of these requests. A failure
 * is logged, and the rows stay. On Lambda, where nothing runs after an answer, the answer waits for the drain.
 */
export function drainAfterRequest(): (scope: DrainScope) => void {
  let lookedAt: number | undefined;
  return (scope) => {
    const every = scope.environment.OUTBOX_DRAIN_INTERVAL_MS;
    const now = scope.system.now();
    lookedAt ??= now;
    if (every === 0 || now - lookedAt < every) return;
    lookedAt = now;
    scope.after(async () => {
      const { settled, failed } = await drainBatch(scope);
      if (settled + failed > 0) scope.log.info('outbox.drained', { settled, failed, at: 'request' });
    });
  };
}
