/**
 * The drain handles outbox entries that their writers could not handle. A schedule drains the outbox every minute.
 * Requests that used the database drain the outbox too, so that a deployment without the schedule works.
 */
import { createInvalidator } from '../cache/index.ts';
import { type DrainResult, drainOutbox } from '../outbox/index.ts';
import type { BaseScope } from './scope.ts';

/** Drains one batch. 1 query if the outbox is empty. Drains may overlap, because each drain locks its rows. */
export function drainBatch(scope: BaseScope): Promise<DrainResult> {
  const { store, redis, system, outboxHandlers: handlers } = scope;
  return drainOutbox({ store, invalidator: createInvalidator(redis, system), system, handlers });
}

/** The scope of a request that has used the database. */
export interface DrainScope extends BaseScope {
  readonly environment: BaseScope['environment'] & { readonly OUTBOX_DRAIN_INTERVAL_MS: number };
}

/**
 * Creates the function to call at the end of each request that has sent a query. The function drains one batch after
 * the response, at most once per `OUTBOX_DRAIN_INTERVAL_MS`; the first interval begins at `firstRequestAt`. If a drain
 * fails, the failure is logged and the rows stay in the outbox. On Lambda, where no code runs after a response, the
 * response waits for the drain.
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
